import { pgbackrestAway } from '../deploy/backup/away';
import { keepingFaults } from '../deploy/backup/bucket-keeping';
import { expireBackups, type ExpireResult } from '../deploy/backup/expire';
import { requireArchive } from '../deploy/backup/report';
import { ExitCode, Failure } from '../foundation/failure';
import { httpsVia } from '../foundation/https';
import type { Progress } from '../foundation/progress';
import { lookupFrom } from '../foundation/resolve';
import { s3Client, type S3Client } from '../foundation/s3-client';
import type { S3Account } from '../foundation/s3-sign';
import { Secret } from '../foundation/secret';
import { trustedAuthorities } from '../foundation/trust';
import type { Archive, SettingsSource } from '../services';
import { findEnvironment } from '../stacks/here';
import { withArchiveAway } from './archive-away';
import { settingsSource } from './settings-source';

/** What the storage lets the expirer in with, and what the archive is read with. */
interface ExpirerKeys {
  readonly key: string;
  readonly secret: Secret;
  readonly passphrase: Secret;
}

/**
 * The expirer's key, out of the settings and this shell.
 *
 * @throws Failure (exit code 3) with everything that is missing, or when it is the host's own key: one key that writes on a
 *   host and removes would undo all that two are for
 */
export function expirerKeys(environment: string, variables: SettingsSource): ExpirerKeys {
  const key = variables['ARCHIVE_EXPIRER_KEY'] ?? '';
  const secret = variables['ARCHIVE_EXPIRER_SECRET'] ?? '';
  const { ARCHIVE_KEY: ofHost, ARCHIVE_PASSPHRASE: passphrase = '' } = variables;
  const faults = [
    ...(key === '' ? ['ARCHIVE_EXPIRER_KEY is missing'] : []),
    ...(secret === '' ? ['ARCHIVE_EXPIRER_SECRET is missing'] : []),
    ...(passphrase === '' ? ['ARCHIVE_PASSPHRASE is missing'] : []),
    ...(key !== '' && key === ofHost
      ? ['ARCHIVE_EXPIRER_KEY is the key that is on the host (ARCHIVE_KEY)']
      : []),
  ];
  if (faults.length > 0) {
    throw new Failure({
      what: `nothing is removed from the archive of ${environment}: there is no key for it here`,
      faults,
      next: 'set the key of the account that removes, which is on no host (docs/backup.md, "Removing what no rule keeps")',
      exitCode: ExitCode.refused,
    });
  }
  return {
    key,
    secret: Secret.of('ARCHIVE_EXPIRER_SECRET', secret),
    passphrase: Secret.of('ARCHIVE_PASSPHRASE', passphrase),
  };
}

/** Removes from the archive of an environment what no rule keeps, from this machine. */
export async function expireHere(
  name: string,
  { dryRun, withoutLock }: { readonly dryRun: boolean; readonly withoutLock?: string | undefined },
  progress: Progress,
): Promise<ExpireResult> {
  const archive = requireArchive(name, findEnvironment(name).archive);
  const source = settingsSource(name, undefined);
  const keys = expirerKeys(name, source);
  await progress.step(
    'see that the bucket keeps history',
    () => requireKeeping(name, archive, keys, source, withoutLock, progress),
    { why: 'what is removed from one that does not is gone at once, for everybody' },
  );
  return withArchiveAway({ archive, ...keys }, (away) =>
    expireBackups({ environment: name, archive, pgbackrest: pgbackrestAway(away), dryRun }, { progress }),
  );
}

/** @throws Failure (exit code 3) where the bucket does not keep what is removed, unless a word names it */
async function requireKeeping(
  name: string,
  { endpoint, region, bucket }: Archive,
  { key, secret }: ExpirerKeys,
  { ARCHIVE_KEY: ofHost, ARCHIVE_SECRET: secretOfHost }: SettingsSource,
  withoutLock: string | undefined,
  progress: Progress,
): Promise<void> {
  const https = httpsVia({
    authorities: trustedAuthorities({ extra: process.env['COGNI_CA'] }),
    lookup: lookupFrom(process.env['COGNI_DNS']),
  });
  const as = (account: S3Account): S3Client => s3Client(https, endpoint, region, account);
  const uploader =
    ofHost && secretOfHost
      ? as({ key: ofHost, secret: Secret.of('ARCHIVE_SECRET', secretOfHost) })
      : undefined;
  if (uploader === undefined)
    progress.note('whether the key of the host may delete was not tried: it is not in the settings here');
  const faults = await keepingFaults({ bucket, expirer: as({ key, secret }), uploader });
  if (withoutLock !== undefined && withoutLock !== bucket)
    faults.push(`--without-lock ${withoutLock} is not ${bucket}`);
  else if (withoutLock === bucket) {
    for (const fault of faults) progress.note(fault);
    return;
  }
  if (faults.length === 0) return;
  throw new Failure({
    what: `nothing is removed from the archive of ${name}: its bucket does not keep history from whoever has a key`,
    faults,
    state: 'the archive is as it was',
    next: `mend the bucket (docs/backup.md, "Switching it on"); to remove all the same: ./cogni backup expire ${name} --without-lock ${bucket}`,
    exitCode: ExitCode.refused,
  });
}

/** What went, or would, for people. */
export function expireText(name: string, { expiry, removed }: ExpireResult, dryRun: boolean): string {
  const { backups, copies, records, segments, stays } = expiry;
  const lines = [
    ...backups.map(({ label, along }) => `backup ${[label, ...along].join(', and on it ')}`),
    ...(segments > 0 ? [`${segments} segments of the log before the oldest backup that stays`] : []),
    ...copies.map((each) => `copy ${each}`),
    ...records.map((each) => `records of the host that later ones have replaced: ${each}`),
  ];
  if (lines.length === 0)
    return `nothing may be removed from the archive of ${name}: every rule keeps what is there`;
  return [
    `${removed ? 'removed' : 'would remove'} from the archive of ${name}:`,
    ...lines.map((line) => `  ${line}`),
    `${stays.length === 1 ? '1 backup stays' : `${stays.length} backups stay`}: ${stays.join(', ')}`,
    ...(dryRun
      ? ['nothing was changed']
      : ['versions of the objects stay in the bucket until their lock ends']),
  ].join('\n');
}
