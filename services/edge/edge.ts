import {
  Bytes,
  ConfigFolder,
  Duration,
  ExternalNetwork,
  Healthcheck,
  mountFolder,
  mountHostDirectory,
  mountVolume,
  Port,
  Project,
  Service,
} from '../../compose';
import { boundedLog, generatedBy } from '../defaults';
import { hostLayout, noUpstream } from '../host-layout';
import { servingShares } from '../processor-shares';
import type { RenderedFile } from '../rendered-file';
import { caddyFolder, renderCaddyfile } from './caddyfile';
import { requireSound, type EdgeProps } from './props';
import { StateVolume, synthesizeClassified } from '../state';
import { waitBudgets } from '../wait-budgets';

export type { EdgeProps } from './props';

/** The edge as a project: Caddy alone, from an image that is pulled without a login. */
export function edgeProject(props: EdgeProps): Project<typeof hostLayout.edge.project> {
  requireSound(props);
  const project = new Project(undefined, hostLayout.edge.project, { generatedBy, logging: boundedLog });
  const network = new ExternalNetwork(project, 'edge', { name: hostLayout.network });
  const data = new StateVolume(project, 'caddy_data', {
    name: `${project.name}_caddy_data`,
    state: 'backed-up',
  });
  const config = new StateVolume(project, 'caddy_config', {
    name: `${project.name}_caddy_config`,
    state: 'rebuildable',
  });
  const folder = new ConfigFolder(project, 'caddy', [
    { path: 'Caddyfile', content: renderCaddyfile(props) },
    // The whole folder is mounted, so that a rename inside it is seen at once.
    { path: hostLayout.activeUpstream.replace('caddy/', ''), content: `${noUpstream}\n`, seed: true },
  ]);
  new Service(project, 'caddy', {
    image: props.image,
    restart: 'always',
    // A changed site is taken over by a command of its own, never by whoever runs `up` next.
    recreateOnConfigChange: false,
    // Longer than Caddy's own grace period for requests under way.
    stopGrace: Duration.seconds(30),
    // It writes into its volumes alone.
    readOnly: true,
    memory: Bytes.mebibytes(256),
    cpuShares: servingShares,
    // Each read of a file that the disk keeps waiting has a thread of its own, and Caddy ends where it gets no further one.
    maxProcesses: 1024,
    capabilities: ['NET_BIND_SERVICE'],
    networks: [network],
    ports: [
      new Port({ host: 80 }),
      new Port({ host: 443 }),
      // HTTP/3.
      new Port({ host: 443, protocol: 'udp' }),
    ],
    // Some versions of the image declare them.
    imageVolumes: ['/data', '/config'],
    mounts: [
      mountFolder(folder, caddyFolder),
      // The host decides whom to trust: a sandbox's authority is in its store, and nothing else differs.
      mountHostDirectory('/etc/ssl/certs', '/etc/ssl/certs'),
      // Account and certificates: without them every rebuild counts against the authority's limits.
      mountVolume(data, '/data'),
      mountVolume(config, '/config'),
    ],
    // The one path of the admin interface whose requests Caddy does not log (Caddy source, admin.go).
    healthcheck: new Healthcheck(['wget', '-q', '-O', '/dev/null', 'http://127.0.0.1:2019/metrics'], {
      interval: Duration.seconds(5),
      timeout: Duration.seconds(5),
      retries: 3,
      startPeriod: Duration.minutes(1),
      waitBudget: waitBudgets.caddy,
    }),
  });
  return project;
}

/**
 * The files of {@link hostLayout.edge}.folder: `compose.yaml`, `caddy/Caddyfile` and, to be written only where there is
 * none, `caddy/upstream/active`. Together they are part of a host's user-data, whose size is limited.
 *
 * @throws Failure with every fault of the props.
 */
export function renderEdge(props: EdgeProps): readonly RenderedFile[] {
  return synthesizeClassified(edgeProject(props));
}
