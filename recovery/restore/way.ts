import { positionOf, segmentAt, timelineOf, type ArchivedRun } from '../../deploy/backup/segment';
import type { ReceivedFile } from '../../deploy/receiver/status';
import type { DrillFacts } from '../drill/survey';

/** Where a way through the log begins, and what the archive has of it. */
export interface WayFrom {
  /** The segment in which the backup ends (`log.stop`). */
  readonly start: string;
  /** To go along. */
  readonly timeline: number;
  /** Which log the archive has; what is damaged is none of it. In the order of their names. */
  readonly archived: readonly ArchivedRun[];
  /** Identifier of the database system, which a receiver's folders begin with; undefined where it is not recorded. */
  readonly system: string | undefined;
}

export const wayFrom = ({
  chosen,
  archived,
  checkpoint,
}: Pick<DrillFacts, 'chosen' | 'archived' | 'checkpoint'>): WayFrom => ({
  start: chosen.backup.log.stop,
  timeline: chosen.timeline,
  archived,
  system: checkpoint?.system,
});

/** The last piece of the archive's own log that leads on from a backup; undefined where it does not get as far as the timeline. Pure. */
export const lastArchived = (facts: DrillFacts): string | undefined => wayThrough(wayFrom(facts), []).last;

/** All log that leads on from a backup without a hole, whoever has it. */
export interface LogWay {
  /** Files of the receiver for what the archive lacks, in the order of the log: also in the middle of it, since pieces are sent to it several at once. */
  readonly lacked: readonly ReceivedFile[];
  /** The last piece, behind which nobody has the next; undefined where it does not get as far as the timeline. */
  readonly last: string | undefined;
  /** The hole at which it ends: what is behind that can be reached by nobody. Undefined where all log leads up to the last piece that there is. */
  readonly hole: { readonly after: string; readonly before: string } | undefined;
}

/** What a receiver's file has. */
export const pieceOf = ({ path }: ReceivedFile) => {
  const file = path.replace(/^.*\//, '');
  return { name: file.slice(0, 24), whole: !file.endsWith('.partial') } as const;
};

/**
 * Walks from a backup through the log: over what the archive has, and over what the receiver has where that lacks it, up to the first piece that neither
 * has. Pure.
 *
 * Before the timeline's first piece the log of those before it is taken, as it comes: which of them it came out of is known to PostgreSQL alone,
 * which asks for a piece by its full name.
 *
 * @param files of the receiver; none where there is none
 */
export function wayThrough(from: WayFrom, files: readonly ReceivedFile[]): LogWay {
  const { start, timeline, archived } = from;
  const received = bestOf(files, from);
  const begins = beginOf(from, received);
  const lacked: ReceivedFile[] = [];
  let next = positionOf(start);
  for (;;) {
    const onWay = (name: string): boolean =>
      next >= begins ? timelineOf(name) === timeline : timelineOf(name) < timeline;
    const run = archived.find(
      ({ first, last }) => onWay(first) && positionOf(first) <= next && next <= positionOf(last),
    );
    const file = received.find((one) => {
      const { name } = pieceOf(one);
      return onWay(name) && positionOf(name) === next;
    });
    if (run !== undefined) {
      const end = positionOf(run.last) + 1;
      next = next < begins ? Math.min(end, begins) : end;
    } else if (file !== undefined) {
      lacked.push(file);
      next += 1;
    } else break;
  }
  const after = segmentAt(timeline, next - 1);
  const [before] = [...archived.map(({ first }) => first), ...received.map((one) => pieceOf(one).name)]
    .filter((name) => timelineOf(name) === timeline && positionOf(name) > next)
    .sort();
  return {
    lacked,
    last: next > begins ? after : undefined,
    hole: before === undefined ? undefined : { after, before },
  };
}

/** Where the timeline begins, as far as anybody has it. */
const beginOf = ({ start, timeline, archived }: WayFrom, received: readonly ReceivedFile[]): number =>
  timelineOf(start) === timeline
    ? positionOf(start)
    : Math.min(
        ...[...archived.map(({ first }) => first), ...received.map((file) => pieceOf(file).name)]
          .filter((name) => timelineOf(name) === timeline)
          .map(positionOf),
      );

/** Of the same database, from the backup on, one of each name: received to its end where there is such a one, and else the newest. */
function bestOf(
  files: readonly ReceivedFile[],
  { start, timeline, system }: WayFrom,
): readonly ReceivedFile[] {
  const best = new Map<string, ReceivedFile>();
  for (const file of files) {
    const { name, whole } = pieceOf(file);
    const fits =
      timelineOf(name) >= timelineOf(start) &&
      timelineOf(name) <= timeline &&
      positionOf(name) >= positionOf(start) &&
      (system === undefined || file.path.startsWith(`${system}-`));
    const known = best.get(name);
    const better = known === undefined || (pieceOf(known).whole === whole ? known.at < file.at : whole);
    if (fits && better) best.set(name, file);
  }
  return [...best.values()].sort((one, other) => (pieceOf(one).name > pieceOf(other).name ? -1 : 1));
}
