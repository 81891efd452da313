import { Failure } from '../../foundation/failure';
import type { Archive } from '../../services';
import { listLog, type PgbackrestAway } from './away';
import { judgeCopies, parseCopies, parseSentRecords, type JudgedCopies, type SentRecords } from './copies';
import { parseInfo, parseLog } from './facts';
import { judge, type Judgement } from './judge';
import type { ArchivedRun } from './segment';

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
  {
    environment,
    archive,
    pgbackrest,
  }: { readonly environment: string; readonly archive: Archive; readonly pgbackrest: PgbackrestAway },
  now: Date,
  again: string,
): Promise<AwayLook> {
  const ask = async (...asked: Parameters<PgbackrestAway>): Promise<string> => {
    const { code, stdout, stderr, timedOut } = await pgbackrest(...asked);
    if (code === 0) return stdout;
    throw new Failure({
      what: `could not look at the archive of ${environment} (${archive.endpoint}/${archive.bucket})${timedOut ? ': it took too long' : ''}`,
      next: `see that this machine reaches the storage, has Docker with the image ${archive.image}, and that the key was not revoked; then ${again}`,
      output: `${stdout}${stderr}`.trim(),
    });
  };
  const info = parseInfo(await ask('archive', ['--output=json', 'info']));
  if (info.problem !== undefined) {
    throw new Failure({
      what: `pgBackRest says of the archive of ${environment}: ${info.problem}`,
      next: `see that ARCHIVE_KEY, ARCHIVE_SECRET and ARCHIVE_PASSPHRASE are those of ${environment}, then ${again}`,
    });
  }
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
