import { betweenColons } from '../rules/entry';
import { isMapping, type Mapping, type Value } from './yaml-file';

/**
 * Lays one document over another as Docker Compose does (Compose specification, "Merge"; compose-go, override/merge.go).
 */

/** Told of a value that cannot be laid over another one. */
export type Conflict = (keys: readonly string[], message: string) => void;

type Merger = (below: Value, above: Value, keys: readonly string[], conflict: Conflict) => Value;

const replace: Merger = (_below, above) => above;

const asSequence = (value: Value): Value[] => {
  if (Array.isArray(value)) return value;
  if (!isMapping(value)) return typeof value === 'string' ? [value] : [];
  const entries = Object.entries(value).flatMap(([key, entry]) => {
    if (entry === null) return [key];
    return (Array.isArray(entry) ? entry : [entry]).map((item) => `${key}=${goText(item)}`);
  });
  return entries.sort();
};

/** Lists and mappings of `NAME=value` alike: the later entry wins, which is for Compose to see to. */
const appended: Merger = (below, above) => [...asSequence(below), ...asSequence(above)];

const appendedOnce: Merger = (below, above) => {
  const before = asSequence(below);
  return [...before, ...asSequence(above).filter((entry) => !before.includes(entry))];
};

const asMapping = (value: Value, entry: () => Value): Value =>
  Array.isArray(value) ? Object.fromEntries(value.map((name) => [goText(name), entry()])) : value;

const named =
  (entry: () => Value): Merger =>
  (below, above, keys, conflict) =>
    mergeMappings(asMapping(below, entry), asMapping(above, entry), keys, conflict);

const asBuild = (value: Value): Value => (typeof value === 'string' ? { context: value } : value);

/** Options belong to their driver. */
const logging: Merger = (below, above, keys, conflict) => {
  const drivers = [below, above].map((value) => (isMapping(value) ? value['driver'] : undefined));
  const same = drivers[0] === drivers[1] || drivers.includes(undefined);
  return same ? mergeMappings(below, above, keys, conflict) : above;
};

/** Address pools with the same subnet are one. */
const addressPools: Merger = (below, above, keys, conflict) => {
  if (!Array.isArray(below) || !Array.isArray(above)) {
    conflict(keys, 'must be a list, here and in the file below');
    return above;
  }
  const subnetOf = (pool: Value | undefined): Value | undefined =>
    isMapping(pool) ? pool['subnet'] : undefined;
  const merged: Value[] = [];
  for (const one of below) {
    for (const other of above) {
      const at = (subnet: Value | undefined): number => merged.findIndex((pool) => subnetOf(pool) === subnet);
      if (subnetOf(one) !== subnetOf(other) && at(subnetOf(other)) < 0) {
        merged.push(other);
        continue;
      }
      const both = mergeMappings(one, other, keys, conflict);
      const index = at(subnetOf(both));
      if (index < 0) merged.push(both);
      else merged[index] = both;
    }
  }
  return merged;
};

const mergers: readonly (readonly [pattern: string, merger: Merger])[] = [
  ['networks.*.ipam.config', addressPools],
  ['networks.*.labels', appended],
  ['volumes.*.labels', appended],
  ['services.*.annotations', appended],
  [
    'services.*.build',
    (below, above, keys, conflict) => mergeMappings(asBuild(below), asBuild(above), keys, conflict),
  ],
  ['services.*.build.args', appended],
  ['services.*.build.additional_contexts', appended],
  ['services.*.build.extra_hosts', appendedOnce],
  ['services.*.build.labels', appended],
  ['services.*.command', replace],
  ['services.*.depends_on', named(() => ({ condition: 'service_started', required: true }))],
  ['services.*.deploy.labels', appended],
  ['services.*.dns', appended],
  ['services.*.dns_opt', appended],
  ['services.*.dns_search', appended],
  ['services.*.entrypoint', replace],
  ['services.*.env_file', appended],
  ['services.*.label_file', appended],
  ['services.*.environment', appended],
  ['services.*.extra_hosts', appendedOnce],
  ['services.*.healthcheck.test', replace],
  ['services.*.labels', appended],
  ['services.*.logging', logging],
  ['services.*.models', named(() => null)],
  ['services.*.networks', named(() => null)],
  ['services.*.sysctls', appended],
  ['services.*.tmpfs', appended],
  ['services.*.ulimits.*', replace],
];
const mergersByLength = new Map<number, readonly (readonly [readonly string[], Merger])[]>();
for (const [pattern, merger] of mergers) {
  const parts = pattern.split('.');
  mergersByLength.set(parts.length, [...(mergersByLength.get(parts.length) ?? []), [parts, merger]]);
}

const matches = (parts: readonly string[], keys: readonly string[]): boolean =>
  parts.length === keys.length && parts.every((part, index) => part === '*' || part === keys[index]);

/** Lays `above` over `below`; neither is changed. */
export function merge(below: Value, above: Value, keys: readonly string[], conflict: Conflict): Value {
  const special = mergersByLength.get(keys.length)?.find(([parts]) => matches(parts, keys))?.[1];
  if (special !== undefined) return special(below, above, keys, conflict);
  if (above === null) return below;
  if (isMapping(below)) return mergeMappings(below, above, keys, conflict);
  if (!Array.isArray(below)) return above;
  if (Array.isArray(above)) return [...below, ...above];
  conflict(keys, 'must be a list, as in the file below');
  return below;
}

function mergeMappings(below: Value, above: Value, keys: readonly string[], conflict: Conflict): Value {
  if (above === null) return below;
  if (below === null) return above;
  if (!isMapping(below) || !isMapping(above)) {
    conflict(keys, 'must be a mapping, as in the file below');
    return below;
  }
  const merged = new Map(Object.entries(below));
  for (const [key, value] of Object.entries(above)) {
    const before = merged.get(key);
    merged.set(key, before === undefined ? value : merge(before, value, [...keys, key], conflict));
  }
  return Object.fromEntries(merged);
}

type Key = (entry: Value) => string;

const beforeEquals: Key = (entry) => goText(entry).split('=')[0] ?? '';
const text: Key = goText;
const target =
  (otherwise: (entry: Mapping) => Value | undefined, short: Key): Key =>
  (entry) =>
    isMapping(entry) ? goText(entry['target'] ?? otherwise(entry) ?? null) : short(entry);

const parts = (entry: Value): readonly string[] => betweenColons(goText(entry));
const mountTarget = target(
  () => undefined,
  (entry) => parts(entry)[1] ?? goText(entry),
);
const fileTarget = (folder: string): Key =>
  target(
    (entry) => `${folder}/${goText(entry['source'] ?? null)}`,
    (entry) => `${folder}/${goText(entry)}`,
  );

const portKey: Key = (entry) => {
  if (!isMapping(entry)) return goText(entry);
  const { host_ip: address = '0.0.0.0', published = null, target: port = null, protocol = 'tcp' } = entry;
  return [address, published, port, protocol].map(goText).join(' ');
};

/** Lists in which a later entry takes the place of an earlier one, and what makes them the same (compose-go, override/uncity.go). */
const uniqueBy = new Map<string, Key>([
  ...[
    ...['networks.*.labels', 'networks.*.ipam.options', 'services.*.annotations', 'services.*.build.args'],
    ...['services.*.build.additional_contexts', 'services.*.build.tags', 'services.*.build.labels'],
    ...['services.*.cap_add', 'services.*.cap_drop', 'services.*.deploy.labels', 'services.*.dns'],
    ...['services.*.dns_opt', 'services.*.dns_search', 'services.*.environment', 'services.*.labels'],
    ...['services.*.links', 'services.*.networks.*.aliases', 'services.*.networks.*.link_local_ips'],
    ...['services.*.profiles', 'services.*.sysctls', 'services.*.tmpfs'],
  ].map((path) => [path, beforeEquals] as const),
  ['services.*.expose', text],
  ['services.*.env_file', (entry) => goText(isMapping(entry) ? (entry['path'] ?? null) : entry)],
  ['services.*.ports', portKey],
  ['services.*.volumes', mountTarget],
  ['services.*.devices', mountTarget],
  ['services.*.configs', fileTarget('')],
  ['services.*.secrets', fileTarget('/run/secrets')],
]);
const uniquePaths = [...uniqueBy].map(([pattern, key]) => [pattern.split('.'), key] as const);

/** Leaves the last of the entries that Compose takes for the same, in the place of the first. */
export function withoutRepetitions(value: Value, keys: readonly string[] = []): Value {
  if (isMapping(value)) {
    const entries = Object.entries(value);
    return Object.fromEntries(
      entries.map(([key, entry]) => [key, withoutRepetitions(entry, [...keys, key])]),
    );
  }
  if (!Array.isArray(value)) return value;
  const keyOf = uniquePaths.find(([pattern]) => matches(pattern, keys))?.[1];
  return keyOf === undefined ? value : [...new Map(value.map((entry) => [keyOf(entry), entry])).values()];
}

/** Takes away what `!reset` and `!override` name. Entries of lists stay: Compose does not take those away either. */
export function without(document: Value, paths: readonly (readonly string[])[]): Value {
  if (paths.length === 0 || !isMapping(document)) return document;
  const below = new Map<string, (readonly string[])[]>();
  for (const [first, ...rest] of paths) {
    if (first === undefined) continue;
    const all = below.get(first);
    if (all === undefined) below.set(first, [rest]);
    else all.push(rest);
  }
  return Object.fromEntries(
    Object.entries(document).flatMap(([key, value]) => {
      const rests = below.get(key) ?? [];
      return rests.some((rest) => rest.length === 0) ? [] : [[key, without(value, rests)]];
    }),
  );
}

/** A scalar as Compose prints it into a string (Go, fmt, "%v"). No list or mapping stands where this is asked for. */
export function goText(value: Value): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'number' || value === 0 || Math.abs(value) >= 1e-4)
    return JSON.stringify(value).replace(/e\+?(?=[0-9])/, 'e+');
  const [digits, exponent] = value.toExponential().split('e-');
  return `${digits ?? ''}e-${(exponent ?? '').padStart(2, '0')}`;
}
