/** The name of a segment of the write-ahead log: timeline, log and segment, eight hex digits each (PostgreSQL documentation, 30.6). */
const form = /^[0-9A-F]{24}$/;

/** Segments of one log, with segments of 16 MiB: the size that the database is made with. */
const segmentsOfLog = 256;

export const segmentMebibytes = 16;

export const isSegment = (name: string): boolean => form.test(name);

/** Where a segment is in the log, whatever its timeline: the next one has the next number. */
export const positionOf = (name: string): number =>
  Number.parseInt(name.slice(8, 16), 16) * segmentsOfLog + Number.parseInt(name.slice(16), 16);

/** The history that a segment belongs to: each restore begins another one. */
export const timelineOf = (name: string): number => Number.parseInt(name.slice(0, 8), 16);

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0');

const nameAt = (timeline: string, position: number): string =>
  timeline + hex(Math.floor(position / segmentsOfLog)) + hex(position % segmentsOfLog);

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
 * The gaps of an archive. A new timeline begins in the middle of the one before, so a segment may come twice, once for each.
 *
 * @param archived names of segments, in any order
 * @param server asked before the archive was listed; undefined: nothing is known of what is on its way
 */
export function gapsOf(archived: readonly string[], server: ServerLog | undefined): readonly Gap[] {
  const waiting = new Set(server?.waiting);
  const sorted = [...new Set(archived)]
    .filter((name) => server === undefined || name < server.current)
    .sort();
  return sorted.slice(1).flatMap((before, index) => {
    const after = sorted[index] ?? before;
    const first = positionOf(after) + 1;
    const names = Array.from({ length: Math.max(0, positionOf(before) - first) }, (_, step) =>
      nameAt(before.slice(0, 8), first + step),
    );
    const missing = names.filter((name) => !waiting.has(name)).length;
    return missing === 0 ? [] : [{ after, before, missing }];
  });
}
