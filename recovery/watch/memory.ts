import {
  conditionIds,
  conditions,
  longestExcuse,
  type Condition,
  type ConditionId,
  type Excuse,
} from './conditions';

/** What a look says about a condition. */
export interface Verdict {
  readonly wrong: boolean;
  readonly why: string;
  /**
   * When the look was made that says so, milliseconds since 1970: what takes long to look at is said again until there is a newer one, and is one look
   * all the same.
   * @default - this one
   */
  readonly lookedAt?: number;
}

/**
 * What one look saw of one environment. A condition that is not in `seen` could not be judged: that the disk is full
 * cannot be told of a host that does not answer, and neither counts for nor against.
 */
export interface Observation {
  /** Milliseconds since 1970, by the watch's own clock: when the look was begun, and when it had ended. */
  readonly begun: number;
  readonly at: number;
  readonly seen: Readonly<Partial<Record<ConditionId, Verdict>>>;
  readonly excuses: readonly Excuse[];
  /** This look saw the disk with the marker of its data. */
  readonly marked?: boolean;
}

/** Of one condition. Times are milliseconds since 1970. */
interface Track {
  /** Since when it is wrong without a break, and in how many looks; absent while it is not. */
  readonly wrong?: { readonly since: number; readonly looks: number };
  /** Looks in a row that found it right, while an alert is open. */
  readonly right?: number;
  /** Since when an alert is open. */
  readonly open?: number;
  /** The last look that counted (`Verdict.lookedAt`). */
  readonly counted?: number;
}

/** All that a watch remembers of one environment; small, and kept in a file. */
export interface Memory {
  /** When the last look was made. */
  readonly at: number | undefined;
  readonly tracks: Readonly<Partial<Record<ConditionId, Track>>>;
  /** Since when each excuse holds. */
  readonly excused: Readonly<Partial<Record<Excuse, number>>>;
  /** Its disk has been seen with the marker of its data. That is never forgotten: a disk that has lost it looks like that of a new host. */
  readonly marked?: boolean;
}

export const emptyMemory: Memory = { at: undefined, tracks: {}, excused: {} };

/** Something that somebody has to be told. */
export interface Change {
  readonly condition: ConditionId;
  readonly status: 'firing' | 'resolved';
  /** When it was first seen, milliseconds since 1970. */
  readonly since: number;
  readonly why: string;
}

/** Milliseconds without a look after which what was seen before proves nothing: the watch itself was away. */
export const longestGap = 60_000;

/**
 * One look further: what is remembered then, and what has to be said. Pure; time is in the observations alone.
 *
 * A watch that was away (ended, asleep, its clock set) begins to count anew, and keeps the alerts that are open. A clock
 * that goes backwards is such a gap too.
 */
export function advance(
  memory: Memory,
  { begun, at, seen, excuses, marked }: Observation,
): { readonly memory: Memory; readonly changes: readonly Change[] } {
  const away = memory.at !== undefined && (at < memory.at || at - memory.at > longestGap);
  const excused = Object.fromEntries(
    excuses.map((excuse): [Excuse, number] => [excuse, away ? at : (memory.excused[excuse] ?? at)]),
  ) as Memory['excused'];
  const changes: Change[] = [];
  const tracks: Partial<Record<ConditionId, Track>> = {};
  for (const condition of conditions) {
    const before = memory.tracks[condition.id] ?? {};
    const track = away ? openOnly(before) : before;
    const look = seen[condition.id];
    const [after, status] =
      look === undefined || (look.wrong && isExcused(condition, excused, at))
        ? [look === undefined ? track : openOnly(track), undefined]
        : follow(condition, track, look, { begun, at });
    if (Object.keys(after).length > 0) tracks[condition.id] = after;
    if (status !== undefined) {
      const since = status === 'firing' ? (after.wrong?.since ?? at) : (track.open ?? at);
      changes.push({ condition: condition.id, status, since, why: look?.why ?? '' });
    }
  }
  return { memory: { at, tracks, excused, ...(memory.marked || marked ? { marked: true } : {}) }, changes };
}

const openOnly = ({ open }: Track): Track => (open === undefined ? {} : { open });

const isExcused = ({ excusedBy }: Condition, excused: Memory['excused'], at: number): boolean =>
  excusedBy.some((excuse) => {
    const since = excused[excuse];
    return since !== undefined && at - since <= longestExcuse;
  });

function follow(
  condition: Condition,
  track: Track,
  { wrong, lookedAt }: Verdict,
  times: Pick<Observation, 'begun' | 'at'>,
): readonly [Track, Change['status'] | undefined] {
  if (lookedAt === undefined) return count(condition, track, wrong, times);
  if (lookedAt === track.counted) return [track, undefined];
  const [after, status] = count(condition, track, wrong, times);
  return [Object.keys(after).length === 0 ? after : { ...after, counted: lookedAt }, status];
}

function count(
  { after, looks, clearLooks }: Condition,
  track: Track,
  wrong: boolean,
  { begun, at }: Pick<Observation, 'begun' | 'at'>,
): readonly [Track, Change['status'] | undefined] {
  if (wrong) {
    const seen = { since: track.wrong?.since ?? begun, looks: (track.wrong?.looks ?? 0) + 1 };
    if (track.open !== undefined) return [{ open: track.open, wrong: seen }, undefined];
    const due = seen.looks >= looks && at - seen.since >= after;
    return due ? [{ open: seen.since, wrong: seen }, 'firing'] : [{ wrong: seen }, undefined];
  }
  if (track.open === undefined) return [{}, undefined];
  const right = (track.right ?? 0) + 1;
  return right >= clearLooks ? [{}, 'resolved'] : [{ open: track.open, right }, undefined];
}

/** Conditions with an open alert. */
export const openIn = ({ tracks }: Memory): readonly ConditionId[] =>
  conditionIds.filter((id) => tracks[id]?.open !== undefined);
