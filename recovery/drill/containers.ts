import { archive as packed } from '../../deploy/archive';
import type { CopyPlace } from '../../deploy/copy/steps';
import type { Action, Step } from '../../deploy/step';
import type { RemoteCommand } from '../../deploy/transport';
import type { Secret } from '../../foundation/secret';
import {
  copyContents,
  copyFiles,
  copyFolder,
  listLogProgram,
  pgbackrestVariables,
  postgresConfOf,
  type Archive,
} from '../../services';

/** What the containers of a drill are known by. */
export interface DrillName {
  readonly environment: string;
  /** Tells them from those of the same environment that another checkout, or a sandbox, drills on the same engine. @default - there is none */
  readonly checkout?: string;
}

/** Where and of what the throw-away database of a drill is made. */
export interface DrillPlaceProps extends DrillName {
  readonly archive: Archive;
  /** Administrator of the database server: roles come with the copy. */
  readonly administrator: string;
  /** PostgreSQL with pgBackRest, as this machine's engine knows it. @default the archive's image */
  readonly image?: string;
  /** Docker network by which the object storage is reached. @default the engine's own */
  readonly network?: string;
  /** DNS server of the container that reaches it. @default the engine's own */
  readonly dns?: string;
  /** File on the machine of the engine with the authorities to believe in the place of the image's. */
  readonly authorities?: string;
  /**
   * Key and passphrase of the archive in a file, as Docker reads variables.
   * @default - they are in the environment of the process that starts containers, as {@link archiveSecrets}
   */
  readonly keys?: string;
}

/** Key and passphrase of an archive, by the names that pgBackRest reads. */
export const archiveKeys = (key: string, secret: Secret, passphrase: Secret) => ({
  PGBACKREST_REPO1_S3_KEY: key,
  PGBACKREST_REPO1_S3_KEY_SECRET: secret,
  PGBACKREST_REPO1_CIPHER_PASS: passphrase,
});

/** The same for the environment of the process that starts containers: never in an argument. */
export const archiveSecrets = (key: string, secret: Secret, passphrase: Secret): Record<string, string> => ({
  ...archiveKeys(key, secret, passphrase),
  PGBACKREST_REPO1_S3_KEY_SECRET: secret.reveal(),
  PGBACKREST_REPO1_CIPHER_PASS: passphrase.reveal(),
});
const secretNames = [
  'PGBACKREST_REPO1_S3_KEY',
  'PGBACKREST_REPO1_S3_KEY_SECRET',
  'PGBACKREST_REPO1_CIPHER_PASS',
];

const start = 60_000;

/** Hours after which what a drill started ends by itself, should nobody come back to remove it. */
const life = '13h';

/** MiB, for the server of a copy. */
const memoryOfCopy = 1024;

const nameOf = ({ environment, checkout }: DrillName): string =>
  checkout === undefined ? environment : `${environment}-${checkout}`;

const labelOf = (drill: DrillName): string => `dev.cogni.drill=${nameOf(drill)}`;

/** Fixed: whatever carries the label goes. A list that Docker does not give is a failure, and no empty list. */
const removal = `set -eu
containers=$(docker ps --all --quiet --filter="label=$1")
for id in $containers; do docker rm --force --volumes "$id" >/dev/null; done
volumes=$(docker volume ls --quiet --filter="label=$1")
for id in $volumes; do docker volume rm --force "$id" >/dev/null; done`;

/** Removes everything of a drill, also of one that was killed. */
export const removeDrill = (drill: DrillName): RemoteCommand => ({
  argv: ['sh', '-c', removal, 'sh', labelOf(drill)],
  deadline: start,
});

/** @param next what to run when a step fails */
export function drillPlace(drill: DrillName, next: string): CopyPlace & { readonly volume: string } {
  const name = `cogni-drill-${nameOf(drill)}`;
  return {
    volume: name,
    archive: `${name}-archive`,
    server: `${name}-copy`,
    leaves: 'the living database and its archive as they are: a drill only reads, and its copy is removed',
    next,
  };
}

const secured = [
  '--init',
  '--user=postgres',
  '--read-only',
  '--cap-drop=ALL',
  '--security-opt=no-new-privileges',
  '--tmpfs=/tmp',
];

/** Of a container that reaches the archive, and has its key. */
export const reaching = ({
  archive,
  network,
  dns,
  authorities,
  keys,
}: DrillPlaceProps): readonly string[] => [
  ...secured,
  '--memory=512m',
  '--pids-limit=128',
  ...(network === undefined ? [] : [`--network=${network}`]),
  ...(dns === undefined ? [] : [`--dns=${dns}`]),
  // For a path that is not there, `--volume` would make a folder on the machine.
  ...(authorities === undefined
    ? []
    : [`--mount=type=bind,source=${authorities},target=/authorities.crt,readonly`]),
  ...Object.entries(pgbackrestVariables(archive, authorities && '/authorities.crt')).map(
    ([name, value]) => `--env=${name}=${value}`,
  ),
  ...(keys === undefined ? secretNames.map((name) => `--env=${name}`) : [`--env-file=${keys}`]),
];

/** Asks the archive something, in a container that is gone with the answer. */
export const askArchive = (props: DrillPlaceProps, ...words: readonly string[]): RemoteCommand => ({
  argv: [
    'docker',
    'run',
    '--rm',
    `--label=${labelOf(props)}`,
    ...reaching(props),
    '--entrypoint=/bin/sh',
    props.image ?? props.archive.image,
    '-c',
    // Only what lies beside pgBackRest's own files asks for the passphrase in so many words.
    'export PGBACKREST_CIPHER_PASS="$PGBACKREST_REPO1_CIPHER_PASS"; [ "$1" = repo-get ] || unset PGBACKREST_CIPHER_PASS; exec pgbackrest --log-level-console=off "$@"',
    'sh',
    ...words,
  ],
  deadline: 5 * 60_000,
});

/** Asks which log the archive has. */
export const askLog = (props: DrillPlaceProps): RemoteCommand => ({
  argv: [
    ...(['docker', 'run', '--rm', `--label=${labelOf(props)}`, ...reaching(props)] as const),
    '--entrypoint=/bin/sh',
    props.image ?? props.archive.image,
    '-c',
    listLogProgram,
  ],
  deadline: 10 * 60_000,
});

/** Asks the image which PostgreSQL it has, without key and network. */
export const askVersion = (props: DrillPlaceProps): RemoteCommand => ({
  argv: [
    ...(['docker', 'run', '--rm', `--label=${labelOf(props)}`, '--network=none'] as const),
    ...['--entrypoint=postgres', props.image ?? props.archive.image, '--version'],
  ],
  deadline: 5 * 60_000,
});

/** Puts a text into the archive, beside what pgBackRest keeps there. */
export const putIntoArchive = (props: DrillPlaceProps, path: string, text: string): RemoteCommand => {
  const argv = [
    ...['docker', 'run', '--rm', '--interactive', `--label=${labelOf(props)}`, ...reaching(props)],
    ...['--entrypoint=pgbackrest', props.image ?? props.archive.image, 'repo-put', path],
  ] as unknown as RemoteCommand['argv'];
  return { argv, stdin: text, deadline: 5 * 60_000 };
};

/** Fixed: the folder of a copy and what is in it before the copy is. */
const preparation = `set -eu
tar --extract --directory=${copyFolder} --file=-
mkdir -p ${copyFolder}/mail/want ${copyFolder}/mail/have ${copyFolder}/mail/lack
chown -R postgres:postgres ${copyFolder}
chmod 0700 ${copyFolder}`;

/** The files that work on a copy, and a server's configuration for it, into a folder on the Docker host or a volume. */
export const prepareCopy = (image: string, from: string, ...options: readonly string[]): RemoteCommand => ({
  argv: [
    ...(['docker', 'run', '--rm', '--interactive', '--network=none', '--user=root', ...options] as const),
    `--volume=${from}:${copyFolder}`,
    '--entrypoint=/bin/sh',
    image,
    '-c',
    preparation,
  ],
  stdin: packed([
    ...copyContents,
    { path: copyFiles.server, content: postgresConfOf(memoryOfCopy), mode: 0o644 },
  ]),
  deadline: start,
});

/** Two containers: one with the archive's key, which brings, and one with neither key nor network, whose server the copy is. */
export function openStep(props: DrillPlaceProps, place: CopyPlace & { readonly volume: string }): Step {
  const label = `--label=${labelOf(props)}`;
  const image = props.image ?? props.archive.image;
  const volume = `--volume=${place.volume}:${copyFolder}`;
  const detached = (name: string, options: readonly string[], ...words: readonly string[]): Action => ({
    do: 'run',
    command: {
      argv: [
        ...(['docker', 'run', '--detach', '--rm', `--name=${name}`, label, volume, ...options] as const),
        '--entrypoint=timeout',
        image,
        life,
        ...words,
      ],
      deadline: 10 * start,
    },
  });
  return {
    id: 'open',
    name: 'make a throw-away database without a network',
    why: 'beside everything else: a copy must meet neither the world nor the archive that it comes from',
    actions: [
      { do: 'run', command: removeDrill(props) },
      {
        do: 'run',
        command: { argv: ['docker', 'volume', 'create', label, place.volume], deadline: start },
      },
      { do: 'run', command: prepareCopy(image, place.volume, label) },
      detached(place.archive, reaching(props), '/bin/sh', `${copyFolder}/${copyFiles.program}`, 'serve'),
      detached(
        place.server,
        [
          ...secured,
          '--network=none',
          `--memory=${memoryOfCopy}m`,
          '--pids-limit=256',
          `--env=POSTGRES_USER=${props.administrator}`,
        ],
        'sleep',
        'infinity',
      ),
    ],
    undo: [removeDrill(props)],
    leaves: place.leaves,
    next: place.next,
    spends: 'start',
    interruptible: true,
  };
}
