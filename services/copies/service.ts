import {
  Bytes,
  Duration,
  ExternalVolume,
  Healthcheck,
  mountFolder,
  mountHostDirectory,
  mountVolume,
  Service,
  tmpfs,
  type Allowance,
  type Dependency,
  type ImageDigest,
  type Network,
  type Project,
  type Volume,
} from '../../compose';
import type { Archive } from '../archive/archive';
import { copiesFolder, stanza } from '../archive/bucket';
import {
  authoritiesFolder,
  configurationText,
  logFolder,
  runningFolder,
  storageOptions,
} from '../archive/configuration';
import { giveWay, giveWayFile } from '../archive/give-way';
import { dataFolder, imageVolumes, socketFolder } from '../database/server';
import { hostLayout } from '../host-layout';
import { versionedFolder } from '../versioned-folder';
import type { Copies } from './copies';
import { copiesApplication, copiesScript, copiesSettings, recipientsFile, sourceFolder } from './script';
import { waitBudgets } from '../wait-budgets';

const configFolder = '/etc/cogni-copies';

/** The container that makes portable copies; `program` is its script inside. */
export const copiesService = { host: 'copies', program: `${configFolder}/copies.sh` } as const;

/** For the project that it is part of. */
export const copiesAllowance: Allowance = {
  service: copiesService.host,
  power: 'capability:DAC_READ_SEARCH',
  reason:
    'certificates, the ledger and the records of deploys are readable by owners that differ, and by nobody else: it reads them, mounted read-only, and has no other right',
};

/** Volumes of other projects that cannot be made again, by their names on the host, and what each is called in a copy. */
export const copiedVolumes = {
  edge: `${hostLayout.edge.project}_caddy_data`,
  sourcecred: `${hostLayout.sourcecred.project}_data`,
} as const;

export interface CopiesProps<Owner extends string> {
  readonly archive: Archive;
  readonly copies: Copies;
  /** The server's own image, by digest: its programs dump what it holds. */
  readonly image: ImageDigest;
  /** Whether SourceCred runs there, whose ledger is then copied too. Its volume has to be there. */
  readonly sourcecred: boolean;
  /** Holds the server's socket, through which the administrator is let in. */
  readonly socket: Volume<Owner>;
  /** One with a way out. */
  readonly networks: readonly Network<Owner>[];
  readonly dependsOn: readonly Dependency<Owner>[];
}

/** As pgBackRest sends and fetches what it does not know the meaning of: it needs no passphrase for that. */
const copiesConf = (archive: Archive): string =>
  configurationText({
    global: {
      ...storageOptions(archive, copiesFolder),
      'lock-path': `${runningFolder}/lock`,
      'log-path': logFolder,
      'log-level-file': 'off',
      // What it fetches comes out of its standard output.
      'log-level-console': 'off',
      'log-level-stderr': 'warn',
    },
  });

/**
 * Adds what makes portable copies: a container that reads, and writes nowhere but to the bucket. It is root in there because
 * certificates and records are readable by their owners alone, and has no other right than to read.
 */
export function addCopies<Owner extends string>(
  project: Project<Owner>,
  { archive, copies, image, sourcecred, socket, networks, dependsOn }: CopiesProps<Owner>,
): Service<Owner, Healthcheck> {
  const external = (name: string, volume: string) => new ExternalVolume(project, name, { name: volume });
  const volumes = [
    ['edge', external('caddy_data', copiedVolumes.edge)] as const,
    ...(sourcecred ? [['sourcecred', external('sourcecred_data', copiedVolumes.sourcecred)] as const] : []),
  ];
  const folders = [...volumes.map(([name]) => name), 'host'];
  const files = versionedFolder(project, copiesService.host, [
    { path: 'copies.sh', content: copiesScript(copies, configFolder, folders), mode: 0o755 },
    { path: giveWayFile, content: giveWay(copiesApplication) },
    { path: 'recipients.txt', content: recipientsFile(copies) },
    { path: 'pgbackrest.conf', content: copiesConf(archive) },
  ]);
  return new Service<Owner, Healthcheck>(project, copiesService.host, {
    image,
    entrypoint: ['/bin/sh', copiesService.program],
    command: ['schedule'],
    restart: 'always',
    stopGrace: Duration.seconds(5),
    user: 'root',
    readOnly: true,
    init: true,
    capabilities: ['DAC_READ_SEARCH'],
    memory: Bytes.mebibytes(256),
    cpuShares: 128,
    maxProcesses: 64,
    networks,
    imageVolumes,
    mounts: [
      mountFolder(files, configFolder),
      mountVolume(socket, socketFolder),
      ...volumes.map(([name, volume]) => mountVolume(volume, `${sourceFolder}/${name}`, { readOnly: true })),
      mountHostDirectory(hostLayout.deployState, `${sourceFolder}/host`),
      mountHostDirectory(authoritiesFolder, authoritiesFolder),
      tmpfs('/tmp', Bytes.mebibytes(32)),
      // The image declares a volume here: without this every new container would leave an anonymous one behind.
      tmpfs(dataFolder, Bytes.mebibytes(1)),
    ],
    dependsOn,
    environment: {
      ...copiesSettings,
      PGAPPNAME: copiesApplication,
      PGBACKREST_CONFIG: `${configFolder}/pgbackrest.conf`,
      PGBACKREST_STANZA: stanza,
    },
    healthcheck: new Healthcheck(['/bin/sh', copiesService.program, 'healthy'], {
      interval: Duration.seconds(5),
      timeout: Duration.seconds(5),
      retries: 2,
      startPeriod: Duration.seconds(90),
      waitBudget: waitBudgets.copies,
    }),
  });
}
