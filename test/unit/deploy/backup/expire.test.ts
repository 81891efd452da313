import { pgbackrestAway, type PgbackrestAway } from '../../../../deploy/backup/away';
import { expireBackups, type ExpireResult } from '../../../../deploy/backup/expire';
import { expiryOf } from '../../../../deploy/backup/expiry';
import type { JudgedCopy } from '../../../../deploy/backup/copies';
import type { JudgedBackup } from '../../../../deploy/backup/judge';
import { ExitCode } from '../../../../foundation/failure';
import type { Command } from '../../../../foundation/process';
import { Secret } from '../../../../foundation/secret';
import { failureOf } from '../../../failure-of';
import { archive } from '../../services/archive/archive';
import { Bucket, days, now, output, segment, type Listed } from './bucket';

const old: Listed = { label: 'F1', type: 'full', at: days(30), start: 1 };
const onOld: Listed = { label: 'F1_I1', type: 'incr', at: days(29), on: ['F1'], start: 2 };
const kept: Listed = { label: 'F2', type: 'full', at: days(2), start: 4 };
const onKept: Listed = { label: 'F2_I1', type: 'incr', at: days(1), on: ['F2'], start: 6 };
const keep = { last: 1 };
const expire = (
  bucket: Bucket,
  more: { dryRun?: boolean; keep?: typeof archive.keep } = {},
): Promise<ExpireResult> =>
  expireBackups(
    {
      environment: 'preview',
      archive: { ...archive, keep: more.keep ?? keep, copies: { recipients: ['age1…'] } },
      pgbackrest: bucket.run,
      dryRun: more.dryRun ?? false,
    },
    { clock: { now: () => now } },
  );
const expireWith = (pgbackrest: PgbackrestAway): Promise<ExpireResult> =>
  expireBackups(
    { environment: 'preview', archive: { ...archive, keep }, pgbackrest, dryRun: false },
    { clock: { now: () => now } },
  );

describe('removing what no rule keeps', () => {
  it('removes a backup with what stands on it, the log before the rest, and old copies, each by its name', async () => {
    const bucket = new Bucket([old, onOld, kept, onKept], ['20261101-020000', '20261121-020000']);
    const { removed, expiry } = await expire(bucket);
    expect(removed).toBe(true);
    expect(expiry).toEqual({
      backups: [{ label: 'F1', along: ['F1_I1'] }],
      copies: ['20261101-020000'],
      records: [],
      segments: 3,
      stays: ['F2_I1', 'F2'],
    });
    expect(bucket.asked).toEqual([
      'archive --set=F1 expire',
      'archive repo-rm checkpoint/cogni/F1.json',
      'archive repo-rm checkpoint/cogni/F1_I1.json',
      'archive expire repo1-retention-archive=1',
      'copies repo-rm --recurse 20261101-020000',
    ]);
    expect(bucket.backups.map(({ label }) => label)).toEqual(['F2', 'F2_I1']);
  });

  it('shows all of it before, and removes nothing then', async () => {
    const bucket = new Bucket([old, onOld, kept, onKept], ['20261101-020000', '20261121-020000']);
    const shown = await expire(bucket, { dryRun: true });
    expect(shown).toEqual({ removed: false, expiry: (await expire(bucket)).expiry });
  });

  it('asks for nothing where every rule keeps what is there', async () => {
    const bucket = new Bucket([kept, onKept], ['20261121-020000'], [4, 5, 6, 7, 8]);
    expect((await expire(bucket)).removed).toBe(false);
    expect(bucket.asked).toEqual([]);
  });

  it('leaves a full backup that a kept one stands on, however old it is', async () => {
    const bucket = new Bucket([old, { ...onOld, at: days(1) }]);
    expect((await expire(bucket)).expiry.backups).toEqual([]);
  });

  it('never takes the newest that can be restored for one that cannot, whatever the rules count', async () => {
    const unread = { ...kept, readBack: false };
    const bucket = new Bucket([old, onOld, unread]);
    const { expiry } = await expire(bucket);
    expect(expiry.stays).toEqual(['F2', 'F1_I1', 'F1']);
  });

  it('leaves the log of every backup that stays, also where the host has made a full one meanwhile', async () => {
    const bucket = new Bucket([old, kept, onKept]);
    const made: Listed = { label: 'F3', type: 'full', at: now, start: 8 };
    const meanwhile: PgbackrestAway = (where, words, options) => {
      if (words[0] === '--set=F1') bucket.backups = [...bucket.backups, made];
      return bucket.run(where, words, options);
    };
    await expireWith(meanwhile);
    expect(bucket.asked).toContain('archive expire repo1-retention-archive=2');
    expect(bucket.segments).toEqual([4, 5, 6, 7, 8]);
  });

  it('says when log is gone that a backup needs, though every backup is there', async () => {
    const bucket = new Bucket([old, kept, onKept]);
    const eager: PgbackrestAway = (where, words, options) => {
      if (options?.['repo1-retention-archive']) bucket.segments = [6, 7, 8];
      return bucket.run(where, words, options);
    };
    const { faults, exitCode } = await failureOf(expireWith(eager));
    expect(faults).toEqual([
      `2 segments of the log behind ${segment(4)} are gone, which backups that stay need`,
    ]);
    expect(exitCode).toBe(ExitCode.degraded);
  });

  it('removes records of the host that three later deploys have sent anew', async () => {
    const bucket = new Bucket([kept, onKept], ['20261121-020000'], [4, 5, 6, 7, 8]);
    const names = [1, 2, 3, 4].map((hour) => `records/20261121-0${hour}0000`);
    const listed = names.flatMap((name, index) =>
      ['host.tar.age', 'SHA256SUMS'].map((file) => [
        `${name}/${file}`,
        { type: 'file', size: 1, time: 1e9 + index },
      ]),
    );
    bucket.says.set('copies --output=json', output(JSON.stringify(Object.fromEntries(listed))));
    expect((await expire(bucket)).expiry.records).toEqual([names[0]]);
    expect(bucket.asked).toContain(`copies repo-rm --recurse ${names[0]}`);
  });

  it('refuses where nothing can be restored: an archive that is only wrong today must not be emptied', async () => {
    const bucket = new Bucket([
      { ...old, readBack: false },
      { ...kept, readBack: false },
    ]);
    const { exitCode, what } = await failureOf(expire(bucket));
    expect(exitCode).toBe(ExitCode.refused);
    expect(what).toContain('it has no backup that can be restored');
    expect(bucket.asked).toEqual([]);
  });

  it('says when the storage does not let its key remove, and whose key it has to be', async () => {
    const bucket = new Bucket([old, kept]);
    bucket.says.set('--set=F1', output('', 39, 'HTTP request failed with 403 (Forbidden)'));
    const { message, next } = await failureOf(expire(bucket));
    expect(message).toContain('could not remove the backup F1 (preview)');
    expect(next).toContain('see that the key is the one of the expirer');
  });

  it('holds what is there afterwards against what was said, and is not content with less or more', async () => {
    const bucket = new Bucket([old, kept, onKept]);
    bucket.says.set('--set=F1', output());
    expect((await failureOf(expire(bucket))).faults).toEqual(['the backup F1 is still there']);
    const eager = new Bucket([old, kept, onKept]);
    const run: PgbackrestAway = (where, words, options) => {
      if (words[0] === '--set=F1') eager.backups = [kept];
      return eager.run(where, words, options);
    };
    const failure = await failureOf(expireWith(run));
    expect(failure.faults).toEqual(['the backup F2_I1 is gone']);
    expect(failure.exitCode).toBe(ExitCode.degraded);
  });
});

describe('what may go', () => {
  const copy = (name: string, whole: boolean): JudgedCopy => ({
    name,
    at: now,
    bytes: 1,
    parts: [],
    whole,
    keptBy: [],
  });
  const backup = (label: string, more: Partial<JudgedBackup> = {}): JudgedBackup => ({
    label,
    type: 'full',
    at: now,
    reference: [],
    size: { database: 1, archive: 1 },
    log: { start: segment(1), stop: segment(1) },
    damaged: false,
    readBack: now,
    database: 1,
    good: true,
    why: undefined,
    until: now,
    keptBy: [],
    ...more,
  });

  it('is no copy as long as none is whole', () => {
    const newestGood = backup('A', { keptBy: ['last'] });
    const judgement = { backups: [newestGood], newestGood };
    expect(expiryOf(judgement, [], { copies: [copy('x', false)], alarms: [] }).copies).toEqual([]);
    expect(
      expiryOf(judgement, [], { copies: [copy('y', true), copy('x', false)], alarms: [] }).copies,
    ).toEqual(['x', 'y']);
  });

  it('is never the newest that can be restored, nor what that stands on, though no rule names them', () => {
    const full = backup('A');
    const newestGood = backup('A_I', { type: 'incr', reference: ['A'] });
    expect(expiryOf({ backups: [newestGood, full], newestGood }, [], undefined)).toMatchObject({
      backups: [],
      stays: ['A_I', 'A'],
    });
  });
});

describe('pgBackRest away from the host', () => {
  const commands: Command[] = [];
  const away = pgbackrestAway({
    archive,
    key: 'EXPIRER',
    secret: Secret.of('s', 'planted-secret'),
    passphrase: Secret.of('p', 'planted-passphrase'),
    authorities: '/tmp/ca.crt',
    runProgram: (command) => {
      commands.push(command);
      return Promise.resolve(output());
    },
  });

  it('gets its secrets through the environment, and Docker is told their names alone', async () => {
    await away('archive', ['expire'], { 'repo1-retention-archive': 2 });
    const [command] = commands.splice(0);
    expect(command?.argv.join(' ')).not.toContain('planted');
    expect(command?.argv).toEqual(
      expect.arrayContaining(['--env=PGBACKREST_REPO1_S3_KEY_SECRET', '--read-only']),
    );
    expect(command?.env).toMatchObject({
      PGBACKREST_REPO1_S3_KEY: 'EXPIRER',
      PGBACKREST_REPO1_S3_KEY_SECRET: 'planted-secret',
      PGBACKREST_REPO1_CIPHER_PASS: 'planted-passphrase',
      PGBACKREST_REPO1_PATH: '/pgbackrest',
      PGBACKREST_REPO1_RETENTION_ARCHIVE: '2',
      PGBACKREST_REPO1_RETENTION_FULL: '9999999',
    });
  });

  it('goes to the copies without the passphrase', async () => {
    await away('copies', ['repo-ls']);
    const [command] = commands.splice(0);
    expect(command?.env).toMatchObject({ PGBACKREST_REPO1_PATH: '/copies' });
    expect(command?.env).not.toHaveProperty('PGBACKREST_REPO1_CIPHER_PASS');
  });
});
