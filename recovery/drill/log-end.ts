import type { Backup } from '../../deploy/backup/facts';
import { sameTime } from '../../deploy/backup/judge';
import { timelineOf, type ArchivedRun, type ServerLog } from '../../deploy/backup/segment';
import type { LogWay } from '../restore/way';

/** What is known of the log that leads on from a backup, and of its end. */
export interface LogEndFacts {
  readonly way: Pick<LogWay, 'last' | 'hole'>;
  readonly archived: readonly ArchivedRun[];
  /** All of the archive. */
  readonly backups: readonly Pick<Backup, 'log' | 'begun'>[];
  /** When the one that the copy is made of ended: its end is in the log. */
  readonly from: Date;
  /** Seconds after which what was committed leaves the host. */
  readonly timeout: number;
  /** When the archive was asked. */
  readonly now: Date;
  /** What the server had still to send then; undefined where it was not asked, or did not answer. */
  readonly server?: ServerLog;
}

/** Milliseconds: no target is finer, and the one that names the last commit has to lie behind it. */
const finest = 1;

/**
 * A moment in time that no commit in the log follows is the end of the log where nothing was written in between, and nothing that can be restored where log with later commits
 * never came: after the archive was away, above all, when the first piece of many arrives long after it was written. Both look the same to PostgreSQL.
 *
 * The end of the log is the moment, whatever is last in it (undefined), where that is what was asked for (the moment that a refusal at a gap names), where a backup
 * was begun later, and where the server of that history has sent all it has. A host that does not say is believed to have sent all where its last piece came at once, with nothing
 * behind it since. Otherwise the log itself has to show that it goes so far.
 *
 * @returns the last commit or checkpoint in the log must not be before this. Pure
 */
export function endSince(target: Date, facts: LogEndFacts): Date | undefined {
  const { way, archived, backups, from, timeout, now, server } = facts;
  const { last } = way;
  const arrived = archived.find((run) => run.last === last)?.to;
  const itself = new Date(target.getTime() - finest);
  if (last === undefined || arrived === undefined) return itself;
  const begun = backups
    .filter(({ log }) => timelineOf(log.stop) === timelineOf(last) && log.stop <= last)
    .flatMap((backup) => backup.begun ?? []);
  if (begun.some((at) => target <= at)) return undefined;
  if (way.hole !== undefined) return arrived.getTime() === target.getTime() ? undefined : itself;
  const soon = timeout * 1000 + sameTime;
  if (now.getTime() - arrived.getTime() < soon) return itself;
  if (server !== undefined && timelineOf(server.current) === timelineOf(last))
    return server.waiting.length === 0 ? undefined : itself;
  const prompt = new Date(arrived.getTime() - soon);
  if ([from, ...begun].some((at) => prompt <= at)) return undefined;
  return prompt < itself ? prompt : itself;
}
