import type { JudgedCopies } from './copies';
import type { JudgedBackup, Judgement } from './judge';
import { segmentsBefore, type ArchivedRun } from './segment';

/** What no rule keeps any more, and what of it has to be said to pgBackRest. */
export interface Expiry {
  /** Backups to be removed, each with those that stand on it and go along, the oldest first. */
  readonly backups: readonly { readonly label: string; readonly along: readonly string[] }[];
  /** Portable copies to be removed, the oldest first. */
  readonly copies: readonly string[];
  /** Records of the host that later ones have replaced, the oldest first. */
  readonly records: readonly string[];
  /** Segments of the log that lie before every backup that stays. */
  readonly segments: number;
  /** Labels of everything that stays. */
  readonly stays: readonly string[];
}

/**
 * Decides what may go. Never what a rule keeps, what a kept one stands on, or the newest that can be restored with what that
 * stands on; and nothing at all where none can be restored.
 *
 * @param judgement of the archive, the newest backup first
 * @param records that nobody needs any more
 */
export function expiryOf(
  judgement: Pick<Judgement, 'backups' | 'newestGood'>,
  runs: readonly ArchivedRun[],
  copied: JudgedCopies | undefined,
  records: readonly string[] = [],
): Expiry {
  const { backups, newestGood } = judgement;
  const held = new Set([newestGood?.label, ...(newestGood?.reference ?? [])]);
  const free = (one: JudgedBackup): boolean =>
    newestGood !== undefined && one.keptBy.length === 0 && !held.has(one.label);
  const going = backups.filter(free).reverse();
  const gone = new Set(going.map(({ label }) => label));
  const staying = backups.filter(({ label }) => !gone.has(label));
  // What stands on a removed one goes with it, and has no command of its own.
  const roots = going.filter(({ reference }) => !reference.some((label) => gone.has(label)));
  const oldest = staying.map(({ log }) => log.start).sort()[0];
  const anyWhole = copied?.copies.some(({ whole }) => whole) ?? false;
  return {
    backups: roots.map(({ label }) => ({
      label,
      along: going.filter(({ reference }) => reference.includes(label)).map((one) => one.label),
    })),
    copies: anyWhole
      ? (copied?.copies ?? [])
          .filter(({ keptBy }) => keptBy.length === 0)
          .map(({ name }) => name)
          .reverse()
      : [],
    records,
    segments: oldest === undefined || newestGood === undefined ? 0 : segmentsBefore(runs, oldest),
    stays: staying.map(({ label }) => label),
  };
}

export const nothingGoes = ({ backups, copies, records, segments }: Expiry): boolean =>
  [backups, copies, records].every(({ length }) => length === 0) && segments === 0;
