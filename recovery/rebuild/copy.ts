import { layout } from '../../deploy/rolling/layout';
import { parseRecords } from '../../deploy/rolling/releases';
import type { ReleaseRecord } from '../../deploy/rolling/record';
import type { RemoteCommand } from '../../deploy/transport';
import { copiedVolumes, hostLayout, sumsFile } from '../../services';

/**
 * Fixed; it runs on the machine of the rebuild, in a container that reaches the storage, and reads the private key from its standard
 * input: no host ever has it. `$2` is the copy, `$3` a part of it. A part is held against the list of checksums first, and only then
 * fetched again and decrypted, piece by piece: age takes no piece that was changed.
 */
const program = `set -eu
umask 077
say() { echo "$*" >&2; exit 1; }
cat >/tmp/identity
get() { pgbackrest --raw repo-get "$1"; }
checked() {
  get "$1/${sumsFile}" >/tmp/sums || say "the list of checksums of $1 is not there"
  want=$(sed -n "s/^\\([0-9a-f]\\{64\\}\\)  $2\\$/\\1/p" /tmp/sums)
  [ -n "$want" ] || say "$2 is not in the list of checksums of $1"
  have=$(get "$1/$2" | sha256sum | cut -c 1-64)
  [ "$want" = "$have" ] || say "$2 of $1 is not what was copied: its checksum is another"
}
part() {
  checked "$1" "$2"
  get "$1/$2" | age --decrypt --identity /tmp/identity || say "$2 of $1 does not open with this key, or is cut off"
}
whole() {
  copy=$1
  shift
  for each in "$@"; do checked "$copy" "$each"; done
}
# The release that served, and every record: nothing else of the host leaves it.
records() {
  part "$1" host.tar.age >/tmp/host.tar
  mkdir /tmp/host
  tar --extract --directory=/tmp/host --no-same-owner --file=/tmp/host.tar
  printf 'current %s\\n' "$(readlink /tmp/host/current || :)"
  find /tmp/host/releases -type f -name '*.json' -exec tail -v -c +1 -- /dev/null {} + 2>/dev/null || :
}
"$@"
`;

/** Writes a part of a copy in clear to its standard output. */
export const openPart = (copy: string, part: string): readonly [string, ...string[]] => [
  '/bin/sh',
  ...['-c', program, 'sh', 'part', copy, part],
];

/** Succeeds where parts of a copy are what was copied; opens none of them. */
export const checkParts = (copy: string, parts: readonly string[]): readonly [string, ...string[]] => [
  '/bin/sh',
  ...['-c', program, 'sh', 'whole', copy, ...parts],
];

/** Prints what {@link parseCopiedRecords} reads. */
export const openRecords = (copy: string): readonly [string, ...string[]] => [
  '/bin/sh',
  ...['-c', program, 'sh', 'records', copy],
];

/** What the records of a host say, out of a copy. */
export interface CopiedRecords {
  /** The release that served when the copy was made; undefined where none did, or its record is missing. */
  readonly serving: ReleaseRecord | undefined;
  readonly releases: readonly ReleaseRecord[];
}

export function parseCopiedRecords(printed: string): CopiedRecords {
  const [first = '', ...rest] = printed.split('\n');
  const [, id] = /^current releases\/(.+)\.json$/.exec(first) ?? [];
  const releases = parseRecords(rest.join('\n'));
  return { serving: releases.find((record) => record.id === id), releases };
}

/** A part of a copy, and how it gets to its place on a host. */
export interface CopiedPart {
  /** In the copy. */
  readonly file: string;
  /** For people. */
  readonly what: string;
  /** What has to be there before it comes. */
  readonly before: readonly RemoteCommand[];
  /** Takes the clear tar from its standard input, and puts it beside its place. */
  readonly receive: RemoteCommand['argv'];
  /** Puts it in its place, once all of it is there. */
  readonly place: readonly RemoteCommand[];
}

/** Milliseconds. */
const quick = 60_000;
const pulling = 15 * 60_000;

/** Where a part waits, in the folder that it belongs to. */
const waiting = '.rebuild';

/** Fixed; it is root in a container without a network, and `/to` is the folder that the part belongs to. Owners come out of the tar, as numbers. */
const receiving = `set -eu
cd /to
rm -rf ${waiting}
mkdir -m 0700 ${waiting}
exec tar --extract --same-owner --numeric-owner --preserve-permissions --directory=${waiting} --file=-`;

/** Everything that came takes the place of what has its name there. */
const replacing = `set -eu
cd /to/${waiting}
for each in * .[!.]*; do
  [ -e "$each" ] || [ -L "$each" ] || continue
  rm -rf "/to/$each"
  mv -T "$each" "/to/$each"
done
cd /to
rmdir ${waiting}
sync`;

/**
 * Of the host's records: releases, and the journal of the runs before. Not the lock, not the link to what serves, which nothing here
 * does yet, and not the marker of the disk, which is another one. A journal that a run on this host has begun goes on, also one that is
 * begun at this very moment by the restore beside it: a link takes the place of nothing. The older one stands beside it.
 */
const keepingRecords = `set -eu
cd /to/${waiting}
chown -R --reference=/to .
mkdir -p /to/releases
chown --reference=/to /to/releases
for each in journal.jsonl journal.jsonl.[0-9]*; do
  [ -f "$each" ] || continue
  if ln "$each" "/to/$each" 2>/dev/null; then rm "$each"; fi
done
if [ -f journal.jsonl ] && [ ! -e /to/journal.jsonl.1 ]; then mv journal.jsonl /to/journal.jsonl.1; fi
for each in releases/*; do
  [ ! -f "$each" ] || [ -e "/to/$each" ] || mv "$each" "/to/$each"
done
sync
cd /to
rm -rf ${waiting}`;

const inFolder = (image: string, folder: string, script: string): RemoteCommand['argv'] => [
  ...(['docker', 'run', '--rm', '--interactive', '--network=none', '--user=root', '--pull=never'] as const),
  `--volume=${folder}:/to`,
  '--entrypoint=/bin/sh',
  image,
  '-c',
  script,
];

const edge = `${layout.edge.project}-${layout.edge.service}-1`;

/**
 * How the parts of a copy get to their places, in this order: the records come last, so that who finds them knows that the rest is there.
 *
 * @param image PostgreSQL with pgBackRest, which the host pulls anyway
 * @param parts of the copy
 */
export function copiedParts(image: string, parts: readonly string[]): readonly CopiedPart[] {
  const docker = (...words: readonly string[]): RemoteCommand => ({
    argv: ['docker', ...words],
    deadline: quick,
  });
  const place = (folder: string, script: string): RemoteCommand => ({
    argv: inFolder(image, folder, script),
    deadline: quick,
  });
  const all: readonly CopiedPart[] = [
    {
      file: 'edge.tar.age',
      what: 'certificates and account of the edge',
      before: [],
      receive: inFolder(image, copiedVolumes.edge, receiving),
      // It holds what it has read in memory, and writes its own files at any time.
      place: [docker('stop', '--time=20', edge), place(copiedVolumes.edge, replacing), docker('start', edge)],
    },
    {
      file: 'sourcecred.tar.age',
      what: 'ledger of SourceCred',
      // Labelled as Compose does it, which takes it for its own later; one that is there stays as it is.
      before: [
        docker(
          'volume',
          'create',
          `--label=com.docker.compose.project=${hostLayout.sourcecred.project}`,
          '--label=com.docker.compose.volume=data',
          copiedVolumes.sourcecred,
        ),
      ],
      receive: inFolder(image, copiedVolumes.sourcecred, receiving),
      place: [place(copiedVolumes.sourcecred, replacing)],
    },
    {
      file: 'host.tar.age',
      what: 'records of the host',
      before: [],
      receive: inFolder(image, layout.deploy.folder, receiving),
      place: [place(layout.deploy.folder, keepingRecords)],
    },
  ];
  return all.filter(({ file }) => parts.includes(file));
}

/** The image in which parts are unpacked; anybody may pull it. */
export const pullForParts = (image: string): RemoteCommand => ({
  argv: ['docker', 'pull', '--quiet', image],
  deadline: pulling,
});

/** Succeeds where the record of a release is on the host. */
export const hasRecord = (id: string): RemoteCommand => ({
  argv: ['test', '-s', `${layout.deploy.releases}/${id}.json`],
  deadline: quick,
});

/** Succeeds where something was deployed to the host: its edge serves visitors then, and is not stopped any more. */
export const servesAlready: RemoteCommand = {
  argv: ['test', '-e', layout.deploy.current],
  deadline: quick,
};
