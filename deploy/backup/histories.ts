import type { JudgedBackup } from './judge';
import { historyOf, newestArrival, timelineOf, type ArchivedRun } from './segment';

/** One timeline of an archive: when its first segment arrived there, and when its newest did. */
interface History {
  readonly timeline: number;
  readonly began: Date;
  readonly until: Date;
}

/**
 * Log of an older timeline that arrived after a newer one had begun. A restore stops what it replaces, so either it was taken back since, or two machines write:
 * one that was given up, and is switched on again with its key, sends its own log beside that of the living one. Where no server is asked, what came last is
 * taken for the present, and so would that be.
 *
 * It is told until a good backup of what is lived now is newer than all of the other log.
 *
 * @param current the segment that the server writes to, which knows its own timeline; undefined where only the archive is known
 */
export function historyAlarms(
  runs: readonly ArchivedRun[],
  backups: readonly Pick<JudgedBackup, 'good' | 'at' | 'log'>[],
  current: string | undefined,
): readonly string[] {
  const present = historyOf(runs, current);
  const histories = historiesOf(runs);
  const lived = histories.find(({ timeline }) => timeline === present);
  if (lived === undefined) return [];
  const isSettled = ({ until }: History): boolean =>
    backups.some(({ good, at, log }) => good && timelineOf(log.stop) === present && at > until);
  return histories
    .filter((other) => !isSettled(other))
    .flatMap((other): readonly string[] => {
      const { timeline, began, until } = other;
      if (timeline < present && until > lived.began)
        return [
          `log of timeline ${timeline} arrived at ${until.toISOString()}, after timeline ${present}, which is written now, had begun at ${lived.began.toISOString()}: a machine that was given up may be switched on, and write again`,
        ];
      if (timeline > present && current === undefined && lived.until > began)
        return [
          `what arrived last is of timeline ${present}, at ${lived.until.toISOString()}, and timeline ${timeline} had begun at ${began.toISOString()}: either a restore was taken back, or a machine that was given up is switched on, and its log is taken for the newest`,
        ];
      return [];
    });
}

const historiesOf = (runs: readonly ArchivedRun[]): readonly History[] =>
  [...new Set(runs.map(({ first }) => timelineOf(first)))].flatMap((timeline) => {
    const own = runs.filter(({ first }) => timelineOf(first) === timeline);
    const until = newestArrival(own);
    const began = new Date(Math.min(...own.map(({ from }) => from.getTime())));
    return until === undefined ? [] : [{ timeline, began, until }];
  });
