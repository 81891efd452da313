import {
  Bytes,
  Duration,
  ExternalNetwork,
  Healthcheck,
  mountFolder,
  mountVolume,
  Project,
  Service,
  tmpfs,
  type ImageDigest,
} from '../../compose';
import { Failure } from '../../foundation/failure';
import { boundedLog, generatedBy } from '../defaults';
import { hostLayout } from '../host-layout';
import { Upstream } from '../edge/upstream';
import type { RenderedFile } from '../rendered-file';
import { secretSetting } from '../settings/references';
import { versionedFolder } from '../versioned-folder';
import { instanceFaults, instanceFiles, type SourcecredInstance } from './instance';
import { StateVolume, synthesizeClassified } from '../state';
import { waitBudgets } from '../wait-budgets';

export interface SourcecredProps {
  /** The runner, by digest: `./cogni sourcecred release` makes it. A changed one computes everything anew. */
  readonly image: ImageDigest;
  readonly instance: SourcecredInstance;
  /** Most memory, the computation's included. @default 1 GiB */
  readonly memory?: Bytes;
}

/** Its names and places, for those who start, watch and ask it. */
export const sourcecred = {
  /** Compose service, and its name on the edge's network. */
  service: 'sourcecred',
  port: 6006,
  /** Answers 200 once there is something to show. */
  healthPath: '/healthz',
} as const;

type SourcecredProject = Project<typeof hostLayout.sourcecred.project>;

/**
 * SourceCred as a project of its own: a deploy of the application neither waits for it nor touches it. It publishes no
 * port: the edge's route is the only way in. Its configuration comes with a deploy and is mounted read-only; ledger,
 * cache and scores are in a named volume, which no file of a deploy reaches.
 *
 * @throws Failure with every fault of the instance
 */
export const sourcecredProject = (props: SourcecredProps): SourcecredProject => assembled(props).project;

/**
 * What the edge sends `/sourcecred/` to. Whichever runner it is, and also before there is one.
 *
 * @throws Failure with every fault of the instance
 */
export const sourcecredUpstream = (instance: SourcecredInstance): Upstream =>
  Upstream.of(assembled({ image: noRunner, instance }).service, sourcecred.port);

/** Is started by nobody: a route is made of names and ports. */
const noRunner: ImageDigest = `none.invalid/none@sha256:${'0'.repeat(64)}`;

function assembled(props: SourcecredProps): {
  readonly project: SourcecredProject;
  readonly service: Service;
} {
  requireSound(props.instance);
  const memory = props.memory ?? Bytes.gibibytes(1);
  const project: SourcecredProject = new Project(undefined, hostLayout.sourcecred.project, {
    generatedBy,
    logging: boundedLog,
  });
  const edge = new ExternalNetwork(project, 'edge', { name: hostLayout.network });
  const data = new StateVolume(project, 'data', { name: `${project.name}_data`, state: 'backed-up' });
  const configuration = versionedFolder(project, 'instance', instanceFiles(props.instance));
  const service = new Service(project, sourcecred.service, {
    image: props.image,
    restart: 'unless-stopped',
    stopGrace: Duration.seconds(30),
    user: '1001:1001',
    readOnly: true,
    init: true,
    capabilities: [],
    memory,
    // It computes once a day for minutes: the application next door is not to notice.
    cpus: 0.5,
    maxProcesses: 128,
    networks: [edge.as(sourcecred.service)],
    mounts: [
      mountFolder(configuration, '/etc/sourcecred'),
      mountVolume(data, '/instance'),
      tmpfs('/tmp', Bytes.mebibytes(64)),
    ],
    environment: {
      SOURCECRED_GITHUB_TOKEN: secretSetting('SOURCECRED_GITHUB_TOKEN'),
      PORT: String(sourcecred.port),
      // The heap's limit is said, since Node takes it from the host's memory otherwise.
      NODE_OPTIONS: `--max-old-space-size=${Math.floor((memory.toBytes() / 1024 ** 2) * 0.75)}`,
    },
    healthcheck: new Healthcheck(['node', '-e', probe], {
      interval: Duration.seconds(10),
      timeout: Duration.seconds(5),
      retries: 3,
      startPeriod: Duration.minutes(12),
      waitBudget: waitBudgets.sourcecred,
    }),
  });
  return { project, service };
}

/** The files of {@link hostLayout.sourcecred}.folder. @throws Failure with every fault of the instance */
export function renderSourcecred(props: SourcecredProps): readonly RenderedFile[] {
  return synthesizeClassified(sourcecredProject(props));
}

const probe = [
  `fetch('http://127.0.0.1:${sourcecred.port}${sourcecred.healthPath}',{signal:AbortSignal.timeout(4000)})`,
  '.then(r=>process.exit(r.ok?0:1),()=>process.exit(1))',
].join('');

function requireSound(instance: SourcecredInstance): void {
  const faults = instanceFaults(instance);
  if (faults.length === 0) return;
  throw new Failure({
    what: 'SourceCred cannot be rendered',
    faults,
    next: 'mend "sourcecred" of the environment in stacks/environments.ts, then run this again',
  });
}
