import {
  Bytes,
  Duration,
  Healthcheck,
  mountFolder,
  mountHostDirectory,
  mountVolume,
  Service,
  tmpfs,
  type Allowance,
  type ImageDigest,
  type Network,
  type Project,
} from '../../compose';
import { plainSetting, secretSetting } from '../settings/references';
import { versionedFolder } from '../versioned-folder';
import { engineSocket, renderPipeline, type PipelineProps } from './pipeline';
import { StateVolume } from '../state';
import { waitBudgets } from '../wait-budgets';

/** Its name, and where it answers in its own container. */
export const alloy = { host: 'alloy', port: 12345, paths: { ready: '/-/ready' } } as const;

export interface AlloyProps {
  /** Grafana Alloy, by digest. */
  readonly image: ImageDigest;
  /** Name of the environment: a label of everything that is sent. */
  readonly environment: string;
  /** Most memory. @default 256 MiB */
  readonly memory?: Bytes;
}

/** For the project that Alloy is part of. */
export const alloyAllowance: Allowance = {
  service: alloy.host,
  power: 'engine-socket',
  reason:
    'logs of other containers and their Compose labels are had from the Docker engine alone; its files would hold the environment of every container, secrets included',
};

/** Adds the collector of logs and metrics. A changed configuration makes a new container of it, and of nothing else. */
export function addAlloy<Owner extends string>(
  project: Project<Owner>,
  { image, environment, memory = Bytes.mebibytes(256) }: AlloyProps,
  networks: readonly Network<Owner>[],
  sources: Omit<PipelineProps, 'environment'>,
): Service<Owner, Healthcheck> {
  const config = versionedFolder(project, alloy.host, [
    { path: 'config.alloy', content: renderPipeline({ ...sources, environment }) },
  ]);
  // How far each log was read, and what could not be sent yet.
  const data = new StateVolume(project, 'alloy_data', {
    name: `${project.name}_alloy_data`,
    state: 'rebuildable',
  });
  return new Service<Owner, Healthcheck>(project, alloy.host, {
    image,
    command: [
      'run',
      // For its own health check alone: its page, its profiles and its reload ask nobody for a login.
      `--server.http.listen-addr=127.0.0.1:${alloy.port}`,
      '--storage.path=/data',
      // Nothing is told to the maker.
      '--disable-reporting',
      '/etc/alloy/config.alloy',
    ],
    restart: 'always',
    stopGrace: Duration.seconds(20),
    // Root, without any of its rights, is who owns the engine's socket on every host.
    user: '0:0',
    readOnly: true,
    init: true,
    capabilities: [],
    memory,
    maxProcesses: 128,
    networks,
    mounts: [
      mountFolder(config, '/etc/alloy'),
      mountHostDirectory(engineSocket, engineSocket),
      mountVolume(data, '/data'),
      tmpfs('/tmp', Bytes.mebibytes(32)),
    ],
    environment: {
      GRAFANA_CLOUD_LOKI_URL: plainSetting('GRAFANA_CLOUD_LOKI_URL'),
      GRAFANA_CLOUD_LOKI_USER: plainSetting('GRAFANA_CLOUD_LOKI_USER'),
      GRAFANA_CLOUD_LOKI_API_KEY: secretSetting('GRAFANA_CLOUD_LOKI_API_KEY'),
      PROMETHEUS_REMOTE_WRITE_URL: plainSetting('PROMETHEUS_REMOTE_WRITE_URL'),
      PROMETHEUS_USERNAME: plainSetting('PROMETHEUS_USERNAME'),
      PROMETHEUS_PASSWORD: secretSetting('PROMETHEUS_PASSWORD'),
      METRICS_TOKEN: secretSetting('METRICS_TOKEN'),
    },
    healthcheck: new Healthcheck(['bash', '-c', readinessProbe], {
      interval: Duration.seconds(15),
      timeout: Duration.seconds(5),
      retries: 3,
      startPeriod: Duration.seconds(90),
      waitBudget: waitBudgets.alloy,
    }),
  });
}

/** The image is promised to have a shell, and nothing that asks over HTTP: bash opens the connection itself. */
const readinessProbe = [
  `exec 3<>/dev/tcp/127.0.0.1/${alloy.port}`,
  `printf 'GET ${alloy.paths.ready} HTTP/1.0\\r\\n\\r\\n' >&3`,
  'read -r status <&3',
  '[[ $status == *" 200 "* ]]',
].join(' && ');
