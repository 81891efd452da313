import {
  Bytes,
  Duration,
  ExternalNetwork,
  Healthcheck,
  mountVolume,
  Network,
  OneShot,
  Project,
  Service,
  synthesize,
  text,
  tmpfs,
  Volume,
  whenHealthy,
  type ImageDigest,
} from '../../compose';
import { addAlloy, alloy, alloyAllowance, type AlloyProps } from '../alloy/alloy';
import { app, type AppSlot } from '../app-contract';
import { addProvision } from '../database/job';
import { database, dataFolder, serverCommand, socketFolder } from '../database/server';
import { boundedLog, generatedBy } from '../defaults';
import { hostLayout } from '../host-layout';
import { addLitellm, litellm, type LitellmProps } from '../litellm/litellm';
import type { RenderedFile } from '../rendered-file';
import { optionalSetting, plainSetting, secretSetting } from '../settings/references';

export interface RuntimeProps {
  readonly images: {
    /** PostgreSQL 15, by digest. Another major version cannot read the data that is there. */
    readonly postgres: ImageDigest;
  };
  /** The proxy to language models. @default - none runs, and the application is told of none */
  readonly litellm?: LitellmProps;
  /** The collector of logs and metrics. @default - none runs, and nothing leaves the host */
  readonly alloy?: AlloyProps;
  /** Most memory of each. Together with the edge's 256 MiB they must leave room on the host. */
  readonly memory?: {
    /** @default 512 MiB */
    readonly app?: Bytes;
    /** Also decides how the server is tuned. @default 512 MiB */
    readonly postgres?: Bytes;
  };
  /** Where the application runs. Only this one is in the project: the other belongs to the release before. @default a */
  readonly slot?: AppSlot;
}

/** Profile of the jobs that a deploy runs by name, and that `up` must not start. */
export const bootstrapProfile = 'bootstrap';

/** Names of the runtime's services but the application ({@link app}.slots), for those who start, watch and stop them. */
export const runtimeServices = {
  postgres: database.host,
  provision: 'db-provision',
  migrate: 'db-migrate',
  /** Runs where {@link RuntimeProps.litellm} is given. */
  litellm: litellm.host,
  /** Runs where {@link RuntimeProps.alloy} is given. */
  alloy: alloy.host,
} as const;

/** The images of others that a runtime is made of, by the service that runs each. */
export const thirdPartyImages = ({
  images,
  litellm: proxy,
  alloy: collector,
}: RuntimeProps): Readonly<Partial<Record<'postgres' | 'litellm' | 'alloy', ImageDigest>>> => ({
  postgres: images.postgres,
  ...(proxy ? { litellm: proxy.image } : {}),
  ...(collector ? { alloy: collector.image } : {}),
});

type Runtime = Project<typeof hostLayout.runtime.project>;

/** The application, its database, the two jobs that prepare the database, and what else is asked for. */
export function runtimeProject(props: RuntimeProps): Runtime {
  const project: Runtime = new Project(undefined, hostLayout.runtime.project, {
    generatedBy,
    logging: boundedLog,
    ...(props.alloy ? { allow: [alloyAllowance] } : {}),
  });
  const edge = new ExternalNetwork(project, 'edge', { name: hostLayout.network });
  const internal = new Network(project, 'internal', { internal: true });
  const socket = new Volume(project, 'postgres_socket', { name: `${project.name}_postgres_socket` });
  const postgres = addPostgres(project, props, internal, socket);
  const ready = [whenHealthy(postgres)];
  // The internal network has no way out.
  const outbound = props.litellm || props.alloy ? [new Network(project, 'outbound')] : [];
  if (props.litellm) {
    addLitellm(project, props.litellm, {
      networks: [internal, ...outbound],
      dependsOn: props.litellm.database ? ready : [],
    });
  }
  const slot = app.slots[props.slot ?? 'a'];

  new Service(project, slot.service, {
    image: plainSetting('APP_IMAGE'),
    restart: 'always',
    // Streams of answers end when the application is told to stop: this is what it has for it.
    stopGrace: Duration.seconds(30),
    user: '1001:1001',
    readOnly: true,
    init: true,
    capabilities: [],
    memory: props.memory?.app ?? Bytes.mebibytes(512),
    maxProcesses: 512,
    networks: [internal.as(app.name), edge.as(slot.upstream)],
    mounts: [tmpfs('/tmp', Bytes.mebibytes(64))],
    dependsOn: ready,
    environment: {
      NODE_ENV: 'production',
      APP_ENV: 'production',
      // Next.js listens on the address that HOSTNAME names, and Docker sets it to the container's id.
      HOSTNAME: '0.0.0.0',
      PORT: String(app.port),
      APP_BASE_URL: text`https://${plainSetting('DOMAIN')}`,
      NEXTAUTH_URL: text`https://${plainSetting('DOMAIN')}`,
      DATABASE_URL: secretSetting('DATABASE_URL'),
      AUTH_SECRET: secretSetting('AUTH_SECRET'),
      METRICS_TOKEN: optionalSetting('METRICS_TOKEN'),
      // It is not waited for: an application that is ready without a model is better than none.
      ...(props.litellm
        ? {
            LITELLM_BASE_URL: `http://${litellm.host}:${litellm.port}`,
            LITELLM_MASTER_KEY: secretSetting('LITELLM_MASTER_KEY'),
          }
        : {}),
    },
    healthcheck: new Healthcheck(['node', '-e', readinessProbe], {
      interval: Duration.seconds(3),
      timeout: Duration.seconds(10),
      retries: 3,
      startPeriod: Duration.seconds(60),
    }),
  });

  addProvision(project, runtimeServices.provision, {
    image: props.images.postgres,
    profiles: [bootstrapProfile],
    socket,
    // The administrator comes through the socket; the proof logs in as the others do.
    networks: [internal],
    dependsOn: ready,
  });

  new OneShot(project, runtimeServices.migrate, {
    image: plainSetting('MIGRATOR_IMAGE'),
    profiles: [bootstrapProfile],
    capabilities: [],
    memory: Bytes.mebibytes(512),
    networks: [internal],
    dependsOn: ready,
    environment: { NODE_ENV: 'production', DATABASE_URL: secretSetting('OWNER_DATABASE_URL') },
  });
  if (props.alloy) {
    addAlloy(project, props.alloy, [internal, ...outbound], {
      collect: [
        // Both slots, so that a deploy, which goes from one to the other, leaves Alloy as it is.
        ...Object.values(app.slots).map(({ service }) => ({ project: project.name, service })),
        ...project.services
          .filter(({ name }) => name !== slot.service)
          .map(({ name }) => ({ project: project.name, service: name })),
        ...otherProjects,
      ],
      noise: [app.paths.live, app.paths.ready, app.paths.metrics, litellm.paths.live, litellm.paths.ready],
      metrics: { host: app.name, port: app.port, path: app.paths.metrics },
    });
  }
  return project;
}

/** What else on the host has logs worth keeping: their own projects know nothing of Alloy. */
const otherProjects = [
  { project: hostLayout.edge.project, service: 'caddy' },
  { project: hostLayout.sourcecred.project, service: 'sourcecred' },
] as const;

/**
 * The files of {@link hostLayout.runtime}.folder. What they leave open (`${NAME:?}`) is in the `.env` beside them
 * ({@link runtimeVariables}); it is the only difference between two environments with the same props.
 */
export function renderRuntime(props: RuntimeProps): readonly RenderedFile[] {
  return synthesize(runtimeProject(props));
}

function addPostgres(
  project: Runtime,
  { images, memory }: RuntimeProps,
  internal: Network<Runtime['name']>,
  socket: Volume<Runtime['name']>,
) {
  const limit = memory?.postgres ?? Bytes.mebibytes(512);
  const data = new Volume(project, 'postgres_data', { name: `${project.name}_postgres_data` });
  return new Service(project, runtimeServices.postgres, {
    image: images.postgres,
    restart: 'always',
    // The image's own signal: it ends connections and writes everything down.
    stopSignal: 'SIGINT',
    stopGrace: Duration.minutes(1),
    command: serverCommand(limit),
    // What the image's entrypoint needs to hand the data folder over to the server's user and become it.
    capabilities: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID'],
    memory: limit,
    sharedMemory: Bytes.mebibytes(128),
    networks: [internal],
    mounts: [mountVolume(data, dataFolder), mountVolume(socket, socketFolder)],
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

/** Ends with 0 when the application says that it can serve. The image has Node and need not have anything else. */
const readinessProbe = [
  `fetch('http://127.0.0.1:${app.port}${app.paths.ready}',{signal:AbortSignal.timeout(8000)})`,
  '.then(r=>process.exit(r.ok?0:1),()=>process.exit(1))',
].join('');
