import {
  Bytes,
  ExternalNetwork,
  Network,
  OneShot,
  Profile,
  Project,
  tmpfs,
  whenHealthy,
  type ImageDigest,
} from '../../compose';
import { addAlloy, alloy, alloyAllowance, type AlloyProps } from '../alloy/alloy';
import { app, type AppSlot } from '../app-contract';
import type { Archive } from '../archive/archive';
import { addBackup, backup } from '../archive/service';
import { addCopies, copiesAllowance, copiesService } from '../copies/service';
import { addProvision } from '../database/job';
import { database } from '../database/server';
import { boundedLog, generatedBy } from '../defaults';
import { hostLayout } from '../host-layout';
import { addLitellm, litellm, type LitellmProps } from '../litellm/litellm';
import type { RenderedFile } from '../rendered-file';
import { imageSetting, secretSetting } from '../settings/references';
import { StateVolume, synthesizeClassified } from '../state';
import { addApp } from './app';
import { addPostgres, postgresFiles } from './postgres';
import { configFolder } from './postgres-access';
import { memoryOnHost } from './postgres-settings';

export interface RuntimeProps {
  readonly images: {
    /**
     * PostgreSQL 15, by digest; with pgBackRest where there is an archive. Another major version cannot read the data that is
     * there.
     */
    readonly postgres: ImageDigest;
  };
  /** Where the database is archived. @default - nowhere: what is lost with the host is lost */
  readonly archive?: Archive;
  /** Whether SourceCred runs on the host, whose ledger is then copied with the rest (`archive.copies`). @default false */
  readonly sourcecred?: boolean;
  /** The proxy to language models. @default - none runs, and the application is told of none */
  readonly litellm?: LitellmProps;
  /** The collector of logs and metrics. @default - none runs, and nothing leaves the host */
  readonly alloy?: AlloyProps;
  /** Memory of the machine in GiB. @default - unknown: the database gets what it needs at least */
  readonly hostGibibytes?: number;
  /** Most memory of each. Together with the edge's 256 MiB they must leave room on the host. */
  readonly memory?: {
    /** @default 512 MiB */
    readonly app?: Bytes;
    /** Also decides how the server is tuned. @default a quarter of the machine's, and at least 512 MiB */
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
  /** Runs where {@link RuntimeProps.archive} is given. */
  backup: backup.host,
  /** Runs where the archive has copies beside it. */
  copies: copiesService.host,
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
    allow: [...(props.alloy ? [alloyAllowance] : []), ...(props.archive?.copies ? [copiesAllowance] : [])],
  });
  const edge = new ExternalNetwork(project, 'edge', { name: hostLayout.network });
  const internal = new Network(project, 'internal', { internal: true });
  const socket = new StateVolume(project, 'postgres_socket', {
    name: `${project.name}_postgres_socket`,
    state: 'scratch',
  });
  const data = new StateVolume(project, 'postgres_data', {
    name: `${project.name}_postgres_data`,
    state: 'backed-up',
  });
  const { archive } = props;
  const memory = props.memory?.postgres ?? Bytes.of(memoryOnHost((props.hostGibibytes ?? 0) * 1024 ** 3));
  const files = postgresFiles(project, memory, archive);
  // Apart from the other ways out: nobody else is on it.
  const toArchive = archive === undefined ? [] : [new Network(project, 'archive')];
  const postgres = addPostgres(project, {
    image: props.images.postgres,
    memory,
    networks: [internal, ...toArchive],
    data,
    socket,
    files,
    ...(archive === undefined ? {} : { archive }),
  });
  const ready = [whenHealthy(postgres)];
  if (archive !== undefined) {
    addBackup(project, {
      image: props.images.postgres,
      files,
      configFolder,
      data,
      socket,
      networks: toArchive,
      dependsOn: ready,
    });
    if (archive.copies !== undefined) {
      addCopies(project, {
        archive,
        copies: archive.copies,
        image: props.images.postgres,
        sourcecred: props.sourcecred ?? false,
        socket,
        networks: toArchive,
        dependsOn: ready,
      });
    }
  }
  // The internal network has no way out.
  const outbound = props.litellm || props.alloy ? [new Network(project, 'outbound')] : [];
  if (props.litellm) {
    addLitellm(project, props.litellm, {
      networks: [internal, ...outbound],
      dependsOn: props.litellm.database ? ready : [],
    });
  }
  const slot = app.slots[props.slot ?? 'a'];

  addApp(project, slot.service, {
    memory: props.memory?.app ?? Bytes.mebibytes(512),
    networks: [internal.as(app.name), edge.as(slot.upstream)],
    dependsOn: ready,
    litellm: props.litellm !== undefined,
  });

  const bootstrap = new Profile(project, bootstrapProfile);
  addProvision(project, runtimeServices.provision, {
    image: props.images.postgres,
    profiles: [bootstrap],
    received: archive?.receiver !== undefined,
    socket,
    // The administrator comes through the socket; the proof logs in as the others do.
    networks: [internal],
    dependsOn: ready,
  });

  new OneShot(project, runtimeServices.migrate, {
    image: imageSetting('MIGRATOR_IMAGE'),
    profiles: [bootstrap],
    // As the image's own user: the image is the application's, and nobody has promised another one (docs/deploy.md).
    readOnly: true,
    capabilities: [],
    memory: Bytes.mebibytes(512),
    maxProcesses: 256,
    networks: [internal],
    mounts: [tmpfs('/tmp', Bytes.mebibytes(64))],
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
  return synthesizeClassified(runtimeProject(props));
}
