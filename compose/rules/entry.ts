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
  /(?<!\$)(?:\$\$)*\$\{/.test(textOf(value) ?? '');

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
  const [first = '', second, options = ''] = text.split(':');
  const readOnly = options.split(',').includes('ro');
  if (second === undefined) return { type: 'volume', source: undefined, target: first, readOnly };
  return { type: /^[./~]/.test(first) ? 'bind' : 'volume', source: first, target: second, readOnly };
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

/** A published port, as far as the rules look at it. */
export interface PortEntry {
  readonly from: number;
  readonly to: number;
  readonly protocol: string;
  readonly address: string | undefined;
}

/** What its entry publishes at fixed ports of the host. */
export const portsOf = (entry: PlainMapping): readonly PortEntry[] =>
  listOf(entry['ports']).flatMap((item) => {
    if (typeof item === 'string') return shortPort(item);
    const { published, protocol, host_ip } = mappingOf(item);
    const range = typeof published === 'number' ? String(published) : textOf(published);
    return range === undefined ? [] : portRange(range, textOf(protocol), textOf(host_ip));
  });

/** `[address:]published:target[/protocol]`; a number alone is a port of the container. */
function shortPort(text: string): readonly PortEntry[] {
  const match = /^(?:(?:\[([^\]]*)\]|([^:]*)):)?([\d-]+):[\d-]+(?:\/(\w+))?$/.exec(text);
  return match === null ? [] : portRange(match[3] ?? '', match[4], match[1] ?? match[2]);
}

function portRange(published: string, protocol = 'tcp', address?: string): readonly PortEntry[] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(published);
  if (match === null) return [];
  const from = Number(match[1]);
  return [{ from, to: Math.min(Number(match[2] ?? from), 65_535), protocol, address: address || undefined }];
}

const sizes = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 } as const;

/** Bytes of a limit, in any of Compose's units; undefined for none, and for what is no number. */
export function bytesOf(value: Plain | undefined): number | undefined {
  if (typeof value === 'number') return value > 0 ? value : undefined;
  const match = /^(\d+(?:\.\d+)?)\s*(?:([bkmgt])(?:ib|b)?)?$/i.exec(textOf(value) ?? '');
  if (match === null || Number(match[1]) === 0) return undefined;
  return Number(match[1]) * sizes[(match[2] ?? 'b').toLowerCase() as keyof typeof sizes];
}

/** Its memory limit, at whichever of the two places it stands. */
export function memoryOf(entry: PlainMapping): number | undefined {
  const limits = mappingOf(mappingOf(mappingOf(entry['deploy'])['resources'])['limits']);
  return bytesOf(entry['mem_limit']) ?? bytesOf(limits['memory']);
}

/** Services that must be there before it. */
export function neededBy(entry: PlainMapping): readonly string[] {
  const dependsOn = entry['depends_on'];
  const required = namesOf(dependsOn).filter(
    (name) => mappingOf(mappingOf(dependsOn)[name])['required'] !== false,
  );
  const shared = ['network_mode', 'ipc', 'pid'].flatMap((key) => serviceIn(textOf(entry[key])));
  const contexts = mappingOf(mappingOf(entry['build'])['additional_contexts']);
  const built = Object.values(contexts).flatMap((context) => serviceIn(textOf(context)));
  const from = textsOf(entry['volumes_from']).filter((source) => !source.startsWith('container:'));
  const linked = [...from, ...textsOf(entry['links'])].map((each) => each.split(':')[0] ?? each);
  return [...required, ...shared, ...built, ...linked];
}

const serviceIn = (text: string | undefined): readonly string[] =>
  text?.startsWith('service:') ? [text.slice('service:'.length)] : [];
