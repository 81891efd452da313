import {
  Bytes,
  Duration,
  Healthcheck,
  mountFolder,
  mountVolume,
  Network,
  Project,
  Service,
  tmpfs,
  type ImageDigest,
} from '../../compose';
import { receiverPolicyOf, type Receiver } from '../archive/receiver';
import { dataFolder, imageVolumes } from '../database/server';
import { boundedLog, generatedBy } from '../defaults';
import { hostLayout } from '../host-layout';
import type { RenderedFile } from '../rendered-file';
import { StateVolume, synthesizeClassified } from '../state';
import { versionedFolder } from '../versioned-folder';
import { waitBudgets } from '../wait-budgets';
import {
  listenerProgram,
  receiverConfig,
  receiverFiles,
  receiverHome,
  receiverScript,
  sshConfig,
  type DatabaseHost,
} from './script';

export interface ReceiverProps {
  /** Environment whose log it receives. */
  readonly environment: string;
  /** PostgreSQL with pgBackRest, by digest: it has the programs of the database's own version, and OpenSSH's client. */
  readonly image: ImageDigest;
  readonly receiver: Receiver;
  readonly database: DatabaseHost;
  /** Host keys of the database's host: lines of known_hosts under {@link DatabaseHost.alias}. */
  readonly pins: string;
}

/** Names and places of a receiver on its host. */
export const receiverPlace = (environment: string) => {
  const project = `cogni-receiver-${environment}`;
  const service = 'receiver';
  return {
    project,
    service,
    container: `${project}-${service}-1`,
    volume: `${project}_log`,
    /** Of its files. Nothing in it is secret. */
    folder: `${hostLayout.deployState}/receiver/${environment}`,
    program: `${receiverConfig}/${receiverFiles.program}`,
  } as const;
};

/**
 * What receives the log of a database, as a project of its own beside whatever else runs on the host: it is in no network but its own, publishes
 * nothing, and has one key, which can do nothing but fetch the log.
 */
export function receiverProject({ environment, image, receiver, database, pins }: ReceiverProps): Project {
  const place = receiverPlace(environment);
  const project = new Project(undefined, place.project, { generatedBy, logging: boundedLog });
  const out = new Network(project, 'out');
  // It is a copy of what the database has; without it, only what the archive lacks at that moment is at risk.
  const log = new StateVolume(project, 'log', { name: place.volume, state: 'rebuildable' });
  const { room, synchronous } = receiverPolicyOf(receiver);
  const files = versionedFolder(project, 'files', [
    {
      path: receiverFiles.program,
      content: receiverScript(room, synchronous !== undefined),
      mode: 0o755,
    },
    { path: receiverFiles.listener, content: listenerProgram, mode: 0o755 },
    { path: receiverFiles.ssh, content: sshConfig(database) },
    { path: receiverFiles.pins, content: pins },
  ]);
  new Service(project, place.service, {
    image,
    entrypoint: ['/bin/sh', place.program],
    command: ['stream'],
    restart: 'always',
    // What it has received is on the disk already.
    stopGrace: Duration.seconds(5),
    user: 'postgres',
    readOnly: true,
    init: true,
    capabilities: [],
    memory: Bytes.mebibytes(96),
    maxProcesses: 64,
    networks: [out],
    imageVolumes,
    mounts: [
      mountFolder(files, receiverConfig),
      mountVolume(log, receiverHome),
      tmpfs('/tmp', Bytes.mebibytes(1)),
      // The image declares a volume here: without this every new container would leave an anonymous one behind.
      tmpfs(dataFolder, Bytes.mebibytes(1)),
    ],
    healthcheck: new Healthcheck(['/bin/sh', place.program, 'healthy'], {
      interval: Duration.seconds(5),
      timeout: Duration.seconds(5),
      retries: 3,
      startPeriod: Duration.seconds(45),
      waitBudget: waitBudgets.receiver,
    }),
  });
  return project;
}

/** The files of {@link receiverPlace}'s folder. */
export const renderReceiver = (props: ReceiverProps): readonly RenderedFile[] =>
  synthesizeClassified(receiverProject(props));
