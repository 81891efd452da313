import { generatedBy } from '../defaults';
import { dataFolder, socketFolder } from '../database/server';
import { endpointOf, policyOf, type Archive } from './archive';
import { archiveFolder, stanza } from './bucket';

/**
 * Where pgBackRest in a container of the database keeps what it needs while it runs. Below `/tmp`, a memory that everybody may
 * write into at every start: one over a folder that the image has not is root's alone when the container is started again
 * (Docker makes the folder at the first start, and a later memory takes over its bits).
 */
export const runningFolder = '/tmp/pgbackrest';

/** Has to be there before pgBackRest starts. */
export const logFolder = '/tmp';

/** The host's list of certificate authorities, which is mounted over the image's own. */
export const authoritiesFolder = '/etc/ssl/certs';

type Sections = Readonly<Record<string, Readonly<Record<string, string | number>>>>;

/** How a folder of the bucket is reached. */
export function storageOptions(archive: Archive, folder: string): Sections[string] {
  const { host, port } = endpointOf(archive.endpoint);
  return {
    'repo1-type': 's3',
    'repo1-path': `/${folder}`,
    'repo1-s3-endpoint': host,
    'repo1-storage-port': port,
    'repo1-s3-bucket': archive.bucket,
    'repo1-s3-region': archive.region,
    // Takes every server: the other style puts the bucket into the name, which a certificate has to know.
    'repo1-s3-uri-style': 'path',
    'repo1-storage-ca-file': `${authoritiesFolder}/ca-certificates.crt`,
    // A server that does not answer is known as such in seconds: the default is a minute for each attempt.
    'io-timeout': 10,
  };
}

/** The text of a configuration file; names and sections as pgBackRest's documentation has them ("Configuration Reference"). */
export function configurationText(sections: Sections): string {
  const text = Object.entries(sections).map(
    ([section, options]) =>
      `[${section}]\n${Object.entries(options)
        .map(([name, value]) => `${name}=${value}\n`)
        .join('')}`,
  );
  return `# ${generatedBy}\n${text.join('\n')}`;
}

/** The configuration file of pgBackRest 2.45. */
export function pgbackrestConf(archive: Archive): string {
  return configurationText({
    global: {
      ...storageOptions(archive, archiveFolder),
      'repo1-cipher-type': 'aes-256-cbc',
      'repo1-bundle': 'y',
      // The host removes nothing: what is kept is decided, and done, elsewhere.
      'repo1-retention-full': 9_999_999,
      'compress-type': 'zst',
      'process-max': 2,
      'start-fast': 'y',
      'lock-path': `${runningFolder}/lock`,
      'log-path': logFolder,
      'log-level-console': 'warn',
      'log-level-stderr': 'off',
      // Why the archive does not take anything stands only there.
      'log-level-file': 'warn',
    },
    'global:archive-push': {
      'archive-async': 'y',
      'spool-path': `${runningFolder}/spool`,
      'archive-push-queue-max': `${policyOf(archive).backlog}MiB`,
      // A server that stops tries three times, and has a minute in all before it is killed.
      'archive-timeout': 15,
    },
    [stanza]: { 'pg1-path': dataFolder, 'pg1-socket-path': socketFolder },
  });
}

/**
 * The same as variables, for a container that has no such file: where the archive is, how it is encrypted, and how long is waited.
 *
 * @param authorities file with the certificates that are believed, in the container. @default the image's own
 */
export function pgbackrestVariables(
  archive: Archive,
  authorities?: string,
): Readonly<Record<string, string>> {
  const [, section = ''] = /\[global\]\n([^[]*)/.exec(pgbackrestConf(archive)) ?? [];
  const options = section
    .trim()
    .split('\n')
    .map((line): readonly [string, string] => [
      line.slice(0, line.indexOf('=')),
      line.slice(line.indexOf('=') + 1),
    ])
    .map(([name, value]): readonly [string, string] =>
      name === 'repo1-storage-ca-file' && authorities !== undefined ? [name, authorities] : [name, value],
    );
  return Object.fromEntries([
    ['PGBACKREST_STANZA', stanza],
    ...options.map(([name, value]) => [`PGBACKREST_${name.toUpperCase().replaceAll('-', '_')}`, value]),
  ]) as Record<string, string>;
}

/** What `postgresql.conf` has for it (PostgreSQL documentation, 20.5.3 "Archiving"). */
export const archivingSettings = (archive: Archive): Readonly<Record<string, string>> => ({
  archive_mode: 'on',
  archive_command: 'pgbackrest archive-push %p',
  archive_timeout: `${policyOf(archive).timeout}s`,
});
