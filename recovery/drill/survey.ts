import { parseCheckpoint, type Checkpoint } from '../../deploy/backup/checkpoint';
import { choose, type Chosen, type Target } from '../../deploy/backup/choose';
import { majorOf, parseInfo, parseLog } from '../../deploy/backup/facts';
import { historyAlarms } from '../../deploy/backup/histories';
import { judge, onItsWay, type JudgedBackup, type JudgedGap } from '../../deploy/backup/judge';
import { timelineOf, type ArchivedRun, type ServerLog } from '../../deploy/backup/segment';
import type { RemoteCommand, Transport } from '../../deploy/transport';
import { ExitCode, Failure } from '../../foundation/failure';
import { checkpointFolder, policyOf, type Archive } from '../../services';
import { wayFrom, wayThrough } from '../restore/way';
import { endSince } from './log-end';
import { askArchive, askLog, askVersion, type DrillPlaceProps } from './containers';

/** What a drill begins from, and how old it is. */
export interface DrillFacts {
  readonly chosen: Chosen;
  /** What was recorded beside the backup; undefined where nothing was. */
  readonly checkpoint: Checkpoint | undefined;
  /** A newer good backup, of which nothing was recorded yet: what it holds is still counted, or could not be. */
  readonly uncounted?: string;
  /** Up to when log follows the newest good backup without a break: later commits would be lost with the host. */
  readonly newestLog: Date | undefined;
  /** Where the log ends before the newest moment, which was asked for: there is more of it behind the gap. */
  readonly gap?: JudgedGap;
  /** Where the newest moment was asked for: what makes it doubtful whether that is of the living host. */
  readonly histories?: readonly string[];
  /** Of a moment in time: the log surely leads there where its last commit or checkpoint is not before this, or whatever is last in it ({@link endSince}). */
  readonly endSince?: Date;
  /** Which log it has. */
  readonly archived: readonly ArchivedRun[];
}

/**
 * Looks at the archive off the host, and at nothing else: neither the host nor its database is asked.
 *
 * @param options `again`: what to run when the archive answers; `comparable`: for the newest moment, begin from a backup that something was
 *   recorded beside, where one leads there; `server`: what the server said of its log before, where it is there
 * @throws Failure when the archive does not answer, and (exit code 3) when no good backup leads to the target, or the image has another
 *   major version of PostgreSQL than the one that does
 */
export async function surveyArchive(
  transport: Transport,
  props: DrillPlaceProps,
  target: Target,
  now: Date,
  {
    again = `./cogni drill ${props.environment}`,
    comparable = false,
    server,
  }: { readonly again?: string; readonly comparable?: boolean; readonly server?: ServerLog } = {},
): Promise<DrillFacts> {
  const archive = `the archive of ${props.environment} (${props.archive.endpoint}/${props.archive.bucket})`;
  const credentials = `ARCHIVE_KEY, ARCHIVE_SECRET and ARCHIVE_PASSPHRASE are those of ${props.environment}`;
  const answer = async (command: RemoteCommand): Promise<string> => {
    const { code, stdout, stderr } = await transport.run(command);
    if (code === 0) return stdout;
    throw new Failure({
      what: `${archive} does not answer`,
      output: `${stdout}${stderr}`,
      next: `see that Docker runs on ${transport.describe()} and has the image ${props.image ?? props.archive.image}, and that ${credentials}; then ${again}`,
    });
  };
  const ask = (...words: readonly string[]): Promise<string> => answer(askArchive(props, ...words));
  const info = parseInfo(await ask('--output=json', 'info'));
  // It ends with 0 as well where it could read nothing: with another passphrase, above all.
  if (info.problem !== undefined) {
    throw new Failure({
      what: `${archive} cannot be read: ${info.problem}`,
      next: `see that ${credentials}; then ${again}`,
    });
  }
  const runs = parseLog(await answer(askLog(props)));
  const judgement = judge({ info, runs, server: undefined, archive: props.archive, now });
  const newest = choose(judgement, runs, target, props.environment);
  await checkVersion(transport, props, newest, info.versions.get(newest.backup.database), again);
  const records = new Set((await ask('repo-ls', checkpointFolder)).split('\n'));
  const isRecorded = ({ label }: Pick<Chosen['backup'], 'label'>): boolean => records.has(`${label}.json`);
  const gapBehind = ({ backup: { log } }: Chosen): JudgedGap | undefined =>
    target.kind === 'end'
      ? judgement.gaps.find(({ after, to }) => after >= log.stop && now.getTime() - to.getTime() > onItsWay)
      : undefined;
  const earlier =
    comparable && target.kind === 'end' && !isRecorded(newest.backup)
      ? counted(judgement.backups.filter(isRecorded), newest, props.archive, now)
      : undefined;
  // Not where log is missing between the two: that says nothing of the newer one.
  const chosen =
    earlier !== undefined && gapBehind(earlier)?.after === gapBehind(newest)?.after ? earlier : newest;
  const gap = gapBehind(chosen);
  const since =
    target.kind === 'time'
      ? endSince(target.at, {
          way: wayThrough(wayFrom({ chosen, archived: runs, checkpoint: undefined }), []),
          archived: runs,
          backups: judgement.backups,
          from: chosen.backup.at,
          timeout: policyOf(props.archive).timeout,
          now,
          ...(server && { server }),
        })
      : undefined;
  const file = `${checkpointFolder}/${chosen.backup.label}.json`;
  return {
    chosen,
    checkpoint: isRecorded(chosen.backup) ? parseCheckpoint(await ask('repo-get', file)) : undefined,
    ...(chosen === newest ? {} : { uncounted: newest.backup.label }),
    newestLog: judgement.newestGood?.until,
    ...(gap === undefined ? {} : { gap }),
    histories: target.kind === 'end' ? historyAlarms(runs, judgement.backups, server?.current) : [],
    ...(since === undefined ? {} : { endSince: since }),
    archived: runs,
  };
}

/**
 * The newest good one of these, while what the newest of all holds may still be counted: of the same database and history as that, and no older than twice the time
 * between two backups. Undefined where there is none: what is never recorded, or was made by another host, must not pass for ever on what was good once.
 */
function counted(
  recorded: readonly JudgedBackup[],
  newest: Chosen,
  archive: Archive,
  now: Date,
): Chosen | undefined {
  const { database, log } = newest.backup;
  const since = now.getTime() - 2 * policyOf(archive).hours * hour;
  const backup = recorded.find(
    (one) =>
      one.good &&
      one.database === database &&
      timelineOf(one.log.stop) === timelineOf(log.stop) &&
      one.at.getTime() >= since,
  );
  return backup && { ...newest, backup };
}

const hour = 60 * 60 * 1000;

/** A server of another major version does not read the files of a backup: better said before any of them is fetched. */
async function checkVersion(
  transport: Transport,
  props: DrillPlaceProps,
  { backup: { label } }: Chosen,
  wanted: string | undefined,
  again: string,
): Promise<void> {
  const { environment, archive, image = archive.image } = props;
  const { code, stdout, stderr } = await transport.run(askVersion(props));
  const [, version] = /\(PostgreSQL\) (\d+\S*)/.exec(stdout) ?? [];
  if (code !== 0 || version === undefined) {
    throw new Failure({
      what: `the image ${image} does not say which PostgreSQL it has`,
      output: `${stdout}${stderr}`,
      next: `name an image with PostgreSQL and pgBackRest as archive.image of ${environment}, then ${again}`,
    });
  }
  if (wanted === undefined || majorOf(wanted) === majorOf(version)) return;
  throw new Failure({
    what: `the backup ${label} of ${environment} is of PostgreSQL ${majorOf(wanted)}, and the image ${image} has ${version}, which cannot read it`,
    state: 'nothing was fetched, and everything is as it was',
    next: `name an image with PostgreSQL ${majorOf(wanted)} as archive.image of ${environment}, then ${again}; into a later version leads a portable copy (docs/backup.md, "From a portable copy")`,
    exitCode: ExitCode.refused,
  });
}
