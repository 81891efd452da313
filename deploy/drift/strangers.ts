import { commandFailure } from '../../foundation/process';
import { renderedCompose, type RenderedCompose } from '../diff/rendered-compose';
import type { HostNetwork, RuntimeChange } from '../diff/runtime';
import type { RemoteCommand, Transport } from '../transport';

/** A container of a host, whoever made it, but for those that a run of ours reads from meanwhile. */
export interface AnyContainer {
  readonly name: string;
  /** Compose project and service; empty where Compose did not make it. */
  readonly project: string;
  readonly service: string;
  /** A single run of a job. */
  readonly oneOff: boolean;
  /** `running`, `exited`, … */
  readonly state: string;
  readonly image: string;
  /** Networks that it is in, by name. */
  readonly networks: readonly string[];
}

/** What a run that judges migrations reads from, for some seconds and before it holds the lock: an unfinished one's are told by `status`. */
const ofRuns = 'dev.cogni.helper';

/** A project of ours, and the Compose file that its containers are made from. */
export interface KnownProject {
  readonly name: string;
  readonly compose: string;
}

/** A project that belongs there, and whose files are looked after elsewhere. */
export interface Guest extends KnownProject {
  /** Its image is decided elsewhere, too. @default - its containers run the images of its Compose file */
  readonly anyImage?: true;
  /** The command that makes it again as its Compose file says. @default - there is none here */
  readonly mend?: string;
}

export interface Stranger extends RuntimeChange {
  /** Of what belongs there, and differs: the command that brings it back. */
  readonly mend?: string;
}

const everyContainer: RemoteCommand = {
  argv: [
    'docker',
    'ps',
    '--all',
    '--no-trunc',
    '--format={{.Names}}\t{{.Label "com.docker.compose.project"}}\t{{.Label "com.docker.compose.service"}}' +
      `\t{{.Label "com.docker.compose.oneoff"}}\t{{.State}}\t{{.Image}}\t{{.Networks}}\t{{.Label "${ofRuns}"}}`,
  ],
  deadline: 30_000,
};

/** @throws Failure when Docker does not answer */
export async function readAllContainers(
  transport: Transport,
  again: string,
): Promise<readonly AnyContainer[]> {
  const output = await transport.run(everyContainer);
  if (output.code === 0) return output.stdout.split('\n').filter(Boolean).flatMap(parseContainer);
  throw commandFailure(everyContainer, output, {
    what: `the containers of ${transport.describe()} could not be looked at`,
    state: 'nothing was changed',
    next: `mend what it says, then ${again}`,
  });
}

function parseContainer(line: string): readonly AnyContainer[] {
  const [name = '', project = '', service = '', oneOff = '', state = '', image = '', networks = '', of = ''] =
    line.split('\t');
  if (of !== '') return [];
  return [
    {
      ...{ name, project, service, state, image },
      oneOff: oneOff === 'True',
      networks: networks.split(',').filter(Boolean),
    },
  ];
}

/** Docker's own (Docker documentation, "Network drivers"). */
const ofDocker = ['bridge', 'host', 'none'];

/**
 * Containers and networks that nothing of ours made, and containers of ours in other networks than are rendered for them:
 * `docker run`, `docker network connect`. A comparison project by project does not see them. Pure.
 *
 * @param guests projects that belong there and are not compared file by file: a label makes nothing one of theirs, but the name, the service, the
 *   image and the networks that their Compose file says
 */
export function strangersOf(
  projects: readonly KnownProject[],
  containers: readonly AnyContainer[],
  networks: readonly HostNetwork[],
  guests: readonly Guest[] = [],
): readonly Stranger[] {
  const rendered = new Map(projects.map(({ name, compose }) => [name, renderedCompose(name, compose)]));
  const visiting = new Map(
    guests.map((guest) => [guest.name, { guest, ...renderedCompose(guest.name, guest.compose) }]),
  );
  const wanted = new Set(
    [...rendered.values(), ...visiting.values()].flatMap((one) => one.networks.map(({ name }) => name)),
  );
  return [
    ...containers.flatMap((container): readonly Stranger[] => {
      const visitor = visiting.get(container.project);
      if (visitor !== undefined) return changesOfGuest(container, visitor);
      const compose = rendered.get(container.project);
      if (compose === undefined || container.oneOff) return [strange(container)];
      const service = compose.services.find(({ name }) => name === container.service);
      return service?.networks === undefined || container.state !== 'running'
        ? []
        : attachments(container, service.networks);
    }),
    ...networks
      .filter(({ name, project }) => !ofDocker.includes(name) && !wanted.has(name) && !rendered.has(project))
      .map(({ name }): RuntimeChange => ({
        of: 'network',
        name,
        what: 'is there, and nothing that is rendered made it',
      })),
  ];
}

function changesOfGuest(
  container: AnyContainer,
  { guest, services }: { readonly guest: Guest } & Pick<RenderedCompose, 'services'>,
): readonly Stranger[] {
  const { name, project, service: of, oneOff, state, image } = container;
  const service = services.find((each) => each.name === of);
  // There is one of that name on a host: whatever else wears its labels has another.
  if (service === undefined || oneOff || name !== `${project}-${of}-1`) return [strange(container)];
  // A receiver has what its environment committed last: whoever took it for a stranger would remove that.
  const mend = guest.mend === undefined ? {} : { mend: guest.mend };
  if (!guest.anyImage && image !== service.image) {
    const what = `is not what is rendered (${state}, ${image}, of the Compose project ${project}): that runs ${service.image}`;
    return [{ of: 'container', name, what, ...mend }];
  }
  return service.networks === undefined || state !== 'running'
    ? []
    : attachments(container, service.networks).map((change) => ({ ...change, ...mend }));
}

function strange({ name, project, oneOff, state, image }: AnyContainer): RuntimeChange {
  const where = project === '' ? '' : `, of the Compose project ${project}`;
  const what = oneOff ? 'is what a run of a job has left' : 'is there, and nothing that is rendered made it';
  return { of: 'container', name, what: `${what} (${state}, ${image}${where})` };
}

function attachments(
  { project, service, networks }: AnyContainer,
  rendered: readonly string[],
): readonly RuntimeChange[] {
  const change = (what: string): RuntimeChange => ({ of: 'network', name: `${project}/${service}`, what });
  return [
    ...networks
      .filter((name) => !rendered.includes(name))
      .map((name) => change(`is in the network ${name}, which is not rendered for it`)),
    ...rendered
      .filter((name) => !networks.includes(name))
      .map((name) => change(`is not in the network ${name}`)),
  ];
}
