import type { IConstruct } from 'constructs';
import type { ProjectView } from '../inspection';
import { mappingOf, type Plain, type PlainMapping } from '../tree';
import { bytesOf, deployed, numberOf } from './amounts';
import { hasVariable, isTrue, listOf, textOf } from './entry';
import { unreadable } from './forms';
import { unreplaceable } from './interpolation';
import { perProject, type Breach, type Rule } from './rule';

/** What Compose refuses in a service's entry though its schema takes it: each yields what is wrong, in words. */
const refusals: readonly ((entry: PlainMapping) => Iterable<string>)[] = [
  unreadable,
  (entry) => unreplaceable(entry),
  function* twoSources({ build, network_mode, networks }) {
    const { dockerfile, dockerfile_inline } = mappingOf(build);
    if (isThere(dockerfile) && isThere(dockerfile_inline))
      yield 'its build has both a dockerfile and a dockerfile_inline: one of them is allowed';
    if (isThere(network_mode) && Object.keys(networks ?? {}).length > 0)
      yield 'it has both a network_mode and networks: one of them is allowed';
  },
  function* countedDevices(entry) {
    if (entry['gpus'] === undefined && entry['deploy'] === undefined) return;
    const reserved = listOf(deployed(entry, 'reservations')['devices']);
    for (const request of [...listOf(entry['gpus']), ...reserved].map(mappingOf)) {
      if (request['count'] !== undefined && request['device_ids'] !== undefined)
        yield 'it asks for devices by both count and device_ids: one of them is allowed';
    }
  },
  function* saidTwice(entry) {
    if (entry['deploy'] === undefined) return;
    const [limits, reservations] = [deployed(entry, 'limits'), deployed(entry, 'reservations')];
    const has = (kind: string): boolean =>
      mappingOf(mappingOf(entry['deploy'])['resources'])[kind] !== undefined;
    const [scale, replicas] = [entry['scale'], mappingOf(entry['deploy'])['replicas']].map(numberOf);
    if (scale !== undefined && replicas !== undefined && scale !== replicas)
      yield 'its scale and its deploy.replicas differ';
    for (const [key, kind, place, amountOf] of [
      ['mem_limit', 'limits', 'memory', bytesOf],
      ['cpus', 'limits', 'cpus', numberOf],
      ['pids_limit', 'limits', 'pids', numberOf],
      ['mem_reservation', 'reservations', 'memory', bytesOf],
    ] as const) {
      const other = (kind === 'limits' ? limits : reservations)[place];
      // What is not there counts as zero as soon as there are others beside it (compose-go, "checkConsistency").
      if (has(kind) && differ(entry[key], other, amountOf))
        yield `its ${key} and its deploy.resources.${kind}.${place} differ`;
    }
  },
  function* untoldTest({ healthcheck }) {
    const [first] = listOf(mappingOf(healthcheck)['test']);
    const word = textOf(first);
    if (word !== undefined && !hasVariable(word) && !['CMD', 'CMD-SHELL', 'NONE'].includes(word))
      yield 'the test of its healthcheck is a list that begins with neither CMD, CMD-SHELL nor NONE';
  },
  function* otherPlatform({ build, platform }) {
    if (build === undefined) return;
    const platforms = listOf(mappingOf(build)['platforms']);
    const known = !hasVariable(platform) && !platforms.some(hasVariable);
    if (known && isThere(platform) && platforms.length > 0 && !platforms.includes(platform ?? ''))
      yield 'the platforms that it is built for are without the one that it runs on';
  },
  function* aimlessWatch({ develop }) {
    for (const watch of listOf(mappingOf(develop)['watch']).map(mappingOf)) {
      const { path, action, target } = watch;
      if (path === '') yield 'a path that is watched is empty';
      if (!isThere(target) && !['rebuild', 'restart'].includes(textOf(action) ?? ''))
        yield 'a watch that copies has no target';
    }
  },
  function* mountOfNothing({ volumes, ports }) {
    for (const { type, source } of listOf(volumes).map(mappingOf)) {
      if (type === 'bind' && !isThere(source)) yield 'a mount of the host has no source';
    }
    for (const port of listOf(ports)) {
      if (typeof port === 'object' && port !== null && mappingOf(port)['target'] === undefined)
        yield 'a port has no target';
    }
  },
];

/** Where content may come from, by the section that it is for. */
const sources = {
  configs: ['file', 'environment', 'content'],
  secrets: ['file', 'environment'],
} as const;

/** What Compose refuses in the other sections. */
function* ofSections({ project, document }: ProjectView): Generator<Breach> {
  for (const section of ['configs', 'secrets'] as const) {
    const handles = new Map<string, IConstruct>(project[section].map((at) => [at.name, at]));
    for (const [name, value] of Object.entries(mappingOf(document[section]))) {
      const entry = mappingOf(value);
      const said = sources[section].filter((key) => entry[key] !== undefined);
      const at = handles.get(name) ?? project;
      const allowed = `one of ${sources[section].join(', ')} is allowed`;
      if (said.length > 1) yield { at, message: `${section}/${name} has ${said.join(' and ')}: ${allowed}` };
      const elsewhere = entry['external'] ?? (section === 'configs' ? entry['driver'] : undefined);
      if (said.length === 0 && elsewhere === undefined)
        yield { at, message: `${section}/${name} does not say where its content comes from: ${allowed}` };
    }
  }
  const volumes = new Map<string, IConstruct>(project.volumes.map((at) => [at.name, at]));
  for (const [name, value] of Object.entries(mappingOf(document['volumes']))) {
    const entry = mappingOf(value);
    const other = Object.keys(entry).find((key) => !/^(?:name|external|x-.*)$/s.test(key));
    if (isTrue(entry['external']) && other !== undefined) {
      const message = `volumes/${name} is external, and has the key ${other}: only a name is allowed beside it`;
      yield { at: volumes.get(name) ?? project, message };
    }
  }
  for (const [section, part] of Object.entries(document)) {
    if (section === 'services') continue;
    for (const message of unreplaceable(part, section)) yield { at: project, message };
  }
}

/** Empty text is nothing to Compose. */
const isThere = (value: Plain | undefined): boolean => value !== undefined && value !== '';

/** Whether two places say two amounts; what is zero or missing at the first says nothing. */
function differ(
  one: Plain | undefined,
  other: Plain | undefined,
  amountOf: (value: Plain | undefined) => number | undefined,
): boolean {
  if (hasVariable(one) || hasVariable(other)) return false;
  const [first = 0, second = 0] = [amountOf(one), amountOf(other)];
  return one !== undefined && first !== 0 && !Number.isNaN(first) && first !== second;
}

export const consistencyRules: readonly Rule[] = [
  {
    code: 'COMPOSE-804',
    rule: 'what is rendered is what Compose can read, beyond its schema: forms of values, variables, and keys that exclude each other',
    why: 'Compose or the engine refuses it on the host; its schema takes any text for a duration, a size or a port',
    check: perProject(function* (view) {
      for (const { at, entry } of view.services) {
        const found = new Set<string>();
        for (const refusal of refusals) for (const message of refusal(entry)) found.add(message);
        for (const message of found) yield { at, message };
      }
      yield* ofSections(view);
    }),
  },
];
