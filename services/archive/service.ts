import {
  Bytes,
  Duration,
  Healthcheck,
  mountFolder,
  mountHostDirectory,
  mountVolume,
  Service,
  tmpfs,
  type ConfigFolder,
  type Dependency,
  type EnvironmentValue,
  type ImageDigest,
  type Network,
  type Project,
  type Volume,
} from '../../compose';
import { dataFolder, imageVolumes, socketFolder } from '../database/server';
import { plainSetting, secretSetting } from '../settings/references';
import { stanza } from './bucket';
import { authoritiesFolder } from './configuration';
import { waitBudgets } from '../wait-budgets';

/** The container that makes backups; `program` is its script inside. */
export const backup = { host: 'backup', program: '/etc/cogni-postgres/backup.sh' } as const;

/** What pgBackRest is told by settings. The key and the passphrase stand in no file of the host but `.env`. */
const pgbackrestSettings = {
  PGBACKREST_PG1_USER: plainSetting('POSTGRES_ROOT_USER'),
  PGBACKREST_REPO1_S3_KEY: plainSetting('ARCHIVE_KEY'),
  PGBACKREST_REPO1_S3_KEY_SECRET: secretSetting('ARCHIVE_SECRET'),
  PGBACKREST_REPO1_CIPHER_PASS: secretSetting('ARCHIVE_PASSPHRASE'),
};

/** What the program that makes backups is told by settings. */
export const backupSettings = { POSTGRES_USER: plainSetting('POSTGRES_ROOT_USER'), ...pgbackrestSettings };

/**
 * What pgBackRest reads from its environment, in the server's container and in the one that makes backups.
 */
export const pgbackrestEnvironment = (configFolder: string): Readonly<Record<string, EnvironmentValue>> => ({
  PGBACKREST_CONFIG: `${configFolder}/pgbackrest.conf`,
  PGBACKREST_STANZA: stanza,
  ...pgbackrestSettings,
});

export interface BackupProps<Owner extends string> {
  /** The server's own image, by digest. */
  readonly image: ImageDigest;
  /** The server's files: its configuration, pgBackRest's and the program. */
  readonly files: ConfigFolder<Owner>;
  readonly configFolder: string;
  readonly data: Volume<Owner>;
  /** Holds the server's socket, through which the administrator is let in. */
  readonly socket: Volume<Owner>;
  /** One with a way out. */
  readonly networks: readonly Network<Owner>[];
  readonly dependsOn: readonly Dependency<Owner>[];
}

/**
 * Adds what makes backups: a container beside the server, with the server's data to read and its socket to talk to it.
 * What it takes of memory and processor is its own, and it can be stopped at any time: a backup that was cut off is gone
 * on with by the next one.
 */
export const addBackup = <Owner extends string>(
  project: Project<Owner>,
  { image, files, configFolder, data, socket, networks, dependsOn }: BackupProps<Owner>,
): Service<Owner, Healthcheck> =>
  new Service<Owner, Healthcheck>(project, backup.host, {
    image,
    entrypoint: ['/bin/sh', backup.program],
    command: ['schedule'],
    restart: 'always',
    stopGrace: Duration.seconds(10),
    user: 'postgres',
    readOnly: true,
    init: true,
    capabilities: [],
    memory: Bytes.mebibytes(384),
    maxProcesses: 64,
    networks,
    imageVolumes,
    mounts: [
      mountFolder(files, configFolder),
      mountVolume(data, dataFolder, { readOnly: true }),
      mountVolume(socket, socketFolder),
      mountHostDirectory(authoritiesFolder, authoritiesFolder),
      // Lists of the archive's files are kept there while they are read, beside pgBackRest's own.
      tmpfs('/tmp', Bytes.mebibytes(80)),
    ],
    dependsOn,
    environment: { ...backupSettings, ...pgbackrestEnvironment(configFolder) },
    healthcheck: new Healthcheck(['/bin/sh', backup.program, 'healthy'], {
      interval: Duration.seconds(5),
      timeout: Duration.seconds(5),
      retries: 2,
      startPeriod: Duration.seconds(90),
      waitBudget: waitBudgets.backup,
    }),
  });
