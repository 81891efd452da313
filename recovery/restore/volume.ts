import { z } from 'zod';
import { quick } from '../../deploy/rolling/commands';
import { layout } from '../../deploy/rolling/layout';
import type { RemoteCommand } from '../../deploy/transport';
import { copyFiles } from '../../services';

/** The volume that holds the database of a host (`services/runtime/runtime.ts`). */
export const databaseVolume = `${layout.runtime.project}_postgres_data`;

/** Milliseconds: what is removed may have many files. */
const long = 20 * 60_000;

/** What a restore was begun for: written before anything else of it, so that one that was cut off is known again. */
const orderForm = z.object({
  v: z.literal(1),
  /** Of the restore; names what was there before it. */
  id: z.string().regex(/^\d{8}T\d{6}Z$/),
  /** As a person wrote it (`targetWord`). */
  target: z.string(),
  /** Label of the backup that it began from. */
  backup: z.string(),
});
export type RestoreOrder = Readonly<z.infer<typeof orderForm>>;

/** `20261121T120000Z`: of the moment when it was begun. */
export const restoreId = (at: Date): string => at.toISOString().replaceAll(/[-:]|\.\d+/g, '');

/** @returns undefined for a text that is no id of a restore */
export const isRestoreId = (text: string): boolean => orderForm.shape.id.safeParse(text).success;

/** The folder of the database's volume as it was found. */
export interface VolumeState {
  /** As it was printed: compared again under the lock. */
  readonly printed: string;
  /** What the server finds: nothing at all (a restore was cut off between its renames, or there is no volume), an empty folder, or data. */
  readonly data: 'missing' | 'empty' | 'full';
  /** What the restore that lies there was begun for; undefined where none does. */
  readonly order: RestoreOrder | undefined;
  /** There is a copy that has not taken the place of the data. */
  readonly copy: boolean;
  /** It was brought to its target, compared, and ended: nothing is left to do but to put it into its place. */
  readonly ready: boolean;
  /** The data were backed up when it was ready, or when one before it was. */
  readonly saved: boolean;
  /** There were no data when it was begun. */
  readonly bare: boolean;
  /** What the last restore that has put data there was begun for: it lies beside them for as long as they do. */
  readonly brought: RestoreOrder | undefined;
  /** Data that are kept: `before-<id>`, and `undone-<id>` of a restore that was taken back. */
  readonly kept: readonly string[];
}

/**
 * Fixed. It is root in a container without a network, and works in the folder of a volume, where Docker keeps the data in `_data`. A restore puts
 * its copy beside them (`restored/`), so what takes the place of what is a rename, and takes no time however large the data are.
 */
export const volumeProgram = `set -eu
say() { echo "$*" >&2; exit 1; }

# $1: name of the volume, below the mounted folder of all.
look() {
  [ -d "$1" ] || { echo 'data missing'; return 0; }
  cd "$1"
  if [ ! -d _data ]; then echo 'data missing'
  elif [ -z "$(ls -A _data)" ]; then echo 'data empty'
  else echo 'data full'; fi
  [ ! -s restored/order.json ] || { printf 'order '; cat restored/order.json; }
  [ ! -d restored/data ] || echo copy
  [ ! -e restored/ready ] || echo ready
  [ ! -e restored/saved ] || echo saved
  [ ! -e restored/bare ] || echo bare
  [ ! -s brought.json ] || { printf 'brought '; cat brought.json; }
  for kept in before-* undone-*; do [ ! -d "$kept" ] || echo "kept $kept"; done
}

# Whose data lie there is known when nothing else is left of the restore that has put them there. Not even a loss of power leaves a copy that is half
# removed and looks ready.
clean() {
  if [ -e restored/ready ] && [ ! -d restored/${copyFiles.data} ] && [ -s restored/order.json ]; then mv -f restored/order.json brought.json; fi
  rm -f restored/ready
  sync
  rm -rf restored
}

# All but that the data were backed up, and when they were stopped after that.
drop() {
  rm -f restored/ready
  sync
  for each in restored/*; do
    case $each in restored/saved | restored/stopped) ;; *) rm -rf "$each" ;; esac
  done
}

# What was begun before is begun anew. $1: \`saved\` where the data were backed up, and have not changed since.
begin() {
  if [ "$1" = saved ]; then drop; else clean; mkdir -m 0755 restored; fi
  [ -n "$(ls -A _data 2>/dev/null)" ] || { : >restored/bare; rm -f brought.json; }
  cat >restored/order.next
  mv restored/order.next restored/order.json
}

ready() { sync; : >restored/ready; sync; }
saved() { : >restored/saved; }
# Also when a restore is taken back, of which nothing may be left beside the data.
stopped() { [ ! -d restored ] || : >restored/stopped; }

# A file that a server has written to the data, or to the copy in their place, since that was ready, or the data were backed up: the first, or nothing. What it wrote until a
# restore had stopped it, its end included, does not count; each start, commit and checkpoint afterwards is in one of these folders.
written() {
  mark=restored/ready
  [ -e "$mark" ] || mark=restored/saved
  [ ! -e restored/stopped ] || mark=restored/stopped
  for folder in _data/pg_wal _data/global; do
    # A server that runs takes pieces of its log away while they are looked at.
    [ ! -d "$folder" ] || find "$folder" -ignore_readdir_race -newer "$mark" -type f -print -quit
  done
}

# Both renames, or what is left of them. Nothing is kept of an empty folder.
switch() {
  [ -e restored/ready ] || say 'there is no copy that could take the place of the data'
  if [ -d restored/${copyFiles.data} ]; then
    if [ -d _data ] && ! rmdir _data 2>/dev/null; then
      [ ! -e "before-$1" ] || say "before-$1 is there already"
      mv -T _data "before-$1"
    fi
    mv -T restored/${copyFiles.data} _data
  fi
  sync
}

# $2: where the restored data go: they have been another server's since.
back() {
  if grep -qsF '"id":"'"$1"'"' brought.json; then rm -f brought.json; fi
  if [ -d "before-$1" ]; then
    [ ! -d _data ] || { rm -f restored/ready; mv -T _data "$2"; }
    mv -T "before-$1" _data
  elif [ -e restored/ready ] && [ ! -d restored/${copyFiles.data} ] && [ -d _data ]; then
    rm -f restored/ready
    mv -T _data "$2"
    mkdir _data
  fi
  sync
}

# Takes back what took a restore back.
forth() {
  if [ -d "undone-$1" ]; then
    [ ! -d _data ] || mv -T _data "before-$1"
    mv -T "undone-$1" _data
  fi
  sync
}

abandon() { [ -e restored/ready ] || if [ -e restored/saved ]; then drop; else rm -rf restored; fi; }
forget() { rm -rf "before-$1" "undone-$1"; }

"$@"
`;

/** Runs a word of {@link volumeProgram}. */
const inVolume = (
  image: string,
  mounted: string,
  words: readonly [string, ...string[]],
  more: { readonly stdin?: string; readonly deadline?: number; readonly readOnly?: boolean } = {},
): RemoteCommand => ({
  argv: [
    ...(['docker', 'run', '--rm', '--network=none', '--user=root'] as const),
    ...(more.stdin === undefined ? [] : ['--interactive']),
    `--volume=${mounted}:/volume${more.readOnly ? ':ro' : ''}`,
    '--workdir=/volume',
    '--entrypoint=/bin/sh',
    image,
    '-c',
    volumeProgram,
    'sh',
    ...words,
  ],
  ...(more.stdin === undefined ? {} : { stdin: more.stdin }),
  deadline: more.deadline ?? quick,
});

/** Where Docker keeps everything: its volumes are in a folder of it (`docker volume inspect`, Mountpoint). */
export const askDockerFolder: RemoteCommand = {
  argv: ['docker', 'info', '--format={{.DockerRootDir}}'],
  deadline: quick,
};

/** What is done to the volume of a host. @param volumes folder of all volumes on the machine of the engine */
export function volumeCommands(image: string, volumes: string) {
  const folder = `${volumes}/${databaseVolume}`;
  const run = (word: string, ...words: readonly string[]): RemoteCommand =>
    inVolume(image, folder, [word, ...words], { deadline: long });
  return {
    /** On the machine of the engine. */
    folder,
    copy: `${folder}/restored`,
    look: inVolume(image, volumes, ['look', databaseVolume], { readOnly: true }),
    /** Bytes that are free where the volume is. */
    free: inVolume(image, volumes, ['df', '--output=avail', '--block-size=1', '.'], { readOnly: true }),
    /** Labelled as Compose does it, which takes it for its own later; one that is there stays as it is. */
    make: {
      argv: [
        'docker',
        'volume',
        'create',
        `--label=com.docker.compose.project=${layout.runtime.project}`,
        '--label=com.docker.compose.volume=postgres_data',
        databaseVolume,
      ],
      deadline: quick,
    } satisfies RemoteCommand,
    /** @param saved the data were backed up, and have not changed since: that stays noted */
    begin: (order: RestoreOrder, saved: boolean): RemoteCommand =>
      inVolume(image, folder, ['begin', saved ? 'saved' : 'unsaved'], {
        stdin: `${JSON.stringify(order)}\n`,
        deadline: long,
      }),
    ready: run('ready'),
    saved: run('saved'),
    stopped: run('stopped'),
    /** Prints nothing while no server has written to the data, or to the copy in their place, since that was ready (where none is: since the data were backed up), or since a restore had stopped it. */
    written: run('written'),
    switch: (id: string) => run('switch', id),
    /** Takes {@link switch} back in the run that did it. */
    back: (id: string) => run('back', id, 'restored/data'),
    /** Takes a restore back: what it had brought is kept as well. */
    undo: (id: string) => run('back', id, `undone-${id}`),
    redo: (id: string) => run('forth', id),
    abandon: run('abandon'),
    clean: run('clean'),
    forget: (id: string) => run('forget', id),
  } as const;
}
export type VolumeCommands = ReturnType<typeof volumeCommands>;

/** Reads what `look` printed. A text that is no order counts as none: what lies there is begun anew. */
export function parseVolume(printed: string): VolumeState {
  const lines = printed.trim().split('\n');
  const after = (word: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const [data] = after('data');
  return {
    printed: printed.trim(),
    data: data === 'full' || data === 'empty' ? data : 'missing',
    order: orderIn(after('order')[0]),
    copy: lines.includes('copy'),
    ready: lines.includes('ready'),
    saved: lines.includes('saved'),
    bare: lines.includes('bare'),
    brought: orderIn(after('brought')[0]),
    kept: after('kept'),
  };
}

function orderIn(text: string | undefined): RestoreOrder | undefined {
  if (text === undefined) return undefined;
  try {
    return orderForm.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
