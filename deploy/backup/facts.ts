import { z } from 'zod';
import { Failure } from '../../foundation/failure';
import { logListEnd, readBackAnnotation } from '../../services';
import { parsed } from './parsed';
import { joined, type ArchivedRun, type ServerLog } from './segment';

/** A backup as pgBackRest lists it (its documentation, "Info Command", JSON output). */
export interface Backup {
  /** Its name: `20261121-213822F`, and `…_20261121-220000I` for one that stands on it. */
  readonly label: string;
  readonly type: 'full' | 'diff' | 'incr';
  /** When its last file was read from the server. */
  readonly at: Date;
  /** When it was begun, by the server's clock: its log has that moment. Absent where that is not said. */
  readonly begun?: Date;
  /** Backups that it takes files from. */
  readonly reference: readonly string[];
  /** Bytes of the database, and bytes that it takes in the archive by itself. */
  readonly size: { readonly database: number; readonly archive: number };
  /** First and last segment of the log that it cannot do without. */
  readonly log: { readonly start: string; readonly stop: string };
  /** A page of the database had a wrong checksum. */
  readonly damaged: boolean;
  /** When it was last read back and found whole; undefined where it never was. */
  readonly readBack: Date | undefined;
  /** Number of the database in the archive: a restored or new one may have another. */
  readonly database: number;
}

export interface ArchiveInfo {
  /** The oldest first. */
  readonly backups: readonly Backup[];
  /** Version of PostgreSQL of each database that was archived there, by number. */
  readonly versions: ReadonlyMap<number, string>;
  /** pgBackRest's own word on what is wrong; undefined where nothing is. */
  readonly problem: string | undefined;
  /** A backup is being made at this moment. */
  readonly underWay: boolean;
}

/** `15` of `15.20`. */
export const majorOf = (version: string): string => version.split('.')[0] ?? version;

const infoForm = z
  .array(
    z.object({
      backup: z.array(
        z.object({
          label: z.string(),
          type: z.enum(['full', 'diff', 'incr']),
          timestamp: z.object({ start: z.number().optional(), stop: z.number() }),
          reference: z.array(z.string()).nullish(),
          info: z.object({ size: z.number(), repository: z.object({ delta: z.number() }) }),
          archive: z.object({ start: z.string(), stop: z.string() }),
          error: z.boolean().nullish(),
          annotation: z.record(z.string(), z.string()).nullish(),
          database: z.object({ id: z.number() }),
        }),
      ),
      db: z.array(z.object({ id: z.number(), version: z.string() })),
      status: z.object({
        code: z.number(),
        message: z.string(),
        lock: z.object({ backup: z.object({ held: z.boolean() }) }).optional(),
      }),
      repo: z.array(z.object({ status: z.object({ message: z.string() }) })).optional(),
    }),
  )
  .length(1);

/** pgBackRest's codes: 0 is well, 2 is "no valid backups", which a new archive has none of. */
const wellCodes = [0, 2];

/** What `pgbackrest --output=json info` printed. @throws Failure when it is not that */
export function parseInfo(text: string): ArchiveInfo {
  const [stanza] = parsed(text, infoForm, 'info');
  const { backup = [], db = [], status, repo } = stanza ?? {};
  const well = status === undefined || wellCodes.includes(status.code);
  return {
    backups: backup
      .map((one) => ({
        label: one.label,
        type: one.type,
        at: new Date(one.timestamp.stop * 1000),
        ...(one.timestamp.start === undefined ? {} : { begun: new Date(one.timestamp.start * 1000) }),
        reference: one.reference ?? [],
        size: { database: one.info.size, archive: one.info.repository.delta },
        log: one.archive,
        damaged: one.error ?? false,
        readBack: dateOf(one.annotation?.[readBackAnnotation]),
        database: one.database.id,
      }))
      .sort((one, other) => one.at.getTime() - other.at.getTime()),
    versions: new Map(db.map(({ id, version }) => [id, version])),
    underWay: status?.lock?.backup.held ?? false,
    problem: well ? undefined : [status.message, repo?.[0]?.status.message].filter(Boolean).join(': '),
  };
}

const dateOf = (text: string | undefined): Date | undefined => {
  const date = new Date(text ?? '');
  return Number.isNaN(date.getTime()) ? undefined : date;
};

const runForm = /^([0-9A-F]{24}) ([0-9A-F]{24}) (\d+) (\d+)$/;

/** What `listLogProgram` printed. @throws Failure when it is not that, or not all of it */
export function parseLog(text: string): readonly ArchivedRun[] {
  const lines = text.trimEnd().split('\n');
  const isWhole = lines.pop() === logListEnd;
  const runs = lines.map((line): ArchivedRun | undefined => {
    const [, first, last, from, to] = runForm.exec(line) ?? [];
    if (first === undefined || last === undefined) return undefined;
    return { first, last, from: new Date(Number(from) * 1000), to: new Date(Number(to) * 1000) };
  });
  const known = runs.filter((run) => run !== undefined);
  if (isWhole && known.length === runs.length) return joined(known);
  throw new Failure({
    what: `the list of the log in the archive cannot be read: ${isWhole ? 'a line of it is none' : 'its end is missing'}`,
    next: 'see that the image of the database is that of the environment’s record: ./cogni status <env>',
    output: text.slice(0, 1_000),
  });
}

/** What the server says of its archiving. */
export interface ServerFacts extends ServerLog {
  /** By the server's clock. */
  readonly now: Date;
  readonly version: string;
  /** When the archive last took a segment; undefined before the first. */
  readonly lastSent: Date | undefined;
  /** When it last did not; undefined where that never happened since the server's start. */
  readonly lastFailed: Date | undefined;
  /** Since when the oldest of what waits does; absent where nothing waits. */
  readonly waitingSince?: Date;
}

const serverForm = z.object({
  now: z.string(),
  version: z.string(),
  current: z.string(),
  waiting: z.array(z.string()),
  lastSent: z.string().nullable(),
  lastFailed: z.string().nullable(),
  waitingSince: z.string().nullish(),
});

/** The question to the server, whose answer {@link parseServer} reads. */
export const serverQuestion = `SELECT json_build_object(
  'now', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
  'version', current_setting('server_version'),
  'current', pg_walfile_name(pg_current_wal_lsn()),
  'waiting', (SELECT coalesce(json_agg(left(name, 24) ORDER BY name), '[]')
    FROM pg_ls_archive_statusdir() WHERE name ~ '^[0-9A-F]{24}\\.ready$'),
  'waitingSince', (SELECT to_char(min(modification) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    FROM pg_ls_archive_statusdir() WHERE name ~ '^[0-9A-F]{24}\\.ready$'),
  'lastSent', (SELECT to_char(last_archived_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') FROM pg_stat_archiver),
  'lastFailed', (SELECT to_char(last_failed_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') FROM pg_stat_archiver)
)`;

/** @throws Failure when it is no answer to {@link serverQuestion} */
export function parseServer(text: string): ServerFacts {
  const { now, lastSent, lastFailed, waitingSince, ...rest } = parsed(text, serverForm, 'the database');
  const waits = dateOf(waitingSince ?? undefined);
  return {
    ...rest,
    now: new Date(now),
    lastSent: dateOf(lastSent ?? undefined),
    lastFailed: dateOf(lastFailed ?? undefined),
    ...(waits === undefined ? {} : { waitingSince: waits }),
  };
}
