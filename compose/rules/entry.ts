import { mappingOf, type Plain, type PlainMapping } from '../tree';

/** Reads what stands in a service's entry, in the short forms too: `raw` may bring either. */

/** The items of a list; none where something else stands. */
export const listOf = (value: Plain | undefined): readonly Plain[] =>
  Array.isArray(value) ? (value as readonly Plain[]) : [];

/** An entry of one of the document's sections; an empty one where there is none. */
export function partOf(document: PlainMapping, section: string, name: string): PlainMapping {
  const all = mappingOf(document[section]);
  return Object.hasOwn(all, name) ? mappingOf(all[name]) : {};
}

/** Text, or undefined where something else stands. */
export const textOf = (value: Plain | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** Words of a list; readers of YAML take some of them for numbers. */
export const wordsOf = (value: Plain | undefined): readonly string[] =>
  listOf(value).flatMap((item) => (typeof item === 'number' ? String(item) : (textOf(item) ?? [])));

/** Names, from a list of them or from a mapping's keys. */
export const namesOf = (value: Plain | undefined): readonly string[] =>
  Array.isArray(value) ? textsOf(value as readonly Plain[]) : Object.keys(mappingOf(value));

/** The texts of a list. */
export const textsOf = (value: Plain | undefined): readonly string[] =>
  listOf(value).filter((item): item is string => typeof item === 'string');

/** Compose takes words for it too (compose-go, interpolation, "toBoolean"). */
export const isTrue = (value: Plain | undefined): boolean =>
  value === true || /^(?:true|1|t|y|yes|on)$/i.test(textOf(value) ?? '');

/** The same, and what a variable may make of it when Compose reads the file. */
export const mayBeTrue = (value: Plain | undefined): boolean => isTrue(value) || hasVariable(value);

/** Whether Compose replaces something in it. */
export const hasVariable = (value: Plain | undefined): boolean =>
  /(?<!\$)(?:\$\$)*\$[{A-Za-z_]/.test(textOf(value) ?? '');

/** The same with what counts where a variable is not there, for those that say it; a `$$` begins none. */
export const withFallbacks = (text: string): string =>
  text.replace(
    /\$\$|\$\{[A-Za-z_][A-Za-z0-9_]*:?-([^{}$]*)\}/g,
    (whole, fallback?: string) => fallback ?? whole,
  );

/** What lies between the colons of a short form; those inside `${…}` part nothing. */
export function betweenColons(text: string): readonly string[] {
  if (!text.includes('}')) return text.split(':');
  const parts: string[] = [];
  let end = text.length;
  // From the end: a colon is inside where the next brace behind it closes.
  let brace = '';
  for (let at = end - 1; at >= 0; at -= 1) {
    const sign = text.charAt(at);
    if (sign === '{' || sign === '}') brace = sign;
    if (sign !== ':' || brace === '}') continue;
    parts.push(text.slice(at + 1, end));
    end = at;
  }
  parts.push(text.slice(0, end));
  return parts.reverse();
}

/** A mount, as far as the rules look at it. */
export interface MountEntry {
  readonly type: string;
  readonly source: string | undefined;
  readonly target: string;
  readonly readOnly: boolean;
}

/** The entries under `volumes` (Compose specification, "volumes", short and long syntax). */
export const mountsOf = (entry: PlainMapping): readonly MountEntry[] =>
  listOf(entry['volumes']).map((item) => {
    if (typeof item === 'string') return shortMount(item);
    const { type, source, target, read_only } = mappingOf(item);
    return {
      type: textOf(type) ?? 'volume',
      source: textOf(source),
      target: textOf(target) ?? '',
      readOnly: isTrue(read_only),
    };
  });

function shortMount(text: string): MountEntry {
  const [first = '', second, options = ''] = betweenColons(text);
  const readOnly = options.split(',').includes('ro');
  if (second === undefined) return { type: 'volume', source: undefined, target: first, readOnly };
  // What begins with a variable may be a path, and is taken for one.
  const isPath = /^[./~]/.test(first) || hasVariable(first.slice(0, 2));
  return { type: isPath ? 'bind' : 'volume', source: first, target: second, readOnly };
}

/** The sources under `configs` or `secrets`. */
export const grantsOf = (value: Plain | undefined): readonly string[] =>
  listOf(value).flatMap((item) => textOf(item) ?? textOf(mappingOf(item)['source']) ?? []);

/** A network that a service joins, and what else it is called there. */
export interface NetworkEntry {
  readonly network: string;
  readonly aliases: readonly string[];
}

/** The networks of a service; Compose's own where none is named (Compose specification, "networks", "network_mode"). */
export function networksOf(entry: PlainMapping): readonly NetworkEntry[] {
  if (entry['network_mode'] !== undefined) return [];
  const { networks } = entry;
  const names = namesOf(networks);
  return (names.length === 0 ? ['default'] : names).map((network) => ({
    network,
    aliases: textsOf(mappingOf(mappingOf(networks)[network])['aliases']),
  }));
}

/** The names of networks, volumes, configs, secrets or models that a service's entry has, in the short and the long form. */
export const namedIn = (value: Plain | undefined): readonly string[] =>
  Array.isArray(value)
    ? (value as readonly Plain[]).flatMap((item) =>
        typeof item === 'string' ? [item.split(':')[0] ?? ''] : (textOf(mappingOf(item)['source']) ?? []),
      )
    : Object.keys(mappingOf(value));

/** The sections whose names services use. */
export const usedSections = ['networks', 'volumes', 'configs', 'secrets', 'models'] as const;
type UsedSection = (typeof usedSections)[number];

/** Where else than under the section's own key an entry uses its names. */
const usedElsewhere: Readonly<Partial<Record<UsedSection, (entry: PlainMapping) => readonly string[]>>> = {
  // Compose's own, where it names none.
  networks: (entry) => networksOf(entry).map(({ network }) => network),
  configs: ({ credential_spec }) => textsOf([mappingOf(credential_spec)['config'] ?? null]),
  secrets: ({ build }) => namedIn(mappingOf(build)['secrets']),
};

/** The names of one section that services use, in whatever form. */
export const usedBy = (entries: readonly PlainMapping[], section: UsedSection): ReadonlySet<string> =>
  new Set(
    entries.flatMap((entry) => [...namedIn(entry[section]), ...(usedElsewhere[section]?.(entry) ?? [])]),
  );

/** Services that run whenever it does: those it cannot go without, and those it shares something with. */
export function startedBefore(entry: PlainMapping): readonly string[] {
  const dependsOn = entry['depends_on'];
  const required = namesOf(dependsOn).filter(
    (name) => mappingOf(mappingOf(dependsOn)[name])['required'] !== false,
  );
  return [...required, ...sharedWith(entry)];
}

function sharedWith(entry: PlainMapping): readonly string[] {
  const shared = ['network_mode', 'ipc', 'pid'].flatMap((key) => serviceIn(textOf(entry[key])));
  const from = textsOf(entry['volumes_from']).filter((source) => !source.startsWith('container:'));
  const linked = [...from, ...textsOf(entry['links'])].map((each) => each.split(':')[0] ?? each);
  return [...shared, ...linked];
}

/**
 * Services that must be declared before it, also those whose image it is built from. One that it may go without is among them:
 * Compose forgives only that its profile is not asked for.
 */
export function neededBy(entry: PlainMapping): readonly string[] {
  const contexts = mappingOf(mappingOf(entry['build'])['additional_contexts']);
  const built = Object.values(contexts).flatMap((context) => serviceIn(textOf(context)));
  return [...namesOf(entry['depends_on']), ...sharedWith(entry), ...built];
}

/** What one service waits for with this condition, by name. */
export const waitsFor = (entry: PlainMapping, condition: string): readonly string[] =>
  Object.entries(mappingOf(entry['depends_on'])).flatMap(([name, on]) =>
    mappingOf(on)['condition'] === condition ? [name] : [],
  );

/** What starts it again when it has ended well; undefined where nothing does. */
export function startedAgain(entry: PlainMapping): string | undefined {
  const policy = mappingOf(entry['deploy'])['restart_policy'];
  // The deployment's stands above the service's own (Docker Compose's source, "getRestartPolicy").
  const restart = textOf(policy === undefined ? entry['restart'] : mappingOf(policy)['condition']);
  if (hasVariable(restart)) return 'what a variable says';
  return restart !== undefined && ['always', 'unless-stopped', 'any'].includes(restart) ? restart : undefined;
}

const serviceIn = (text: string | undefined): readonly string[] =>
  text?.startsWith('service:') ? [text.slice('service:'.length)] : [];

/** The file that one of its `security_opt` has Compose read (Docker Compose's source, "parseSecurityOpts"). */
export function seccompFileOf(option: string): string | undefined {
  const file = /^seccomp[=:](.+)$/s.exec(option)?.[1];
  return file === undefined || file === 'unconfined' || file === 'builtin' ? undefined : file;
}
