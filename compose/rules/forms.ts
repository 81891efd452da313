import { isIP } from 'node:net';
import type { Plain, PlainMapping } from '../tree';
import { millisecondsOf } from './amounts';
import { hasVariable, textOf } from './entry';

/** What the schema takes as any text, and Compose's reader then takes for something. */
interface Form {
  readonly holds: (value: Plain) => boolean;
  /** What is allowed, in words. Where Compose takes what the engine then refuses, they say so. */
  readonly allowed: string;
  /** Where such values stand in a service's entry; `*` is every item or name, `[]` every item of a list alone. */
  readonly at: readonly (readonly string[])[];
}

const wordOf = (value: Plain): string => (typeof value === 'number' ? String(value) : (textOf(value) ?? ''));

const placed = (...paths: readonly string[]): Form['at'] => paths.map((path) => path.split('/'));

/** Of what Compose itself takes in places. */
const orEngine = ': Compose or the engine refuses anything else';

/** Nothing is tcp. */
const isProtocol = (text: string): boolean => /^(?:tcp|udp|sctp)?$/i.test(text);

const rollings = ['update_config', 'rollback_config'].flatMap((key) =>
  ['delay', 'monitor'].map((each) => `deploy/${key}/${each}`),
);
const rates = ['device_read_bps', 'device_write_bps'].map((key) => `blkio_config/${key}/*/rate`);

const forms: readonly Form[] = [
  {
    holds: (value) => millisecondsOf(wordOf(value).replace(/^[+-]/, '')) !== undefined,
    allowed: 'a length of time with its unit: 1m30s',
    at: placed(
      ...['interval', 'timeout', 'start_period', 'start_interval'].map((key) => `healthcheck/${key}`),
      ...['stop_grace_period', 'deploy/restart_policy/delay', 'deploy/restart_policy/window'],
      ...rollings,
    ),
  },
  {
    // docker/go-units, "RAMInBytes"; a number may be -1, for no limit.
    holds: (value) =>
      typeof value === 'number' || /^(?:\d+\.?\d*|\.\d+) ?(?:[kmgtp]?(?:i?b)?)?$/i.test(wordOf(value)),
    allowed: 'a number of bytes, perhaps with its unit: 64m',
    at: placed(
      ...['mem_limit', 'mem_reservation', 'memswap_limit', 'shm_size', 'build/shm_size'],
      ...['deploy/resources/limits/memory', 'deploy/resources/reservations/memory', 'volumes/*/tmpfs/size'],
      ...rates,
    ),
  },
  {
    // Compose cuts numbers off; in text it takes whole ones alone.
    holds: (value) => typeof value === 'number' || /^[+-]?\d+$/.test(wordOf(value)),
    allowed: 'a whole number',
    at: placed(
      ...['cpu_quota', 'cpu_period', 'cpu_rt_runtime', 'cpu_rt_period', 'cpu_shares', 'mem_swappiness'],
      ...['ulimits/*', 'ulimits/*/soft', 'ulimits/*/hard', 'build/ulimits/*'],
    ),
  },
  {
    holds: (value) => /^(?:all|[+-]?\d+)$/i.test(wordOf(value)),
    allowed: 'a whole number, or all',
    at: placed('gpus/*/count', 'deploy/resources/reservations/devices/*/count'),
  },
  {
    holds: (value) => typeof value === 'number' || /^[0-7]+$/.test(wordOf(value)),
    allowed: 'octal digits: 0444',
    at: placed('configs/*/mode', 'secrets/*/mode', 'build/secrets/*/mode'),
  },
  {
    // Compose hands on any text, takes a number of tries that is none for no bound, and has two more words for deployments.
    holds: (value) => /^(?:no|none|always|any|unless-stopped|on-failure(?::\d+)?)?$/.test(wordOf(value)),
    allowed: 'no, always, unless-stopped, or on-failure, perhaps with a number of tries: on-failure:3',
    at: placed('restart'),
  },
  {
    holds: (value) => value === 'raw' || value === '',
    allowed: 'raw, or nothing',
    at: placed('env_file/*/format'),
  },
  {
    holds: (value) => isPort(wordOf(value)),
    allowed:
      '[address:][published:]target[/protocol], with an IP address, ports up to 65535 and ranges of one length',
    at: placed('ports/*'),
  },
  {
    holds: (value) => isIP(wordOf(value)) !== 0,
    allowed: 'an IP address',
    at: placed('ports/*/host_ip'),
  },
  {
    holds: (value) => isProtocol(wordOf(value)),
    allowed: `tcp, udp or sctp${orEngine}`,
    at: placed('ports/*/protocol'),
  },
  {
    holds: (value) => /^\d+$/.test(wordOf(value)) && rangeOf(wordOf(value)) !== undefined,
    allowed: `a port from 1 to 65535${orEngine}`,
    at: placed('ports/*/target'),
  },
  {
    holds: (value) => wordOf(value) === '' || rangeOf(wordOf(value), 0) !== undefined,
    allowed: `a port or a range of ports${orEngine}`,
    at: placed('ports/*/published'),
  },
  {
    holds: (value) => /^[^:=]+[:=]/.test(wordOf(value)),
    allowed: 'a name and an address: name=10.0.0.1',
    at: placed('extra_hosts/[]', 'build/extra_hosts/[]'),
  },
];

/** The places of all forms as one tree, so that an entry is walked through once. */
interface Place {
  readonly forms: Form[];
  readonly below: Map<string, Place>;
}

const newPlace = (): Place => ({ forms: [], below: new Map() });

const places: Place = newPlace();
for (const form of forms) {
  for (const keys of form.at) {
    let place = places;
    for (const key of keys) {
      const next = place.below.get(key) ?? newPlace();
      place.below.set(key, next);
      place = next;
    }
    place.forms.push(form);
  }
}

/** Values of an entry that Compose cannot read, by their places; what a variable says is not known. */
export function unreadable(entry: PlainMapping): readonly string[] {
  const found: string[] = [];
  look(entry, places, '', found);
  return found;
}

function look(value: Plain, { forms: asked, below }: Place, path: string, found: string[]): void {
  if (typeof value === 'string' || typeof value === 'number') {
    for (const { holds, allowed } of asked) {
      if (!hasVariable(value) && !holds(value)) found.push(`${path} must be ${allowed}`);
    }
  } else if (typeof value === 'object' && value !== null && below.size > 0) {
    const each = below.get('*') ?? (Array.isArray(value) ? below.get('[]') : undefined);
    for (const [key, inner] of Object.entries<Plain>(value)) {
      const place = below.get(key) ?? each;
      if (place !== undefined) look(inner, place, path === '' ? key : `${path}/${key}`, found);
    }
  }
}

/** Ports of a range, of which each is allowed; undefined for what is none. */
function rangeOf(text: string, least = 1): readonly [from: number, to: number] | undefined {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  const [from, to] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  return match !== null && from >= least && to <= 65_535 && from <= to ? [from, to] : undefined;
}

/** docker/go-connections, nat, "ParsePortSpec". */
function isPort(text: string): boolean {
  const [, address, published = '', target = '', protocol = 'tcp'] =
    /^(?:(.*):)?([^:]*):([^:/]*)(?:\/(.*))?$/s.exec(text.includes(':') ? text : `:${text}`) ?? [];
  const inside = rangeOf(target);
  const outside = published === '' ? undefined : rangeOf(published, 0);
  if (inside === undefined || (published !== '' && outside === undefined)) return false;
  const length = ([from, to]: readonly [number, number]): number => to - from;
  if (outside !== undefined && length(inside) > 0 && length(outside) !== length(inside)) return false;
  const host = address?.replace(/^\[(.*)\]$/s, '$1') ?? '';
  return isProtocol(protocol) && (host === '' || isIP(host) !== 0);
}
