import {
  Bytes,
  ConfigFolder,
  Duration,
  Healthcheck,
  mountFolder,
  mountVolume,
  Service,
  tmpfs,
  Volume,
  type ImageDigest,
  type Network,
  type Project,
} from '../../compose';
import { database, dataFolder, socketFolder } from '../database/server';
import { plainSetting, secretSetting } from '../settings/references';
import { configFolder, startScript, writtenFolder } from './postgres-access';
import { postgresConf } from './postgres-settings';

export interface PostgresProps<Owner extends string> {
  /** PostgreSQL 15, by digest. */
  readonly image: ImageDigest;
  /** Most memory; decides how the server is tuned. */
  readonly memory: Bytes;
  readonly networks: readonly Network<Owner>[];
  /** Gets the server's socket, for the jobs of the administrator. */
  readonly socket: Volume<Owner>;
}

/**
 * Adds the database server. A deploy of the application never recreates it, so its folder of files keeps its name: what
 * changes in there counts from the server's next start on.
 */
export function addPostgres<Owner extends string>(
  project: Project<Owner>,
  { image, memory, networks, socket }: PostgresProps<Owner>,
): Service<Owner, Healthcheck> {
  const data = new Volume(project, 'postgres_data', { name: `${project.name}_postgres_data` });
  const files = new ConfigFolder(project, 'postgres', [
    { path: 'postgresql.conf', content: postgresConf(memory) },
    { path: 'start.sh', content: startScript, mode: 0o755 },
  ]);
  return new Service<Owner, Healthcheck>(project, database.host, {
    image,
    entrypoint: ['/bin/sh', `${configFolder}/start.sh`],
    restart: 'always',
    // The image's own signal: it ends connections and writes everything down.
    stopSignal: 'SIGINT',
    stopGrace: Duration.minutes(1),
    readOnly: true,
    // What the image's entrypoint needs to hand the data folder over to the server's user and become it.
    capabilities: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID'],
    memory,
    // A process for each connection, and the server's own.
    maxProcesses: 256,
    // Where parallel queries meet.
    sharedMemory: memory.times(0.25),
    networks,
    mounts: [
      mountVolume(data, dataFolder),
      mountVolume(socket, socketFolder),
      mountFolder(files, configFolder),
      tmpfs(writtenFolder, Bytes.mebibytes(1)),
      tmpfs('/tmp', Bytes.mebibytes(16)),
    ],
    environment: {
      POSTGRES_USER: plainSetting('POSTGRES_ROOT_USER'),
      POSTGRES_PASSWORD: secretSetting('POSTGRES_ROOT_PASSWORD'),
      POSTGRES_DB: 'postgres',
      // Checksums tell a broken disk from a broken program. C.UTF-8 sorts alike for ever: another C library's order
      // would break the indexes silently.
      POSTGRES_INITDB_ARGS: '--data-checksums --encoding=UTF8 --locale=C.UTF-8',
    },
    // Over TCP: while the data folder is made, the entrypoint's first server answers on the socket only.
    healthcheck: new Healthcheck(
      ['pg_isready', '-q', '-h', '127.0.0.1', '-U', plainSetting('POSTGRES_ROOT_USER'), '-d', 'postgres'],
      {
        interval: Duration.seconds(3),
        timeout: Duration.seconds(5),
        retries: 5,
        startPeriod: Duration.minutes(2),
      },
    ),
  });
}
