import {
  Bytes,
  Duration,
  Healthcheck,
  Service,
  text,
  tmpfs,
  type Attachment,
  type Dependency,
  type Network,
  type Project,
} from '../../compose';
import { app } from '../app-contract';
import { litellm } from '../litellm/litellm';
import { servingShares } from '../processor-shares';
import { imageSetting, optionalSetting, plainSetting, secretSetting } from '../settings/references';
import { appProbe } from './app-probe';
import { waitBudgets } from '../wait-budgets';

export interface AppProps<Owner extends string> {
  readonly memory: Bytes;
  readonly networks: readonly (Network<Owner> | Attachment<Owner>)[];
  readonly dependsOn: readonly Dependency<Owner>[];
  /** Whether there is LiteLLM to be told of. */
  readonly litellm: boolean;
}

/** Adds the application: without rights, on a file system that it cannot write to. */
export function addApp<Owner extends string>(
  project: Project<Owner>,
  name: string,
  { memory, networks, dependsOn, litellm: hasLitellm }: AppProps<Owner>,
): Service<Owner, Healthcheck> {
  return new Service<Owner, Healthcheck>(project, name, {
    image: imageSetting('APP_IMAGE'),
    restart: 'always',
    // Streams of answers end when the application is told to stop: this is what it has for it.
    stopGrace: Duration.seconds(30),
    user: '1001:1001',
    readOnly: true,
    // Passes signals on, and is there when the health check ends an application that is hung.
    init: true,
    capabilities: [],
    memory,
    cpuShares: servingShares,
    maxProcesses: 512,
    networks,
    mounts: [tmpfs('/tmp', Bytes.mebibytes(64))],
    dependsOn,
    environment: {
      NODE_ENV: 'production',
      APP_ENV: 'production',
      // Next.js listens on the address that HOSTNAME names, and Docker sets it to the container's id.
      HOSTNAME: '0.0.0.0',
      PORT: String(app.port),
      // Detectors of clouds ask addresses that answer nowhere else, and block the process while they wait.
      OTEL_NODE_RESOURCE_DETECTORS: 'none',
      APP_BASE_URL: text`https://${plainSetting('DOMAIN')}`,
      NEXTAUTH_URL: text`https://${plainSetting('DOMAIN')}`,
      DATABASE_URL: secretSetting('DATABASE_URL'),
      AUTH_SECRET: secretSetting('AUTH_SECRET'),
      METRICS_TOKEN: optionalSetting('METRICS_TOKEN'),
      // It is not waited for: an application that is ready without a model is better than none.
      ...(hasLitellm
        ? {
            LITELLM_BASE_URL: `http://${litellm.host}:${litellm.port}`,
            LITELLM_MASTER_KEY: secretSetting('LITELLM_MASTER_KEY'),
          }
        : {}),
    },
    healthcheck: new Healthcheck(
      [
        'node',
        '-e',
        appProbe({
          port: app.port,
          readyWithin: app.readyWithin,
          liveWithin: app.liveWithin,
          deadAfter: app.deadAfter,
          // Whoever has started it waits as long, and is the first to say that it did not come.
          bornWithin: waitBudgets.app.toMilliseconds(),
          memory: '/tmp/.last-sign-of-life',
          init: 1,
        }),
      ],
      {
        interval: Duration.seconds(3),
        // Longer than the probe gives each of its questions, which it asks at once, and its own start on a host that is busy.
        timeout: Duration.seconds(10),
        retries: 3,
        startPeriod: Duration.minutes(2),
        waitBudget: waitBudgets.app,
      },
    ),
  });
}
