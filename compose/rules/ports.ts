import { addressesMeet, type PortRange } from '../port';
import { mappingOf, type Plain, type PlainMapping } from '../tree';
import { canonicalAddress } from './address';
import { betweenColons, hasVariable, listOf, textOf, withFallbacks } from './entry';

/** A published port, as far as the rules look at it. */
export interface PortEntry {
  /** The port or the range, in words: `443`, `8000-8010`, `${HTTP_PORT}`. It shows nothing else of what stands there. */
  readonly published: string;
  /** Ports of the host; undefined where a variable says which. */
  readonly range: PortRange | undefined;
  /** What stands there, its variables by nothing but their names; undefined where there are none. */
  readonly variable: string | undefined;
  readonly protocol: string;
  readonly address: string | undefined;
}

/** What its entry publishes at ports of the host that it names, in the short form too. */
export const portsOf = (entry: PlainMapping): readonly PortEntry[] =>
  listOf(entry['ports']).flatMap((item) => {
    if (typeof item === 'string') return shortPort(item);
    const { published, protocol, host_ip } = mappingOf(item);
    return portOf(wordOf(published) ?? '', textOf(protocol), textOf(host_ip));
  });

/** The ports of a host that somebody has. Of a range it keeps its ends, however many ports lie between them. */
export class TakenPorts<By> {
  /** By the one port, or the variables, and the protocol: nearly all that anybody publishes. */
  readonly #single = new Map<string, Taken<By>[]>();
  readonly #ranges: Taken<By>[] = [];
  #count = 0;

  /** Takes ports. @returns who has one of them already, at an address that is the same, in the order of taking */
  take(port: PortEntry, by: By): readonly By[] {
    const { variable, protocol, range } = port;
    const taken = { port, by, index: this.#count };
    this.#count += 1;
    const found = new Set<Taken<By>>();
    const meet = (all: Taken<By>[]): void => {
      for (const other of all) if (meets(other.port, port)) found.add(other);
      // The next one is told of the first of several that are the same: all but that one were told themselves.
      if (!all.some((other) => isSame(other.port, port))) all.push(taken);
    };
    if (variable !== undefined) meet(this.#of(`${variable}/${protocol}`));
    if (range !== undefined && range.from === range.to) {
      meet(this.#of(`${range.from}/${protocol}`));
      for (const other of this.#ranges) if (meets(other.port, port)) found.add(other);
    } else if (range !== undefined) {
      for (const all of this.#single.values()) {
        for (const other of all) if (meets(other.port, port)) found.add(other);
      }
      meet(this.#ranges);
    }
    return [...found].sort((one, other) => one.index - other.index).map((each) => each.by);
  }

  #of(key: string): Taken<By>[] {
    const all = this.#single.get(key) ?? [];
    this.#single.set(key, all);
    return all;
  }
}

interface Taken<By> {
  readonly port: PortEntry;
  readonly by: By;
  readonly index: number;
}

const meets = (one: PortEntry, other: PortEntry): boolean =>
  one.protocol === other.protocol &&
  addressesMeet(one.address, other.address) &&
  ((one.variable !== undefined && one.variable === other.variable) ||
    (one.range !== undefined &&
      other.range !== undefined &&
      one.range.from <= other.range.to &&
      other.range.from <= one.range.to));

const isSame = (one: PortEntry, other: PortEntry): boolean =>
  one.address === other.address &&
  one.variable === other.variable &&
  one.range?.from === other.range?.from &&
  one.range?.to === other.range?.to;

/** `[address:]published:target[/protocol]`; a port alone is one of the container. */
function shortPort(text: string): readonly PortEntry[] {
  const [, ipv6, rest = ''] = /^(?:\[([^\]]*)\]:)?(.*)$/s.exec(text) ?? [];
  const parts = betweenColons(rest);
  const [published, target] = parts.slice(-2);
  if (target === undefined) return [];
  const [, protocol] = byName(target).split('/');
  return portOf(published ?? '', protocol, ipv6 ?? parts.slice(0, -2).join(':'));
}

function portOf(text: string, protocol = 'tcp', address = ''): readonly PortEntry[] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(withFallbacks(text));
  if (match === null && !hasVariable(text)) return [];
  const from = Number(match?.[1]);
  const range = match === null ? undefined : { from, to: Math.min(Number(match[2] ?? from), 65_535) };
  const variable = hasVariable(text) ? byName(text) : undefined;
  const published = variable === undefined ? text : [...variable.matchAll(/\$\{\w+\}/g)].join('');
  const host = canonicalAddress(byName(address));
  return [
    { published, range, variable, protocol: protocol.toLowerCase() || 'tcp', address: host || undefined },
  ];
}

const wordOf = (value: Plain | undefined): string | undefined =>
  typeof value === 'number' ? String(value) : textOf(value);

/** Its variables by nothing but their names: a message or a fallback makes no other port of them. */
const byName = (text: string): string =>
  text.replace(/\$(?:\{([A-Za-z_][A-Za-z0-9_]*)[^{}]*\}|([A-Za-z_][A-Za-z0-9_]*))/g, '${$1$2}');
