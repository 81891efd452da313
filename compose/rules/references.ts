import type { Construct } from 'constructs';
import { ConfigFolder } from '../config-folder';
import { Build } from '../build';
import { grantOf, type Grant, type Grantable } from '../grant';
import type { Handle } from '../handle';
import type { ProjectView, ServiceView } from '../inspection';
import { mappingOf } from '../tree';
import type { Mount } from '../mount';
import type { Workload } from '../workload';
import { modelUseOf } from '../workload/platform';
import { grantsOf, mountsOf, namesOf, neededBy, startedBefore, usedBy, usedSections, wordsOf } from './entry';
import { foldersRead } from './named-files';
import { duplicates, perProject, perService, type Rule } from './rule';

type Used = readonly [what: string, handle: Handle<string>];

/** Every handle that a service uses, with a word for it. */
function used(service: Workload): readonly Used[] {
  const { props } = service;
  const named = (what: string, handles: readonly Handle<string>[]): readonly Used[] =>
    handles.map((handle) => [`the ${what} ${handle.name}`, handle]);
  const built = props.image instanceof Build ? props.image.props : undefined;
  const contexts = built === undefined ? [] : [built.context, ...Object.values(built.contexts ?? {})];
  const shared = [props.networks, props.ipc, props.processes].filter(isWorkload);
  const sources = (granted: readonly (Grantable | Grant)[] = []): readonly Grantable[] =>
    granted.map((each) => grantOf(each).source);
  return [
    ...named(
      'network',
      service.attachments.map(({ network }) => network),
    ),
    ...(props.mounts ?? []).flatMap(mounted),
    ...named(
      'folder',
      contexts.filter((context) => context instanceof ConfigFolder),
    ),
    ...named('config', sources(props.configs)),
    ...named('secret', [...sources(props.secrets), ...sources(built?.secrets)]),
    ...named(
      'model',
      (props.models ?? []).map((model) => modelUseOf(model).model),
    ),
    ...named('profile', props.profiles ?? []),
    ...named('service', [
      ...(props.dependsOn ?? []).map(({ on }) => on),
      ...shared,
      ...contexts.filter(isWorkload),
    ]),
  ];
}

function mounted(mount: Mount): readonly Used[] {
  switch (mount.kind) {
    case 'volume':
      return [[`the volume ${mount.volume.name}`, mount.volume]];
    case 'folder':
      return [[`the folder ${mount.folder.name}`, mount.folder]];
    case 'host':
    case 'image':
    case 'tmpfs':
      return [];
  }
}

const isWorkload = (value: unknown): value is Workload =>
  typeof value === 'object' && value !== null && 'attachments' in value;

/** Handles of another project that a service uses. */
const foreign = (service: ServiceView, { project }: ProjectView): readonly Used[] =>
  service.workload === undefined
    ? []
    : used(service.workload).filter(([, handle]) => handle.project !== project);

/** Names of one kind that the project's document declares. */
const declared = ({ document }: ProjectView, kind: string): ReadonlySet<string> =>
  new Set(Object.keys(mappingOf(document[kind])));

export const referenceRules: readonly Rule[] = [
  {
    code: 'COMPOSE-201',
    rule: 'a service uses only what its own project declares',
    why: 'the rendered file would name something that it does not declare; another project is reached through an ExternalNetwork',
    check: perService(function* (service, view) {
      for (const [what, handle] of foreign(service, view)) {
        yield `${what} belongs to the project "${handle.project.name}"`;
      }
    }),
  },
  {
    code: 'COMPOSE-202',
    rule: 'every network, volume, folder, config, secret, model and profile is used',
    why: 'what nobody uses is a leftover, or the use was forgotten',
    check: perProject(function* (view) {
      const { project, document, services } = view;
      const entries = services.map(({ entry }) => entry);
      const inUse = new Set<Construct>(
        project.services.flatMap((service) => used(service).map(([, handle]) => handle)),
      );
      const { networks, volumes, folders, configs, secrets, models, profiles } = project;
      // A service may have it from another file, or through `raw`, and so may the project.
      for (const section of usedSections) {
        const named = usedBy(entries, section);
        for (const at of project[section]) if (named.has(at.name)) inUse.add(at);
        const made = new Set(project[section].map(({ name }) => name));
        for (const name of Object.keys(mappingOf(document[section]))) {
          if (!made.has(name) && !named.has(name))
            yield { at: project, message: `no service uses ${section}/${name}` };
        }
      }
      // A folder may be used by way of its files, and in Compose's own words.
      const unused = folders.filter((folder) => !inUse.has(folder));
      const isRead = unused.length === 0 ? () => false : foldersRead(view);
      for (const at of unused) if (isRead(at.name)) inUse.add(at);
      const all = [...networks, ...volumes, ...folders, ...configs, ...secrets, ...models, ...profiles];
      for (const at of all) {
        if (!inUse.has(at)) yield { at, message: 'no service uses it' };
      }
    }),
  },
  {
    code: 'COMPOSE-203',
    rule: 'a service waits only for services that are there whenever it is',
    why: 'Compose refuses to start a service that waits for one whose profile is not asked for',
    check: perProject(function* ({ services }) {
      const profiles = new Map(services.map(({ name, entry }) => [name, wordsOf(entry['profiles'])]));
      for (const { at, name, entry } of services) {
        const own = profiles.get(name) ?? [];
        for (const on of new Set(startedBefore(entry))) {
          const theirs = profiles.get(on) ?? [];
          if (theirs.length === 0) continue;
          if (own.length === 0 || own.some((profile) => !theirs.includes(profile))) {
            yield { at, message: `it waits for ${on}, which is there only with ${theirs.join(' or ')}` };
          }
        }
      }
    }),
  },
  {
    code: 'COMPOSE-204',
    rule: 'a service waits for another one once',
    why: 'the file holds one condition a service; the other would be lost',
    check: perService(function* ({ workload }) {
      const names = (workload?.props.dependsOn ?? []).map(({ on }) => on.name);
      for (const name of duplicates(names)) yield `it waits for ${name} more than once`;
    }),
  },
  {
    code: 'COMPOSE-207',
    rule: 'services do not wait for each other in a circle',
    why: 'none of them could ever start: Compose refuses the file',
    check: perProject(function* ({ services }) {
      for (const circle of circles(services)) {
        const [first] = circle;
        if (first === undefined) continue;
        const names = [...circle, first].map(({ name }) => name);
        yield { at: first.at, message: `it waits for itself: ${names.join(' -> ')}` };
      }
    }),
  },
  {
    code: 'COMPOSE-208',
    rule: 'what a service names in the file is declared in the file',
    why: 'Compose refuses the file; `raw` can name anything, so this is looked at in what is rendered',
    check: perProject(function* (view) {
      const kinds = {
        service: declared(view, 'services'),
        network: declared(view, 'networks'),
        volume: declared(view, 'volumes'),
        config: declared(view, 'configs'),
        secret: declared(view, 'secrets'),
        model: declared(view, 'models'),
      };
      for (const service of view.services) {
        const { entry } = service;
        const volumes = mountsOf(entry).filter(
          ({ type, source }) => type === 'volume' && source !== undefined,
        );
        const named = {
          service: neededBy(entry),
          network: namesOf(entry['networks']),
          volume: volumes.map(({ source }) => source ?? ''),
          config: grantsOf(entry['configs']),
          secret: [...grantsOf(entry['secrets']), ...grantsOf(mappingOf(entry['build'])['secrets'])],
          model: namesOf(entry['models']),
        };
        const reported = new Set(foreign(service, view).map(([what]) => what));
        for (const [kind, names] of Object.entries(named)) {
          for (const name of new Set(names)) {
            const missing = !kinds[kind as keyof typeof kinds].has(name);
            if (
              missing &&
              !reported.has(`the ${kind} ${name}`) &&
              !(kind === 'network' && name === 'default')
            ) {
              yield {
                at: service.at,
                message: `it names the ${kind} "${name}", which the project does not declare`,
              };
            }
          }
        }
      }
    }),
  },
];

/**
 * Each circle once. Services that wait for nothing are taken away until none is left to take: what remains is in a
 * circle or waits for one, and following its first remaining need leads into a circle.
 */
function circles(services: readonly ServiceView[]): readonly (readonly ServiceView[])[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  const needs = new Map(
    services.map((service) => [
      service,
      [...new Set(neededBy(service.entry))].flatMap((name) => byName.get(name) ?? []),
    ]),
  );
  const neededFor = new Map<ServiceView, ServiceView[]>();
  for (const [service, all] of needs) {
    for (const need of all) neededFor.set(need, [...(neededFor.get(need) ?? []), service]);
  }
  const open = new Map([...needs].map(([service, all]) => [service, all.length]));
  const free = [...open].flatMap(([service, count]) => (count === 0 ? [service] : []));
  for (let service = free.pop(); service !== undefined; service = free.pop()) {
    open.delete(service);
    for (const dependant of neededFor.get(service) ?? []) {
      const left = (open.get(dependant) ?? 0) - 1;
      open.set(dependant, left);
      if (left === 0) free.push(dependant);
    }
  }
  const found: (readonly ServiceView[])[] = [];
  const seen = new Set<ServiceView>();
  for (const start of open.keys()) {
    const trail: ServiceView[] = [];
    let at: ServiceView | undefined = start;
    while (at !== undefined && !seen.has(at)) {
      seen.add(at);
      trail.push(at);
      at = needs.get(at)?.find((need) => open.has(need));
    }
    const from = at === undefined ? -1 : trail.indexOf(at);
    if (from >= 0) found.push(trail.slice(from));
  }
  return found;
}
