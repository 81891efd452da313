import { run, type Command, type Output, type Run } from '../../foundation/process';
import type { Secret } from '../../foundation/secret';
import {
  archiveFolder,
  copiesFolder,
  listLogProgram,
  stanza,
  storageOptions,
  type Archive,
} from '../../services';

/** A word of ours in the place of pgBackRest's: prints which log the archive has (`listLogProgram`). */
export const listLog = 'list-log';

/** Runs pgBackRest, or {@link listLog}, on this machine, away from every host: in a container of the archive's own image. */
export type PgbackrestAway = (
  where: 'archive' | 'copies',
  words: readonly string[],
  options?: Readonly<Record<string, string | number>>,
) => Promise<Output>;

export interface AwayProps {
  readonly archive: Archive;
  readonly key: string;
  readonly secret: Secret;
  readonly passphrase: Secret;
  /** File of the certificate authorities that this machine trusts (PEM). */
  readonly authorities: string;
  /** Address of the storage, where this machine's system does not know its name. @default - the system is asked */
  readonly address?: string | undefined;
  readonly runProgram?: Run;
}

/** Milliseconds for one command, which may remove some thousand objects. */
const deadline = 60 * 60_000;

const variable = (option: string): string => `PGBACKREST_${option.toUpperCase().replaceAll('-', '_')}`;

/** Runs pgBackRest by itself: what it is asked is its arguments. */
export const pgbackrestAway =
  (props: AwayProps): PgbackrestAway =>
  (where, words, more = {}) =>
    (props.runProgram ?? run)(
      awayCommand(
        props,
        where,
        words[0] === listLog ? ['/bin/sh', '-c', listLogProgram] : ['pgbackrest', ...words],
        { options: more },
      ),
    );

/**
 * A program in a container of the archive's own image on this machine, which finds the storage as pgBackRest's own.
 *
 * The container has nothing but memory to write to. All options reach it by its environment, secrets too: an argument is
 * public on this machine, so Docker is told names alone and takes the values from its own environment.
 *
 * @param more.options of pgBackRest, beyond those of the storage
 * @param more.interactive its standard input is handed on
 */
export function awayCommand(
  { archive, key, secret, passphrase, authorities, address }: Omit<AwayProps, 'runProgram'>,
  where: 'archive' | 'copies',
  [program, ...words]: readonly [string, ...string[]],
  more: {
    readonly options?: Readonly<Record<string, string | number>>;
    readonly interactive?: boolean;
  } = {},
): Command {
  const host = archive.endpoint.split(':')[0] ?? '';
  const options = {
    ...storageOptions(archive, where === 'archive' ? archiveFolder : copiesFolder),
    ...(where === 'archive' ? { 'repo1-cipher-type': 'aes-256-cbc' } : {}),
    'repo1-retention-full': 9_999_999,
    stanza,
    'pg1-path': '/var/lib/postgresql/data',
    'lock-path': '/tmp/lock',
    'log-path': '/tmp',
    'log-level-file': 'off',
    'log-level-console': 'off',
    'log-level-stderr': 'warn',
    ...more.options,
  };
  const env = {
    ...Object.fromEntries(Object.entries(options).map(([name, value]) => [variable(name), String(value)])),
    PGBACKREST_REPO1_S3_KEY: key,
    PGBACKREST_REPO1_S3_KEY_SECRET: secret.reveal(),
    ...(where === 'archive' ? { PGBACKREST_REPO1_CIPHER_PASS: passphrase.reveal() } : {}),
  };
  return {
    argv: [
      ...(['docker', 'run', '--rm'] as const),
      ...(more.interactive ? ['--interactive'] : []),
      '--user=postgres',
      '--read-only',
      '--cap-drop=ALL',
      '--security-opt=no-new-privileges',
      '--tmpfs=/tmp',
      '--network=host',
      ...(address === undefined ? [] : [`--add-host=${host}:${address}`]),
      `--volume=${authorities}:/etc/ssl/certs/ca-certificates.crt:ro`,
      ...Object.keys(env).map((name) => `--env=${name}`),
      `--entrypoint=${program}`,
      archive.image,
      ...words,
    ],
    env,
    deadline,
  };
}
