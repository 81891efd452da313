import { mappingOf, type PlainMapping } from '../tree';
import { hasVariable, isTrue, networksOf, partOf, textOf, withFallbacks } from './entry';

const namespaces = ['network_mode', 'pid', 'ipc', 'uts', 'userns_mode', 'cgroup'] as const;

/** Namespaces of the host that a service is in, in words: by itself, or through another service whose namespaces it shares. */
export const hostNamespacesOf = (entry: PlainMapping, document: PlainMapping): readonly string[] =>
  namespaces.flatMap((key) => {
    const whose = sharedWith(entry, key, document, new Set());
    if (whose === undefined) return [];
    return key === 'network_mode' && entry[key] === undefined
      ? [`one of its networks is ${whose}`]
      : [`its ${key} is ${whose}`];
  });

/** Whose namespace it is in, where that may be the host's. */
function sharedWith(
  entry: PlainMapping,
  key: (typeof namespaces)[number],
  document: PlainMapping,
  seen: ReadonlySet<string>,
): string | undefined {
  const value = textOf(entry[key]);
  if (value === undefined) {
    return key === 'network_mode' && joinsHost(entry, document) ? "the host's" : undefined;
  }
  if (value === 'host') return "the host's";
  if (hasVariable(value)) return 'what a variable names';
  if (value.startsWith('container:')) return 'that of a container outside of the project';
  const other = /^service:(.+)$/s.exec(value)?.[1];
  // A circle is another rule's to tell (COMPOSE-207).
  if (other === undefined || seen.has(other)) return undefined;
  const theirs = sharedWith(partOf(document, 'services', other), key, document, new Set([...seen, other]));
  return theirs === undefined ? undefined : `that of ${other}, which is ${theirs}`;
}

/** Docker has a network of this name, which is no network at all but the host's own. */
const joinsHost = (entry: PlainMapping, document: PlainMapping): boolean =>
  networksOf(entry).some(({ network }) => {
    const { name, driver, external } = partOf(document, 'networks', network);
    const called = textOf(name) ?? textOf(mappingOf(external)['name']) ?? (isTrue(external) ? network : '');
    return withFallbacks(called) === 'host' || driver === 'host';
  });
