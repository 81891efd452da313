import {
  Bytes,
  Duration,
  Healthcheck,
  mountFolder,
  Network,
  Service,
  tmpfs,
  type Attachment,
  type Dependency,
  type ImageDigest,
  type Project,
} from '../../compose';
import { versionedFolder } from '../versioned-folder';
import { optionalSetting, secretSetting } from '../settings/references';
import { renderLitellmConfig } from './config';
import { models as allModels, type LitellmModel } from './models';
import { waitBudgets } from '../wait-budgets';

/** Where the application reaches LiteLLM, on the runtime's internal network. */
export const litellm = {
  host: 'litellm',
  port: 4000,
  paths: {
    /** The process answers. */
    live: '/health/liveliness',
    /** It has read its configuration, and reaches its database where it has one. */
    ready: '/health/readiness',
  },
} as const;

export interface LitellmProps {
  /** LiteLLM's image for users without rights ("litellm-non_root"), by digest. */
  readonly image: ImageDigest;
  /**
   * Keeps keys and spending in its own database, as its own role. Its database client brings an engine in the image;
   * where that is not there, it runs without.
   */
  readonly database: boolean;
  /** @default every model of `models.ts` */
  readonly models?: readonly LitellmModel[];
  /** Most memory. Below 1 GiB it is killed now and then under load. @default 1 GiB */
  readonly memory?: Bytes;
}

export interface LitellmSurroundings<Owner extends string> {
  /** Networks it is on: the application's, and one with a way out to the providers. */
  readonly networks: readonly (Network<Owner> | Attachment<Owner>)[];
  readonly dependsOn: readonly Dependency<Owner>[];
}

const configFolder = '/etc/litellm';

/** Adds LiteLLM to the runtime. A changed configuration makes a new container of it, and of nothing else. */
export function addLitellm<Owner extends string>(
  project: Project<Owner>,
  { image, database, models = allModels, memory = Bytes.gibibytes(1) }: LitellmProps,
  { networks, dependsOn }: LitellmSurroundings<Owner>,
): Service<Owner, Healthcheck> {
  const config = versionedFolder(project, litellm.host, [
    { path: 'config.yaml', content: renderLitellmConfig({ models, database }) },
  ]);
  return new Service<Owner, Healthcheck>(project, litellm.host, {
    image,
    command: ['--config', `${configFolder}/config.yaml`, '--port', String(litellm.port)],
    restart: 'always',
    // Answers are streamed for as long as a model thinks.
    stopGrace: Duration.seconds(30),
    user: 'nobody',
    readOnly: true,
    init: true,
    capabilities: [],
    memory,
    maxProcesses: 256,
    networks,
    mounts: [mountFolder(config, configFolder), tmpfs('/tmp', Bytes.mebibytes(128))],
    dependsOn,
    environment: {
      LITELLM_MASTER_KEY: secretSetting('LITELLM_MASTER_KEY'),
      OPENROUTER_API_KEY: secretSetting('OPENROUTER_API_KEY'),
      OPENROUTER_API_BASE: optionalSetting('OPENROUTER_API_BASE'),
      ...(database
        ? {
            LITELLM_DATABASE_URL: secretSetting('LITELLM_DATABASE_URL'),
            // Its migrations are unpacked there; the rest of its file system cannot be written to.
            LITELLM_MIGRATION_DIR: '/tmp/migrations',
          }
        : {}),
      // The list of prices in the image: a start must not wait for somebody else's server.
      LITELLM_LOCAL_MODEL_COST_MAP: 'True',
      // Nobody but the application talks to it.
      DISABLE_ADMIN_UI: 'True',
      NO_DOCS: 'True',
      NO_REDOC: 'True',
    },
    // Without the site's packages, which take longer to find than the question takes.
    healthcheck: new Healthcheck(['python3', '-ISc', readinessProbe], {
      interval: Duration.seconds(5),
      timeout: Duration.seconds(10),
      retries: 3,
      startPeriod: Duration.minutes(6),
      waitBudget: waitBudgets.litellm,
    }),
  });
}

/** Ends with 0 when LiteLLM says that it can serve; the image has Python and need not have anything else. */
const readinessProbe = [
  'from http.client import HTTPConnection',
  `litellm = HTTPConnection('127.0.0.1', ${litellm.port}, timeout=8)`,
  `litellm.request('GET', '${litellm.paths.ready}')`,
  'raise SystemExit(litellm.getresponse().status != 200)',
].join('; ');
