import { run, type Output, type Run } from '../../foundation/process';
import type { Secret } from '../../foundation/secret';
import { archiveFolder, copiesFolder, stanza, storageOptions, type Archive } from '../../services';

/** Runs pgBackRest on this machine, away from every host: in a container of the archive's own image. */
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

/**
 * The container has nothing but memory to write to. All options reach it by its environment, secrets too: an argument is
 * public on this machine, so Docker is told names alone and takes the values from its own environment.
 */
export function pgbackrestAway(props: AwayProps): PgbackrestAway {
  const { archive, authorities, address, runProgram = run } = props;
  const host = archive.endpoint.split(':')[0] ?? '';
  return (where, words, more = {}) => {
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
      ...more,
    };
    const env = {
      ...Object.fromEntries(Object.entries(options).map(([name, value]) => [variable(name), String(value)])),
      PGBACKREST_REPO1_S3_KEY: props.key,
      PGBACKREST_REPO1_S3_KEY_SECRET: props.secret.reveal(),
      ...(where === 'archive' ? { PGBACKREST_REPO1_CIPHER_PASS: props.passphrase.reveal() } : {}),
    };
    return runProgram({
      argv: [
        'docker',
        'run',
        '--rm',
        '--user=postgres',
        '--read-only',
        '--cap-drop=ALL',
        '--security-opt=no-new-privileges',
        '--tmpfs=/tmp',
        '--network=host',
        ...(address === undefined ? [] : [`--add-host=${host}:${address}`]),
        `--volume=${authorities}:/etc/ssl/certs/ca-certificates.crt:ro`,
        ...Object.keys(env).map((name) => `--env=${name}`),
        '--entrypoint=pgbackrest',
        archive.image,
        ...words,
      ],
      env,
      deadline,
    });
  };
}
