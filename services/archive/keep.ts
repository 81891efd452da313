/** How many backups are kept, in restic's words (restic documentation, "Removing snapshots according to a policy"). */
export interface Keep {
  /** The newest so many. */
  readonly last?: number;
  /** The newest of each of so many days (UTC) that have one. */
  readonly daily?: number;
  /** Of so many weeks (ISO 8601: they begin on Monday). */
  readonly weekly?: number;
  readonly monthly?: number;
  readonly yearly?: number;
}

const rules: readonly {
  readonly name: keyof Keep;
  /** What two backups have in common of which only the newer one counts. */
  readonly period: (at: Date, index: number) => string;
}[] = [
  { name: 'last', period: (_, index) => String(index) },
  { name: 'daily', period: (at) => at.toISOString().slice(0, 10) },
  { name: 'weekly', period: (at) => mondayOf(at) },
  { name: 'monthly', period: (at) => at.toISOString().slice(0, 7) },
  { name: 'yearly', period: (at) => at.toISOString().slice(0, 4) },
];

const day = 24 * 60 * 60 * 1000;

const mondayOf = (at: Date): string =>
  new Date(at.getTime() - ((at.getUTCDay() + 6) % 7) * day).toISOString().slice(0, 10);

/**
 * Which rules keep each backup. Periods without a backup do not count, so a host that was off for a month loses
 * nothing by it. An empty list: no rule needs it any more.
 *
 * @param times when each was made, in any order
 * @returns for each, in the same order, the names of the rules that keep it
 */
export function keptBy(times: readonly Date[], keep: Keep): readonly (readonly (keyof Keep)[])[] {
  const newestFirst = times
    .map((at, index) => ({ at, index }))
    .sort((one, other) => other.at.getTime() - one.at.getTime() || other.index - one.index);
  const kept = times.map((): (keyof Keep)[] => []);
  for (const { name, period } of rules) {
    const wanted = keep[name] ?? 0;
    const seen = new Set<string>();
    newestFirst.forEach(({ at, index }, rank) => {
      const of = period(at, rank);
      if (seen.has(of) || seen.size >= wanted) return;
      seen.add(of);
      kept[index]?.push(name);
    });
  }
  return kept;
}

/** What is wrong with a policy: one that keeps nothing would end every backup. */
export function keepFaults(keep: Keep): readonly string[] {
  const values = rules.map(({ name }) => [name, keep[name]] as const);
  const faults = values.flatMap(([name, count]) =>
    count === undefined || (Number.isInteger(count) && count >= 1 && count <= 1000)
      ? []
      : [`${name} is ${count}, not a whole number from 1 to 1000`],
  );
  return values.every(([, count]) => count === undefined) ? ['names no rule: nothing would be kept'] : faults;
}
