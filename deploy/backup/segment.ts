/**
 * Segments of one log, with segments of 16 MiB: the size that the database is made with. The name of a segment is timeline, log and segment, eight
 * hex digits each (PostgreSQL documentation, 30.6).
 */
const segmentsOfLog = 256;

export const segmentMebibytes = 16;

/** Where a segment is in the log, whatever its timeline: the next one has the next number. */
export const positionOf = (name: string): number =>
  Number.parseInt(name.slice(8, 16), 16) * segmentsOfLog + Number.parseInt(name.slice(16), 16);

/** The history that a segment belongs to: each restore begins another one. */
export const timelineOf = (name: string): number => Number.parseInt(name.slice(0, 8), 16);

/** The name of a segment, by its timeline and where it is in the log. */
export const segmentAt = (timeline: number, position: number): string =>
  [timeline, Math.floor(position / segmentsOfLog), position % segmentsOfLog]
    .map((part) => part.toString(16).toUpperCase().padStart(8, '0'))
    .join('');

/** Segments of one timeline in the archive, each the next of the one before. */
export interface ArchivedRun {
  readonly first: string;
  readonly last: string;
  /** When the first of them arrived there. */
  readonly from: Date;
  /** When the last of them did. */
  readonly to: Date;
}

/** The same in the order of the names, what is without a break put together. */
export function joined(runs: readonly ArchivedRun[]): readonly ArchivedRun[] {
  const found: ArchivedRun[] = [];
  for (const run of [...runs].sort((one, other) => (one.first < other.first ? -1 : 1))) {
    const before = found.at(-1);
    const follows =
      before !== undefined &&
      timelineOf(before.last) === timelineOf(run.first) &&
      positionOf(run.first) <= positionOf(before.last) + 1;
    if (!follows) found.push(run);
    else if (run.last > before.last) found[found.length - 1] = { ...before, last: run.last, to: run.to };
  }
  return found;
}

/** When the newest of all segments arrived; undefined where there is none. */
export const newestArrival = (runs: readonly ArchivedRun[]): Date | undefined =>
  runs.reduce<Date | undefined>(
    (newest, { to }) => (newest === undefined || to > newest ? to : newest),
    undefined,
  );

/** The timeline that is lived now: the server's own, or else that of what arrived last; 1 where nothing has. */
export function historyOf(runs: readonly ArchivedRun[], current?: string): number {
  if (current !== undefined) return timelineOf(current);
  const newest = [...runs].sort((one, other) => one.to.getTime() - other.to.getTime()).at(-1);
  return newest === undefined ? 1 : timelineOf(newest.last);
}

/**
 * Whether a timeline goes on from a segment. Each restore begins another one, at the moment that it went back to: what the one before has beyond
 * that leads to no present. Which one came out of which is known to PostgreSQL alone, so every one that begins before the segment counts as leading away
 * from it: a yes is never wrong, and a no may be where an earlier moment was restored several times.
 *
 * @param runs in the order of their names
 */
export function leadsTo(runs: readonly ArchivedRun[], segment: string, timeline: number): boolean {
  const own = timelineOf(segment);
  if (own >= timeline) return own === timeline;
  const later = runs.filter(({ first }) => timelineOf(first) > own && timelineOf(first) <= timeline);
  return later.every(({ first }) => positionOf(first) > positionOf(segment));
}

/**
 * What is missing of the log from one segment to another of the same timeline: a place, for people; undefined where all of it is there.
 *
 * @param runs in the order of their names, without a break in each
 */
export function lackedBetween(runs: readonly ArchivedRun[], start: string, stop: string): string | undefined {
  const same = runs.filter(({ first }) => timelineOf(first) === timelineOf(start));
  const held = same.find(({ first, last }) => first <= start && start <= last);
  if (held !== undefined && stop <= held.last) return undefined;
  const before = held?.last ?? same.findLast(({ last }) => last < start)?.last;
  const after = same.find(({ first }) => first > (before ?? start))?.first;
  if (before === undefined) return after === undefined ? `all from ${start} on` : `before ${after}`;
  return after === undefined ? `behind ${before}` : `between ${before} and ${after}`;
}

/** How many segments of an archive lie before one, whatever their timelines. */
export const segmentsBefore = (runs: readonly ArchivedRun[], name: string): number =>
  joined(runs).reduce((sum, { first, last }) => {
    if (first >= name) return sum;
    const end = last < name ? positionOf(last) + 1 : positionOf(name);
    return sum + end - positionOf(first);
  }, 0);

/** Log that is not in the archive between two segments that are. */
export interface Gap {
  /** The last segment before it: what comes later cannot be reached from there. */
  readonly after: string;
  /** The first segment behind it. */
  readonly before: string;
  /** Segments that are missing. */
  readonly missing: number;
}

/** What the server knows of its own log. */
export interface ServerLog {
  /** The segment that it writes to: neither that one nor a later one can be missing. */
  readonly current: string;
  /** Segments that it still waits to send. */
  readonly waiting: readonly string[];
}

/**
 * Whether the archive has all log but the segment that the server writes to. The server's word alone is not enough: log that was dropped, because the backlog was full,
 * does not wait either.
 */
export const isAllSent = (archived: readonly ArchivedRun[], { current, waiting }: ServerLog): boolean =>
  waiting.length === 0 &&
  archived.some(
    ({ last }) => timelineOf(last) === timelineOf(current) && positionOf(last) >= positionOf(current) - 1,
  );

/**
 * The gaps of an archive. A new timeline begins in the middle of the one before, so a segment may come twice, once for each.
 *
 * @param archived in any order
 * @param server asked before the archive was listed; undefined: nothing is known of what is on its way
 */
export function gapsOf(archived: readonly ArchivedRun[], server: ServerLog | undefined): readonly Gap[] {
  const runs = joined(archived).filter(({ first }) => server === undefined || first < server.current);
  return runs.slice(1).flatMap(({ first: before }, index) => {
    const after = runs[index]?.last ?? before;
    const [from, to] = [positionOf(after) + 1, positionOf(before)];
    const waiting = new Set(
      server?.waiting.filter(
        (name) =>
          timelineOf(name) === timelineOf(before) && positionOf(name) >= from && positionOf(name) < to,
      ),
    );
    const missing = to - from - waiting.size;
    return missing <= 0 ? [] : [{ after, before, missing }];
  });
}
