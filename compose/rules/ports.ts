import type { PortRange } from '../port';
import { mappingOf, type Plain, type PlainMapping } from '../tree';
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

/** Whatever they claim of the host, as words that are equal where the claims are. */
export function* claimsOf({ variable, range, protocol }: PortEntry): Generator<string> {
  for (let number = range?.from ?? 1; number <= (range?.to ?? 0); number += 1) yield `${number}/${protocol}`;
  if (variable !== undefined) yield `${variable}/${protocol}`;
}

/** `[address:]published:target[/protocol]`; a port alone is one of the container. */
function shortPort(text: string): readonly PortEntry[] {
  const [, ipv6, rest = ''] = /^(?:\[([^\]]*)\]:)?(.*)$/s.exec(text) ?? [];
  const parts = betweenColons(rest);
  const [published, target] = parts.slice(-2);
  if (target === undefined || parts.length > 3) return [];
  const [, protocol] = byName(target).split('/');
  return portOf(published ?? '', protocol, ipv6 ?? (parts.length === 3 ? parts[0] : undefined));
}

function portOf(text: string, protocol = 'tcp', address = ''): readonly PortEntry[] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(withFallbacks(text));
  if (match === null && !hasVariable(text)) return [];
  const from = Number(match?.[1]);
  const range = match === null ? undefined : { from, to: Math.min(Number(match[2] ?? from), 65_535) };
  const variable = hasVariable(text) ? byName(text) : undefined;
  const published = variable === undefined ? text : [...variable.matchAll(/\$\{\w+\}/g)].join('');
  return [{ published, range, variable, protocol, address: byName(address) || undefined }];
}

const wordOf = (value: Plain | undefined): string | undefined =>
  typeof value === 'number' ? String(value) : textOf(value);

/** Its variables by nothing but their names: a message or a fallback makes no other port of them. */
const byName = (text: string): string =>
  text.replace(/\$(?:\{([A-Za-z_][A-Za-z0-9_]*)[^{}]*\}|([A-Za-z_][A-Za-z0-9_]*))/g, '${$1$2}');
