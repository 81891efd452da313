import { systemClock, type Clock } from '../../foundation/clock';
import { ExitCode, Failure } from '../../foundation/failure';
import type { Output } from '../../foundation/process';
import { silent, type Progress } from '../../foundation/progress';
import { checkpointFolder, type Archive } from '../../services';
import type { PgbackrestAway } from './away';
import { oldRecords } from './copies';
import { expiryOf, nothingGoes, type Expiry } from './expiry';
import { lookAway, type AwayLook } from './look-away';
import { joined, positionOf, segmentsBefore } from './segment';

export interface ExpireRequest {
  readonly environment: string;
  readonly archive: Archive;
  readonly pgbackrest: PgbackrestAway;
  /** Say what would go, and remove nothing. */
  readonly dryRun: boolean;
}

export interface ExpireResult {
  readonly expiry: Expiry;
  readonly removed: boolean;
}

/**
 * Removes from the bucket what no rule keeps: backups, the log before the oldest that stays, and portable copies. The host is not asked,
 * and a backup that it makes meanwhile stays: it stands on the newest, which every rule keeps. Both write the list of backups;
 * pgBackRest makes it again from what is there when one of them was late.
 *
 * @throws Failure (exit code 3) where nothing can be restored, and when something that was to stay is not there afterwards
 */
export async function expireBackups(
  request: ExpireRequest,
  adapters: { readonly progress?: Progress; readonly clock?: Pick<Clock, 'now'> } = {},
): Promise<ExpireResult> {
  const { environment, pgbackrest, dryRun } = request;
  const { progress = silent, clock = systemClock } = adapters;
  const look = (): Promise<AwayLook> => lookAway(request, clock.now(), again(environment));
  const before = await progress.step('look at the archive', look);
  if (before.judgement.newestGood === undefined) {
    throw new Failure({
      what: `nothing is removed from the archive of ${environment}: it has no backup that can be restored`,
      next: `./cogni backup list ${environment}`,
      exitCode: ExitCode.refused,
    });
  }
  const expiry = planned(before, clock.now());
  if (dryRun || nothingGoes(expiry)) return { expiry, removed: false };

  const removing = (what: string, ...asked: Parameters<PgbackrestAway>): Promise<void> =>
    progress.step(what, async () => requireDone(await pgbackrest(...asked), environment, what));
  for (const { label, along } of expiry.backups) {
    await removing(`remove the backup ${label}`, 'archive', [`--set=${label}`, 'expire']);
    for (const each of [label, ...along]) {
      await removing(`remove the checkpoint of ${each}`, 'archive', [
        'repo-rm',
        `${checkpointFolder}/${each}.json`,
      ]);
    }
  }
  // As many full backups as there are keep their log: what is before the oldest of them goes, and no backup. They are counted now, since removing may
  // take an hour, and a full one that the host has made meanwhile would take the place of the oldest.
  const { judgement } = await progress.step('count the backups that stay', look);
  await removing('remove the log before the oldest backup', 'archive', ['expire'], {
    'repo1-retention-archive': Math.max(1, judgement.backups.filter(({ type }) => type === 'full').length),
  });
  for (const name of [...expiry.copies, ...expiry.records]) {
    await removing(`remove the copy ${name}`, 'copies', ['repo-rm', '--recurse', name]);
  }
  requireKept(environment, before, await progress.step('look at it again', look), expiry);
  return { expiry, removed: true };
}

const planned = ({ judgement, runs, copied, records }: AwayLook, now: Date): Expiry =>
  expiryOf(judgement, runs, copied, oldRecords(records, now));

const again = (environment: string): string => `./cogni backup expire ${environment}`;

function requireDone(output: Output, environment: string, what: string): void {
  if (output.code === 0) return;
  const said = `${output.stdout}${output.stderr}`.trim();
  throw new Failure({
    what: `could not ${what} (${environment})${output.timedOut ? ': it took too long' : ''}`,
    state: 'what was removed before is gone from the lists; nothing that a rule keeps was touched',
    next: /denied|forbidden|403/i.test(said)
      ? 'see that the key is the one of the expirer, whose rights are in services/archive/bucket.ts'
      : `see that this machine reaches the storage and has Docker, then ${again(environment)}`,
    output: said,
  });
}

/** pgBackRest decides by itself what a removed backup takes along: what it took is held against what was said. */
function requireKept(environment: string, before: AwayLook, after: AwayLook, expiry: Expiry): void {
  const there = new Set(after.judgement.backups.map(({ label }) => label));
  const copies = new Set(after.copied?.copies.map(({ name }) => name));
  const faults = [
    ...expiry.stays.filter((label) => !there.has(label)).map((label) => `the backup ${label} is gone`),
    ...(before.copied?.copies ?? [])
      .filter(({ name }) => !expiry.copies.includes(name) && !copies.has(name))
      .map(({ name }) => `the copy ${name} is gone`),
    ...expiry.backups
      .flatMap(({ label, along }) => [label, ...along])
      .filter((label) => there.has(label))
      .map((label) => `the backup ${label} is still there`),
    ...expiry.copies.filter((name) => copies.has(name)).map((name) => `the copy ${name} is still there`),
    ...lostLog(before, after, expiry),
  ];
  if (faults.length === 0) return;
  throw new Failure({
    what: `the archive of ${environment} is not as it was to be`,
    faults,
    state: 'what was removed is still there as older versions of its objects, until their lock ends',
    next: `./cogni backup list ${environment}`,
    exitCode: ExitCode.degraded,
  });
}

/** Log from the oldest backup that stays on must be there as before: without it that backup leads nowhere. */
function lostLog(before: AwayLook, after: AwayLook, { stays }: Expiry): readonly string[] {
  const oldest = before.judgement.backups
    .filter(({ label }) => stays.includes(label))
    .map(({ log }) => log.start)
    .sort()[0];
  if (oldest === undefined) return [];
  const countFrom = ({ runs }: AwayLook): number =>
    joined(runs).reduce((sum, { first, last }) => sum + positionOf(last) - positionOf(first) + 1, 0) -
    segmentsBefore(runs, oldest);
  const lost = countFrom(before) - countFrom(after);
  return lost <= 0
    ? []
    : [`${lost} segments of the log behind ${oldest} are gone, which backups that stay need`];
}
