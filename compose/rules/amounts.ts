import { mappingOf, type Plain, type PlainMapping } from '../tree';
import { hasVariable, textOf } from './entry';

/**
 * Reads the amounts of a service's entry: sizes, times and counts, written as numbers or as text. What a variable says is not known,
 * and is undefined.
 */

const sizes = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 } as const;

/** Bytes of a limit, in any of Compose's units; undefined for none, and for what is no number. */
export function bytesOf(value: Plain | undefined): number | undefined {
  if (typeof value === 'number') return value > 0 ? value : undefined;
  const match = /^(\d+(?:\.\d+)?)\s*(?:([bkmgt])(?:ib|b)?)?$/i.exec(textOf(value) ?? '');
  if (match === null || Number(match[1]) === 0) return undefined;
  return Number(match[1]) * sizes[(match[2] ?? 'b').toLowerCase() as keyof typeof sizes];
}

/** What stands under `limits` or `reservations` of its deployment. */
export const deployed = (entry: PlainMapping, kind: 'limits' | 'reservations'): PlainMapping =>
  mappingOf(mappingOf(mappingOf(entry['deploy'])['resources'])[kind]);

/** Its memory limit, at whichever of the two places it stands. */
export const memoryOf = (entry: PlainMapping): number | undefined =>
  bytesOf(entry['mem_limit']) ?? bytesOf(deployed(entry, 'limits')['memory']);

/** A count; NaN for what is none, undefined where nothing or a variable stands. */
export function numberOf(value: Plain | undefined): number | undefined {
  if (value === undefined || value === null || hasVariable(value)) return undefined;
  if (typeof value === 'number') return value;
  const text = textOf(value)?.trim() ?? '';
  return text === '' ? Number.NaN : Number(text);
}

/** Containers of it, at whichever of the two places it stands: Compose refuses two that differ. */
export const containersOf = (entry: PlainMapping): number =>
  numberOf(entry['scale']) ?? numberOf(mappingOf(entry['deploy'])['replicas']) ?? 1;

/** Units of compose-go's durations, in milliseconds (go-str2duration, "unitMap"). */
const times: Readonly<Record<string, number>> = {
  ...{ ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1 },
  ...{ s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 },
};

const durationPart = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|[smhdw])/g;
const duration = new RegExp(`^(?:${durationPart.source})+$`);

/** Milliseconds of `1h30m` and the like; undefined for what is no duration. */
export function millisecondsOf(value: Plain | undefined): number | undefined {
  const text = typeof value === 'number' ? String(value) : (textOf(value)?.trim() ?? '');
  if (/^[+-]?0$/.test(text)) return 0;
  if (!duration.test(text)) return undefined;
  return [...text.matchAll(durationPart)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (times[unit ?? ''] ?? 0),
    0,
  );
}

/** A tmpfs of an entry, in any of the forms that Compose has for it. */
export interface MemoryMount {
  readonly target: string;
  /** Undefined for one that has none, or whose size is not known. */
  readonly bytes: number | undefined;
  readonly isUnlimited: boolean;
}

/** The entries under `tmpfs` (Compose specification, "tmpfs"). */
export function shortMemoryMountsOf({ tmpfs }: PlainMapping): readonly MemoryMount[] {
  return (Array.isArray(tmpfs) ? (tmpfs as readonly Plain[]) : [tmpfs]).flatMap((item) => {
    const [target = '', options = ''] = (textOf(item) ?? '').split(/:(.*)/s);
    if (target === '') return [];
    const size = options.split(',').find((option) => option.startsWith('size='));
    return [memoryMount(target, size?.slice('size='.length))];
  });
}

/** The same, and those of its mounts that are in memory (Compose specification, "volumes"). */
export function memoryMountsOf(entry: PlainMapping): readonly MemoryMount[] {
  const { volumes } = entry;
  const long = (Array.isArray(volumes) ? (volumes as readonly Plain[]) : []).map(mappingOf);
  return [
    ...shortMemoryMountsOf(entry),
    ...long.flatMap(({ type, target, tmpfs: options }) =>
      type === 'tmpfs' ? [memoryMount(textOf(target) ?? '', mappingOf(options)['size'])] : [],
    ),
  ];
}

const memoryMount = (target: string, size: Plain | undefined): MemoryMount => ({
  target,
  bytes: bytesOf(size),
  isUnlimited: bytesOf(size) === undefined && !hasVariable(size),
});
