/** What CHANGELOG.md says of one version. */
export interface ChangelogEntry {
  readonly version: string;
  /** Year, month and day; undefined where the heading has none. */
  readonly date: string | undefined;
  /** What stands below the heading. */
  readonly text: string;
}

/** Where it lies. */
export const changelogFile = 'CHANGELOG.md';

/** `## 1.4.0 (2026-11-22)`, as Keep a Changelog has it too: `## [1.4.0] - 2026-11-22`. */
const heading = /^## \[?v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)\]?(.*)$/;

/** The entries of a changelog, in its order. What stands under another heading of the same rank is none. */
export function changelogEntries(text: string): readonly ChangelogEntry[] {
  const parts = text.split(/^(?=## )/m);
  return parts.flatMap((part): ChangelogEntry[] => {
    const [first = '', ...rest] = part.split('\n');
    const [, version, more = ''] = heading.exec(first.trimEnd()) ?? [];
    if (version === undefined) return [];
    return [{ version, date: /\d{4}-\d\d-\d\d/.exec(more)?.[0], text: rest.join('\n').trim() }];
  });
}

/** Below zero when the first version is the older one (Semantic Versioning 2.0.0, section 11). */
export function compareVersions(one: string, other: string): number {
  const [first, second] = [partsOf(one), partsOf(other)];
  const numbers = first.numbers.map((number, index) => number - (second.numbers[index] ?? 0));
  const decided = numbers.find((difference) => difference !== 0);
  if (decided !== undefined) return decided;
  // A version that is to come is older than the one itself.
  if (first.before.length === 0 || second.before.length === 0)
    return second.before.length - first.before.length;
  for (let index = 0; index < Math.max(first.before.length, second.before.length); index += 1) {
    const difference = compareIdentifiers(first.before[index], second.before[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function partsOf(version: string): {
  readonly numbers: readonly number[];
  readonly before: readonly string[];
} {
  const [, numbers = '', before = ''] = /^([\d.]+)(?:-(.+))?$/.exec(version) ?? [];
  return {
    numbers: numbers.split('.').map(Number),
    before: before === '' ? [] : before.split('.'),
  };
}

function compareIdentifiers(one: string | undefined, other: string | undefined): number {
  if (one === undefined || other === undefined) return one === other ? 0 : one === undefined ? -1 : 1;
  const [isNumber, isOtherNumber] = [/^\d+$/.test(one), /^\d+$/.test(other)];
  if (isNumber && isOtherNumber) return Number(one) - Number(other);
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  return one === other ? 0 : one < other ? -1 : 1;
}
