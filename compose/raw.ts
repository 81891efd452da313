import type { ForeignFile } from './file-reference';
import type { Mapping, Node, OpenMapping } from './tree';

/** Entries in Compose's own words, for what has no typed property; made by {@link raw}. */
export interface Raw {
  readonly entries: Mapping;
  readonly reason: string;
  readonly files: readonly ForeignFile[];
}

/**
 * The one way around the types: entries in Compose's own words, merged last into what is rendered. Mappings are merged
 * key by key; lists and everything else are replaced. A `$` in a string is literal here too.
 *
 * The merged document is held against the Compose specification and the rules like every other: they read what is rendered, and
 * in short and long forms alike. What a variable says is not known to them. The label that recreates a service with its files
 * ({@link configHashLabel}) counts the service's own raw entries; not the project's. The report lists where it is used and why
 * ({@link reportOf}).
 *
 * @param entries no secret among them: `environment` and a Secret of the types take one (COMPOSE-108)
 * @param reason why there is no other way, for those who read the report
 * @param files files that the entries name and that the project does not write. @default none
 */
export const raw = (entries: OpenMapping, reason: string, files: readonly ForeignFile[] = []): Raw => ({
  // By way of unknown: the lint's rule on instances of classes does not end where two types recur.
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-assertion -- see above
  entries: entries as unknown as Mapping,
  reason,
  files,
});

/** What is rendered, with the raw entries over it. */
export function overlaid(entry: Mapping, over: Raw | undefined): Mapping {
  return over === undefined ? entry : merged(entry, over.entries);
}

function merged(entry: Mapping, over: Mapping): Mapping {
  const result = new Map<string, Node | undefined>(Object.entries(entry));
  for (const [key, value] of Object.entries(over)) {
    const before = result.get(key);
    result.set(key, isMapping(before) && isMapping(value) ? merged(before, value) : value);
  }
  return Object.fromEntries(result);
}

/** A mapping is made of a literal; references and texts are objects of their own classes. */
export function isMapping(node: Node | undefined): node is Mapping {
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return false;
  const prototype: unknown = Object.getPrototypeOf(node);
  return prototype === Object.prototype || prototype === null;
}
