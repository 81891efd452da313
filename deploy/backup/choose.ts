import { ExitCode, Failure } from '../../foundation/failure';
import type { JudgedBackup, Judgement } from './judge';
import { historyOf, joined, leadsTo, positionOf, timelineOf, type ArchivedRun } from './segment';

/** Where a copy is to be brought. */
export type Target =
  /** The newest there is. */
  | { readonly kind: 'end' }
  | { readonly kind: 'time'; readonly at: Date }
  /** A restore point: of a release, or of a checkpoint. */
  | { readonly kind: 'name'; readonly name: string }
  /** What was recorded beside a backup; where nothing was, the end of it. */
  | { readonly kind: 'backup'; readonly label: string };

/** A backup to begin from, and the timeline of the log to go along. */
export interface Chosen {
  readonly backup: JudgedBackup;
  readonly timeline: number;
  readonly target: Target;
}

/** What a person calls the newest moment. */
const newest = 'newest';

const label = /^\d{8}-\d{6}F(_\d{8}-\d{6}[DI])?$/;

/**
 * What a person wrote: a moment in ISO 8601 with its zone, the name of a restore point, the label of a backup, or `newest`.
 *
 * @throws Failure (wrong usage) for a moment that could mean several, or one to come
 */
export function parseTarget(text: string, now: Date): Target {
  const wrong = (what: string): Failure =>
    new Failure({
      what: `"${text}" is ${what}`,
      next: 'give a moment with its zone, such as 2026-11-21T12:00:00Z, the label of a backup, such as 20261121-213822F, the name of a restore point, such as before-20261121T115900Z-0123abc, or newest',
      exitCode: ExitCode.usage,
    });
  if (text === newest) return { kind: 'end' };
  if (label.test(text)) return { kind: 'backup', label: text };
  if (/^\d{4}-\d{2}-\d{2}/.test(text)) {
    const at = new Date(text);
    if (!/T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})$/.test(text) || Number.isNaN(at.getTime())) {
      throw wrong('no moment with date, time and zone');
    }
    if (at > now) throw wrong('a moment that has not come yet');
    return { kind: 'time', at };
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(text))
    throw wrong('neither a moment nor a backup nor the name of a restore point');
  return { kind: 'name', name: text };
}

/** What a target is called. */
export const targetText = (target: Target): string =>
  target.kind === 'end'
    ? 'the newest moment'
    : target.kind === 'time'
      ? target.at.toISOString()
      : target.kind === 'backup'
        ? target.label
        : target.name;

/** The same as it is written on a command line. */
export const targetWord = (target: Target): string => (target.kind === 'end' ? newest : targetText(target));

/** Milliseconds: what a storage says of the time of an object has no parts of a second. */
const second = 1000;

/** Milliseconds by which the clock that named a restore point may be ahead of the storage's. */
const otherClock = 15 * 60 * second;

/** The name of every restore point that is made here holds its time: `before-20261121T115900Z-…`, `checkpoint-…`. */
function timeIn(name: string): Date | undefined {
  const found = /-(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z/.exec(name);
  if (found === null) return undefined;
  const [, year = '', month = '', day = '', hour = '', minute = '', second = ''] = found;
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/**
 * The backup and the timeline by which a target is reached. After a restore there are two histories of the same database: a
 * backup counts only where the log that leads to the target goes on from it.
 *
 * @throws Failure (exit code 3) when no good backup leads there; it says what can be reached
 */
export function choose(
  judgement: Pick<Judgement, 'backups'>,
  archived: readonly ArchivedRun[],
  target: Target,
  environment: string,
): Chosen {
  const asked = judgement.backups.find((one) => target.kind === 'backup' && one.label === target.label);
  if (asked?.good) return { backup: asked, timeline: timelineOf(asked.log.stop), target };
  const moment =
    target.kind === 'time' ? target.at : target.kind === 'name' ? timeIn(target.name) : undefined;
  const runs = joined(archived);
  const timeline = timelineAt(runs, moment);
  const good = leading(
    judgement.backups.filter(({ good: whole }) => whole),
    runs,
    timeline,
  );
  const backup =
    target.kind === 'backup'
      ? undefined
      : good.find(
          ({ at, until }) =>
            moment === undefined ||
            // The name of a point holds the time when its deploy was begun, by another clock, and the point is made later: a log that ends well before it has no such point.
            (at <= moment &&
              (until === undefined ||
                until.getTime() + (target.kind === 'name' ? otherClock : second) > moment.getTime())),
        );
  if (backup !== undefined) return { backup, timeline, target };
  const reach = good.map(
    ({ at, until }) => `from ${at.toISOString()} to ${until?.toISOString() ?? 'its end'}`,
  );
  throw new Failure({
    what:
      target.kind === 'backup'
        ? `the backup ${target.label} of ${environment} ${asked === undefined ? 'is not there' : `cannot be restored: ${asked.why ?? ''}`}`
        : `no good backup of ${environment} leads to ${targetText(target)}`,
    faults:
      reach.length === 0
        ? ['there is no good backup at all']
        : reach.map((text) => `can be reached: ${text}`),
    next: `./cogni backup list ${environment}`,
    exitCode: ExitCode.refused,
  });
}

/** Backups from which a timeline goes on; where none surely does, those of before it began: PostgreSQL refuses one from which it does not. */
function leading(
  backups: readonly JudgedBackup[],
  runs: readonly ArchivedRun[],
  timeline: number,
): readonly JudgedBackup[] {
  const sure = backups.filter(({ log }) => leadsTo(runs, log.stop, timeline));
  if (sure.length > 0) return sure;
  const of = runs.filter(({ first }) => timelineOf(first) === timeline);
  return backups.filter(
    ({ log }) =>
      timelineOf(log.stop) < timeline && of.every(({ first }) => positionOf(log.stop) < positionOf(first)),
  );
}

/** The last moment that the data of a copy come back to: what was committed later is not in them. Undefined where that is not known. */
export function reachOf({ backup, target }: Chosen): Date | undefined {
  switch (target.kind) {
    case 'end':
      return backup.until;
    case 'time':
      return target.at;
    case 'name':
      return timeIn(target.name);
    case 'backup':
      return backup.at;
  }
}

/**
 * The history that was lived at a moment: that of the log which arrived around it, or came next, or else of the newest.
 *
 * @param runs in the order of their names
 */
function timelineAt(runs: readonly ArchivedRun[], moment: Date | undefined): number {
  const around = moment && runs.findLast(({ from, to }) => from <= moment && moment <= to);
  const next =
    moment &&
    [...runs]
      .sort((one, other) => one.from.getTime() - other.from.getTime())
      .find(({ from }) => from >= moment);
  const run = around ?? next;
  return run === undefined ? historyOf(runs) : timelineOf(run.first);
}
