import { keptBy, policyOf, type Archive, type Keep } from '../../services';
import { majorOf, type ArchiveInfo, type Backup, type ServerFacts } from './facts';
import { historyAlarms } from './histories';
import {
  gapsOf,
  historyOf,
  joined,
  lackedBetween,
  leadsTo,
  newestArrival,
  segmentMebibytes,
  timelineOf,
  type ArchivedRun,
  type Gap,
} from './segment';

/** A backup with what is to be thought of it. */
export interface JudgedBackup extends Backup {
  /** It can be restored: it was read back, and what it stands on too. */
  readonly good: boolean;
  /** Why it is not good; undefined where it is. */
  readonly why: string | undefined;
  /** The last moment that can be reached from it; undefined where it is not good. */
  readonly until: Date | undefined;
  /** Rules of the retention that keep it, or that a kept one stands on it; none: it may be removed. */
  readonly keptBy: readonly (keyof Keep | 'needed')[];
}

/** A gap, and when what it lost was written, as far as that shows. */
export interface JudgedGap extends Gap {
  readonly from: Date;
  readonly to: Date;
  /** A full backup was begun after it: later moments can be reached again. */
  readonly closed: boolean;
}

export interface Judgement {
  /** The newest first. */
  readonly backups: readonly JudgedBackup[];
  readonly gaps: readonly JudgedGap[];
  /** The newest good one that leads to the present; undefined where there is none. */
  readonly newestGood: JudgedBackup | undefined;
  /** Milliseconds since the archive last took log, and what waits for it; undefined where the server did not answer. */
  readonly log: { readonly age: number | undefined; readonly waitingMebibytes: number } | undefined;
  /** What a person has to look at. */
  readonly alarms: readonly string[];
}

export interface JudgedFacts {
  readonly info: ArchiveInfo;
  readonly runs: readonly ArchivedRun[];
  /** Undefined where the database did not answer. */
  readonly server: ServerFacts | undefined;
  readonly archive: Archive;
  readonly now: Date;
}

const hour = 60 * 60 * 1000;

/** Milliseconds: several pieces of log are sent at once, and what is newer than that may still be on its way. */
export const onItsWay = 2 * 60 * 1000;

/** Milliseconds by which two clocks may differ. */
export const sameTime = 60 * 1000;

/** What is to be thought of an archive. Pure: the same facts give the same judgement. */
export function judge({ info, runs: archived, server, archive, now }: JudgedFacts): Judgement {
  const runs = joined(archived);
  const gaps = gapsOf(runs, server).map((gap): JudgedGap => ({
    ...gap,
    from: runs.find(({ last }) => last === gap.after)?.to ?? new Date(0),
    to: runs.find(({ first }) => first === gap.before)?.from ?? new Date(0),
    closed: info.backups.some(({ type, log }) => type === 'full' && log.start >= gap.before),
  }));
  const reasons = info.backups.map((backup) => reasonAgainst(backup, info, runs, server));
  const kept = keptByRules(info.backups, reasons, archive.keep);
  const needed = new Set(
    info.backups.flatMap(({ reference }, index) => (kept[index]?.length ? reference : [])),
  );
  const judged = info.backups
    .map((backup, index): JudgedBackup => {
      const why = reasons[index];
      const until = why === undefined ? reachFrom(backup, gaps, runs) : undefined;
      return {
        ...backup,
        good: why === undefined,
        why,
        until,
        keptBy: [...(kept[index] ?? []), ...(needed.has(backup.label) ? (['needed'] as const) : [])],
      };
    })
    .reverse();
  const present = historyOf(runs, server?.current);
  const newestGood = judged.find(({ good, log }) => good && leadsTo(runs, log.stop, present));
  const log =
    server === undefined
      ? undefined
      : {
          age: server.lastSent && server.now.getTime() - server.lastSent.getTime(),
          waitingMebibytes: server.waiting.length * segmentMebibytes,
        };
  return {
    backups: judged,
    gaps,
    newestGood,
    log,
    alarms: [
      ...alarmsOf({ info, gaps, judged, newestGood, server, log, archive, now }),
      ...historyAlarms(runs, judged, server?.current),
    ],
  };
}

/**
 * Rules count all backups, and those that can be restored once more by themselves: one that cannot must not take the place of one
 * that can.
 */
function keptByRules(
  backups: readonly Backup[],
  reasons: readonly (string | undefined)[],
  keep: Keep,
): readonly (readonly (keyof Keep)[])[] {
  const all = keptBy(
    backups.map(({ at }) => at),
    keep,
  );
  const good = backups.filter((_, index) => reasons[index] === undefined);
  const ofGood = keptBy(
    good.map(({ at }) => at),
    keep,
  );
  return backups.map((backup, index) => [
    ...new Set([...(all[index] ?? []), ...(ofGood[good.indexOf(backup)] ?? [])]),
  ]);
}

/**
 * Where the clock of the host and the one here differ. A storage takes nothing that is signed 15 minutes off (Amazon S3 API, "Error responses",
 * RequestTimeTooSkewed).
 */
export function clockAlarms(server: Pick<ServerFacts, 'now'>, now: Date): readonly string[] {
  const ahead = server.now.getTime() - now.getTime();
  if (Math.abs(ahead) <= sameTime) return [];
  return [
    `the clock of the host is ${Math.round(Math.abs(ahead) / 1000)} s ${ahead > 0 ? 'ahead of' : 'behind'} the one here: from 15 min on a storage takes nothing from a host, and moments to restore to are named by its clock`,
  ];
}

/** Where the clock ran ahead when the newest backup was made, and was put right since: pgBackRest makes none that is not younger than it. */
function futureAlarms({ backups }: ArchiveInfo, now: Date): readonly string[] {
  const newest = backups.at(-1);
  const ahead = newest === undefined ? 0 : newest.at.getTime() - now.getTime();
  // It may have come to its end since the server was asked for its time.
  if (newest === undefined || ahead <= sameTime) return [];
  return [
    `the clock of the host ran ahead when the newest backup, ${newest.label}, was made: no other one can be made before ${newest.at.toISOString()}, in ${Math.ceil(ahead / 1000)} s. Log is archived meanwhile; wait until then`,
  ];
}

/** Undefined: nothing is wrong with it. */
function reasonAgainst(
  backup: Backup,
  { backups, versions }: ArchiveInfo,
  runs: readonly ArchivedRun[],
  server: ServerFacts | undefined,
): string | undefined {
  if (backup.damaged) return 'a page of the database had a wrong checksum when it was made';
  const version = versions.get(backup.database);
  if (server && version !== undefined && majorOf(version) !== majorOf(server.version)) {
    return `it is of PostgreSQL ${version}, and the server is ${server.version}`;
  }
  const missing = backup.reference.find((label) => !backups.some((other) => other.label === label));
  if (missing !== undefined) return `it stands on ${missing}, which is not there`;
  if (backup.readBack === undefined) return 'it was not read back';
  const unread = backups.find(
    ({ label, readBack }) => backup.reference.includes(label) && readBack === undefined,
  );
  if (unread !== undefined) return `it stands on ${unread.label}, which was not read back`;
  const lacked = lackedBetween(runs, backup.log.start, backup.log.stop);
  return lacked && `log is missing that it needs, ${lacked}`;
}

/** Log is whole up to the first gap behind it, or to the last segment that there is of a history that goes on from it. */
function reachFrom(
  { log }: Backup,
  gaps: readonly JudgedGap[],
  runs: readonly ArchivedRun[],
): Date | undefined {
  const leads = (segment: string): boolean => leadsTo(runs, log.stop, timelineOf(segment));
  return (
    gaps.find(({ after, before }) => after >= log.stop && leads(before))?.from ??
    newestArrival(runs.filter(({ last }) => leads(last)))
  );
}

function alarmsOf({
  info,
  gaps,
  judged,
  newestGood,
  server,
  log,
  archive,
  now,
}: Pick<JudgedFacts, 'info' | 'server' | 'archive' | 'now'> &
  Pick<Judgement, 'gaps' | 'newestGood' | 'log'> & {
    readonly judged: readonly JudgedBackup[];
  }): readonly string[] {
  const { hours, timeout, backlog } = policyOf(archive);
  const age = newestGood && now.getTime() - newestGood.at.getTime();
  const late =
    server?.lastFailed &&
    (!server.lastSent || server.lastFailed > server.lastSent) &&
    log !== undefined &&
    log.waitingMebibytes > 0 &&
    (log.age === undefined || log.age > timeout * 1000 + onItsWay);
  const waits = server?.waitingSince && server.now.getTime() - server.waitingSince.getTime();
  const unread = info.backups.at(-1);
  return [
    ...(info.problem === undefined ? [] : [`pgBackRest says of the archive: ${info.problem}`]),
    ...(age === undefined
      ? [
          judged.some(({ good }) => good)
            ? 'no backup that was read back leads to what is written now: an earlier moment was restored, and nothing was backed up since'
            : 'there is no backup that was read back: nothing can be restored',
        ]
      : age > (hours + 2) * hour
        ? [
            `the newest backup that was read back is ${Math.round(age / hour)} h old; one is due every ${hours} h`,
          ]
        : []),
    ...(unread && unread.readBack === undefined && now.getTime() - unread.at.getTime() > hour
      ? [`the newest backup, ${unread.label}, has not been read back`]
      : []),
    ...gaps
      .filter(({ closed }) => !closed)
      .map(
        ({ after, before, missing }) =>
          `${missing} segments of the log are missing or damaged between ${after} and ${before}: no later moment can be restored until a full backup is made`,
      ),
    ...(server === undefined ? ['the database did not answer: what waits there is not known'] : []),
    ...(server ? clockAlarms(server, now) : []),
    // A clock that is off says so already.
    ...(server && clockAlarms(server, now).length === 0 ? futureAlarms(info, server.now) : []),
    ...(late
      ? [
          `the archive ${log.age === undefined ? 'has never taken log' : `has not taken log for ${Math.round(log.age / 1000)} s`}; ${log.waitingMebibytes} MiB wait, and from ${backlog} MiB on all of it is dropped`,
        ]
      : log && waits !== undefined && waits > timeout * 1000 + onItsWay
        ? [
            `log waits for the archive for ${Math.round(waits / 1000)} s, ${log.waitingMebibytes} MiB of it, though no attempt has failed: it would be lost with the host`,
          ]
        : []),
    ...(log && log.waitingMebibytes >= backlog / 2
      ? [`${log.waitingMebibytes} MiB of log wait for the archive; from ${backlog} MiB on it is dropped`]
      : []),
  ];
}
