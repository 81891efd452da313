import { commandFailure } from '../../foundation/process';
import type { RemoteCommand, Transport } from '../transport';
import { compareProject, settingNamesBeside, settingsModeFault, type ComparedProject } from './compare';
import type { DiffProps } from './diff';
import { readProjectState, type HostContainer, type ProjectState } from './host-state';
import { composeText, renderedCompose, type RenderedCompose } from './rendered-compose';

/** Something of the runtime on a host, by the name that it has there. Of a setting that is all there is: no value. */
export interface RuntimeItem {
  readonly of: 'container' | 'image' | 'network' | 'file' | 'setting';
  /** `cogni-runtime/app-a`, an image by digest, a network, a path, the name of a setting. */
  readonly name: string;
}

/** The same, and what would become of it. */
export interface RuntimeChange extends RuntimeItem {
  /** In words: `would be made anew`. */
  readonly what: string;
}

/** Everything that is rendered for a host: what one would get that is new, or empty. A pure function. */
export function runtimeItems(projects: readonly ComparedProject[]): readonly RuntimeItem[] {
  const items = projects.flatMap((project): RuntimeItem[] => {
    const { services, networks } = composeOf(project);
    return [
      ...services.map(({ name }): RuntimeItem => ({ of: 'container', name: `${project.name}/${name}` })),
      ...services.map(({ image }): RuntimeItem => ({ of: 'image', name: imageName(image) })),
      ...networks.map(({ name }): RuntimeItem => ({ of: 'network', name })),
      ...project.files.map(({ path }): RuntimeItem => ({ of: 'file', name: `${project.folder}/${path}` })),
      ...project.settings.required.map((name): RuntimeItem => ({ of: 'setting', name })),
    ];
  });
  return once(items);
}

/** What would change on a host that has and runs something already. It only reads. @throws Failure when it cannot be asked */
export async function runtimeChanges(props: DiffProps): Promise<readonly RuntimeChange[]> {
  const { transport, projects, mask, again } = props;
  const networks = await readNetworks(transport, again);
  const changes: RuntimeChange[] = [];
  for (const project of projects) {
    changes.push(
      ...compareRuntime(project, await readProjectState(transport, project, again), networks, mask),
    );
  }
  return once(changes);
}

/** The networks of a host, those of Docker's own included. @throws Failure when Docker does not answer */
export async function readNetworks(transport: Transport, again: string): Promise<readonly HostNetwork[]> {
  const listed = await transport.run(networksCommand);
  if (listed.code === 0) return networksIn(listed.stdout);
  throw commandFailure(networksCommand, listed, {
    what: `the networks of ${transport.describe()} could not be looked at`,
    state: 'nothing was changed',
    next: `mend what it says, then ${again}`,
  });
}

const networksCommand: RemoteCommand = {
  argv: ['docker', 'network', 'ls', '--format={{.Name}}\t{{.Label "com.docker.compose.project"}}'],
  deadline: 30_000,
};

export interface HostNetwork {
  readonly name: string;
  /** Compose project that made it; empty for one that somebody else made. */
  readonly project: string;
}

const networksIn = (listing: string): readonly HostNetwork[] =>
  listing
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', project = ''] = line.split('\t');
      return { name, project };
    });

/** The same comparison over what was read already. Pure. */
export function compareRuntime(
  project: ComparedProject,
  state: ProjectState,
  networks: readonly HostNetwork[],
  mask: (text: string) => string,
): readonly RuntimeChange[] {
  const found = compareProject(project, state, mask).flatMap(({ of, at, what }): RuntimeChange[] =>
    of === 'settings' ? [] : [{ of, name: at, what }],
  );
  const { missing, unread } = settingNamesBeside(project, state);
  return [
    ...found.filter(({ of }) => of === 'container'),
    ...imageChanges(project, state.containers),
    ...networkChanges(project, networks),
    ...found.filter(({ of }) => of === 'file'),
    ...settingsModeChange(project, state),
    ...missing.map((name): RuntimeChange => ({
      of: 'setting',
      name,
      what: 'is needed, and is not set there',
    })),
    ...unread.map((name): RuntimeChange => ({
      of: 'setting',
      name,
      what: 'is set there, and nothing reads it',
    })),
  ];
}

/** The same of the mode of a project's settings. */
export function settingsModeChange(
  { folder }: Pick<ComparedProject, 'folder'>,
  state: Pick<ProjectState, 'settingsMode'>,
): readonly RuntimeChange[] {
  const what = settingsModeFault(state);
  return what === undefined ? [] : [{ of: 'file', name: `${folder}/.env`, what }];
}

/** Images of the release are decided by each deploy, and are no part of what is rendered. */
function imageChanges(
  project: ComparedProject,
  containers: readonly HostContainer[],
): readonly RuntimeChange[] {
  const { services } = composeOf(project);
  const rendered = new Map(services.map(({ name, image }) => [name, image]));
  const brought = [...rendered].flatMap(([service, image]): RuntimeChange[] => {
    const there = containers.filter((each) => each.service === service).map((each) => each.image);
    if (isOfRelease(image) || there.some((each) => sameImage(image, each))) return [];
    const now = there.length === 0 ? 'runs nothing yet' : `runs ${there.join(', ')}`;
    return [{ of: 'image', name: image, what: `would be run by ${project.name}/${service}, which ${now}` }];
  });
  const left = containers.flatMap(({ service, image }): RuntimeChange[] =>
    rendered.has(service)
      ? []
      : [{ of: 'image', name: image, what: `is run by ${project.name}/${service}, which is not rendered` }],
  );
  return [...brought, ...left];
}

function networkChanges(project: ComparedProject, there: readonly HostNetwork[]): readonly RuntimeChange[] {
  const { networks } = composeOf(project);
  const missing = networks.flatMap(({ name, external }): RuntimeChange[] => {
    if (there.some((each) => each.name === name)) return [];
    const what = external ? 'is needed, and is not there' : 'would be made';
    return [{ of: 'network', name, what }];
  });
  const left = there.flatMap(({ name, project: maker }): RuntimeChange[] =>
    maker !== project.name || networks.some((each) => each.name === name)
      ? []
      : [{ of: 'network', name, what: 'is there, and is not rendered' }],
  );
  return [...missing, ...left];
}

const composeOf = ({ name, files }: ComparedProject): RenderedCompose =>
  renderedCompose(name, composeText(files));

const isOfRelease = (image: string): boolean => image.includes('${');

/** `the image of the release (APP_IMAGE)` for what each deploy decides. */
function imageName(image: string): string {
  const [, setting] = /\$\{([A-Z_]+)/.exec(image) ?? [];
  return setting === undefined ? image : `the image of the release (${setting})`;
}

/** By digest, where both have one: what stands before it may be written in several ways. */
function sameImage(one: string, other: string): boolean {
  const digests = [one, other].map((each) => /@(sha256:[0-9a-f]{64})$/.exec(each)?.[1]);
  return one === other || (digests[0] !== undefined && digests[0] === digests[1]);
}

const once = <Item extends RuntimeItem>(items: readonly Item[]): readonly Item[] => [
  ...new Map(items.map((item) => [JSON.stringify(item), item])).values(),
];
