import { generatedBy } from '../defaults';

/** Seconds that somebody may have waited for a lock of a reader, and seconds between two looks at that. */
const patience = 1;

/**
 * Ends what reads whole tables for the sake of backups as soon as somebody waits for what it holds: the locks of reading stay until it ends, a
 * change of a table waits for them, and every other statement on that table queues up behind the change. Runs for as long as its psql does, under
 * another name than the one that it ends. Writers who wait while a moment is marked have waited for less.
 *
 * A changed byte of it makes the files beside the database other ones, and restarts every archived database once.
 *
 * @param application the name under which the reader is connected: one of ours, since it becomes part of the statement
 */
export const giveWay = (application: string): string => `-- ${generatedBy}
SELECT pg_terminate_backend(counting.pid) FROM pg_stat_activity AS counting
WHERE counting.application_name = '${application}' AND EXISTS (
  SELECT FROM pg_locks AS waiting
  WHERE NOT waiting.granted AND waiting.waitstart < clock_timestamp() - interval '${patience} seconds'
    AND counting.pid = ANY (pg_blocking_pids(waiting.pid))) \\watch ${patience}
`;

/** Name of the file that has it, where it is used. */
export const giveWayFile = 'give-way.sql';
