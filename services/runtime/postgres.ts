import {
  Bytes,
  ConfigFolder,
  Duration,
  Healthcheck,
  mountFolder,
  mountHostDirectory,
  mountVolume,
  Service,
  text,
  tmpfs,
  type ConfigFile,
  type EnvironmentValue,
  type ImageDigest,
  type Network,
  type Project,
  type Volume,
} from '../../compose';
import type { Archive } from '../archive/archive';
import { checkpointConfig } from '../archive/checkpoint';
import { archivingSettings, authoritiesFolder, pgbackrestConf } from '../archive/configuration';
import { receivingSettings, receiverPolicyOf, received, type Receiver } from '../archive/receiver';
import { bridgeProgram, watcherProgram } from '../archive/receiver-programs';
import { backupScript } from '../archive/script';
import { pgbackrestEnvironment } from '../archive/service';
import { database, dataFolder, imageVolumes, readinessQuestion, socketFolder } from '../database/server';
import { hostLayout } from '../host-layout';
import { servingShares } from '../processor-shares';
import { plainSetting, secretSetting } from '../settings/references';
import { versionedFolder } from '../versioned-folder';
import { configFolder, startScript, watchedFile, writtenFolder } from './postgres-access';
import { postgresConf } from './postgres-settings';
import { waitBudgets } from '../wait-budgets';

export interface PostgresProps<Owner extends string> {
  /** PostgreSQL 15, by digest. */
  readonly image: ImageDigest;
  /** Most memory; decides how the server is tuned. */
  readonly memory: Bytes;
  readonly networks: readonly Network<Owner>[];
  /** Holds everything that it keeps. */
  readonly data: Volume<Owner>;
  /** Gets the server's socket, for the jobs of the administrator. */
  readonly socket: Volume<Owner>;
  readonly files: ConfigFolder<Owner>;
  /** Where its log is archived. One of its networks must then have a way out. @default - nowhere */
  readonly archive?: Archive;
}

/** Beside `compose.yaml`. */
export const postgresFolder = 'postgres';

/**
 * The files that the server is started with. A deploy of the application does not recreate the server, so their folder keeps
 * its name: what changes in there counts from the server's next start on. One that is archived is restarted when its files
 * change ({@link archiveLabel}), so its folder has the name of its content.
 */
export function postgresFiles<Owner extends string>(
  project: Project<Owner>,
  memory: Bytes,
  archive: Archive | undefined,
): ConfigFolder<Owner> {
  const receiver = archive?.receiver;
  const start: ConfigFile = {
    path: 'start.sh',
    content: startScript(environmentOf(archive), receiver),
    mode: 0o755,
  };
  if (archive === undefined) {
    return new ConfigFolder(project, postgresFolder, [
      { path: 'postgresql.conf', content: postgresConf(memory) },
      start,
    ]);
  }
  return versionedFolder(project, postgresFolder, [
    {
      path: 'postgresql.conf',
      content: postgresConf(memory, {
        ...archivingSettings(archive),
        ...(receiver && receivingSettings(receiver, watchedFile)),
      }),
    },
    start,
    { path: 'pgbackrest.conf', content: pgbackrestConf(archive) },
    { path: 'backup.sh', content: backupScript(archive), mode: 0o755 },
    ...checkpointConfig,
    ...(receiver ? receiverFiles(receiver) : []),
  ]);
}

/** What the key of a receiver runs on the host of the database, and nothing else. */
export const receiverCommand = [
  'docker',
  'exec',
  '--interactive',
  `--user=${received.user}`,
  `${hostLayout.runtime.project}-${database.host}-1`,
  'perl',
  `${configFolder}/${received.bridge}`,
] as const;

/** What a server has for a receiver of its log. */
const receiverFiles = (receiver: Receiver): readonly ConfigFile[] => {
  const { synchronous, patience } = receiverPolicyOf(receiver);
  return [
    { path: received.bridge, content: bridgeProgram, mode: 0o755 },
    ...(synchronous === 'while-there'
      ? [{ path: received.watcher, content: watcherProgram(watchedFile, patience), mode: 0o755 }]
      : []),
  ];
};

/** On the container of a server that is archived: its folder of files and the key that it shows to the archive. */
export const archiveLabel = 'dev.cogni.archive';

const environmentOf = (archive: Archive | undefined): Readonly<Record<string, EnvironmentValue>> => ({
  POSTGRES_USER: plainSetting('POSTGRES_ROOT_USER'),
  POSTGRES_PASSWORD: secretSetting('POSTGRES_ROOT_PASSWORD'),
  POSTGRES_DB: 'postgres',
  ...(archive === undefined ? {} : pgbackrestEnvironment(configFolder)),
  // Checksums tell a broken disk from a broken program. C.UTF-8 sorts alike for ever: another C library's order
  // would break the indexes silently.
  POSTGRES_INITDB_ARGS: '--data-checksums --encoding=UTF8 --locale=C.UTF-8',
});

/** Adds the database server. */
export function addPostgres<Owner extends string>(
  project: Project<Owner>,
  { image, memory, networks, data, socket, files, archive }: PostgresProps<Owner>,
): Service<Owner, Healthcheck> {
  return new Service<Owner, Healthcheck>(project, database.host, {
    image,
    ...(archive === undefined
      ? {}
      : {
          labels: { [archiveLabel]: text`${files.name} ${plainSetting('ARCHIVE_KEY')}` },
          // pgBackRest sends from processes of their own. When one of them fails, its code would reach the server as that of a
          // process of its own, if the server were the container's first: it takes that for a crash, and ends all connections.
          init: true,
        }),
    entrypoint: ['/bin/sh', `${configFolder}/start.sh`],
    restart: 'always',
    // The image's own signal: it ends connections and writes everything down.
    stopSignal: 'SIGINT',
    stopGrace: Duration.minutes(1),
    readOnly: true,
    // What the image's entrypoint needs to hand the data folder over to the server's user and become it.
    capabilities: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID'],
    memory,
    cpuShares: servingShares,
    // A process for each connection, and the server's own.
    maxProcesses: 256,
    // Where parallel queries meet.
    sharedMemory: memory.times(0.25),
    networks,
    imageVolumes,
    mounts: [
      mountVolume(data, dataFolder),
      mountVolume(socket, socketFolder),
      mountFolder(files, configFolder),
      tmpfs(writtenFolder, Bytes.mebibytes(1)),
      // pgBackRest's locks and marks are there too. They are no other container's: one sends the log, one makes backups.
      tmpfs('/tmp', Bytes.mebibytes(archive === undefined ? 16 : 32)),
      ...(archive === undefined ? [] : [mountHostDirectory(authoritiesFolder, authoritiesFolder)]),
    ],
    environment: environmentOf(archive),
    healthcheck: new Healthcheck([...readinessQuestion], {
      interval: Duration.seconds(3),
      timeout: Duration.seconds(5),
      retries: 5,
      startPeriod: Duration.minutes(5),
      waitBudget: waitBudgets.postgres,
    }),
  });
}
