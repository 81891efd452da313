import { Failure } from '../../foundation/failure';
import type { Archive } from '../../services';
import { listLog, type PgbackrestAway } from './away';
import { judgeCopies, parseCopies, parseSentRecords, type JudgedCopies, type SentRecords } from './copies';
import { parseInfo, parseLog, type Backup } from './facts';
import { judge, type Judgement } from './judge';
import type { ArchivedRun } from './segment';

/** Whose archive it is, and how it is asked. */
interface AwayPlace {
  readonly environment: string;
  readonly archive: Archive;
  readonly pgbackrest: PgbackrestAway;
}

/** What the bucket of an environment says by itself, looked at from away of every host. */
export interface AwayLook {
  readonly judgement: Judgement;
  /** Which log there is. */
  readonly runs: readonly ArchivedRun[];
  /** Undefined where no portable copies are made. */
  readonly copied: JudgedCopies | undefined;
  /** Records of the host that deploys have sent by themselves, the newest first. */
  readonly records: readonly SentRecords[];
}

/**
 * Looks at archive and copies; which server they are of, and what waits there, plays no part.
 *
 * @param again what to run when the storage answers
 * @throws Failure when it does not, or pgBackRest cannot read what is there
 */
export async function lookAway(
  { environment, archive, pgbackrest }: AwayPlace,
  now: Date,
  again: string,
): Promise<AwayLook> {
  const ask = asking({ environment, archive, pgbackrest }, again);
  const info = parseInfo(await ask('archive', ['--output=json', 'info']));
  if (info.problem !== undefined) throw problem(environment, info.problem, again);
  const runs = parseLog(await ask('archive', [listLog]));
  const listed =
    archive.copies === undefined ? undefined : await ask('copies', ['--output=json', '--recurse', 'repo-ls']);
  return {
    judgement: judge({ info, runs, server: undefined, archive, now }),
    runs,
    copied: listed === undefined ? undefined : judgeCopies(parseCopies(listed), archive, now),
    records: listed === undefined ? [] : parseSentRecords(listed),
  };
}

/**
 * The newest backup that an archive lists, good or not; undefined where it has none, or was never begun.
 *
 * @throws Failure as {@link lookAway}
 */
export async function newestAway(place: AwayPlace, again: string): Promise<Backup | undefined> {
  const { backups, problem: said } = parseInfo(
    await asking(place, again)('archive', ['--output=json', 'info']),
  );
  // So pgBackRest says that nothing was ever sent there (its source, command/info/info.c, code 1).
  if (said !== undefined && !said.startsWith('missing stanza path'))
    throw problem(place.environment, said, again);
  return backups.at(-1);
}

const asking =
  ({ environment, archive, pgbackrest }: AwayPlace, again: string) =>
  async (...asked: Parameters<PgbackrestAway>): Promise<string> => {
    const { code, stdout, stderr, timedOut } = await pgbackrest(...asked);
    if (code === 0) return stdout;
    throw new Failure({
      what: `could not look at the archive of ${environment} (${archive.endpoint}/${archive.bucket})${timedOut ? ': it took too long' : ''}`,
      next: `see that this machine reaches the storage, has Docker with the image ${archive.image}, and that the key was not revoked; then ${again}`,
      output: `${stdout}${stderr}`.trim(),
    });
  };

const problem = (environment: string, said: string, again: string): Failure =>
  new Failure({
    what: `pgBackRest says of the archive of ${environment}: ${said}`,
    next: `see that ARCHIVE_KEY, ARCHIVE_SECRET and ARCHIVE_PASSPHRASE are those of ${environment}, then ${again}`,
  });
