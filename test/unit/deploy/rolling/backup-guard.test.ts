import { backupBeforeMigration } from '../../../../deploy/rolling/backup-guard';
import type { AcceptedRisks, DeployRequest } from '../../../../deploy/rolling/request';
import { ExitCode } from '../../../../foundation/failure';
import { failureOf } from '../../../failure-of';
import { archive } from '../../services/archive/archive';
import { alone, listed } from '../backup/log';
import { fakeTransport, type Answer, type FakeTransport } from '../fake-transport';
import { request } from './sample';

const now = new Date('2026-11-21T12:00:00Z');
const segment = '000000010000000000000004';
const archived: DeployRequest = { ...request, runtime: { ...request.runtime, archive } };

/** A host whose newest backup was made so many hours ago, and read back. */
const host = (hours: number, ...rules: readonly (readonly [string, Answer])[]): FakeTransport => {
  const backup = {
    label: '20261121-060000F',
    type: 'full',
    timestamp: { stop: now.getTime() / 1000 - hours * 3600 },
    info: { size: 1, repository: { delta: 1 } },
    archive: { start: segment, stop: segment },
    annotation: { 'read-back': '2026-11-21T06:01:00Z' },
    database: { id: 1 },
  };
  const server = {
    now: now.toISOString(),
    version: '15.20',
    current: '000000010000000000000005',
    waiting: [],
    lastSent: now.toISOString(),
    lastFailed: null,
  };
  const info = [{ backup: [backup], db: [{ id: 1, version: '15' }], status: { code: 0, message: 'ok' } }];
  return fakeTransport([
    ...rules,
    ['psql', { stdout: JSON.stringify(server) }],
    [' info', { stdout: JSON.stringify(info) }],
    ['repo-ls', { stdout: listed(alone(segment, new Date(1000))) }],
  ]);
};
const asked = (
  transport: FakeTransport,
  accept: AcceptedRisks = { breakingMigration: true },
  { of = archived, serves = true } = {},
): Promise<readonly string[]> =>
  backupBeforeMigration({ ...of, accept }, serves, transport, { now: () => now });
describe('a breaking migration that was let pass', () => {
  it('runs with a fresh verified backup, and says which one it is', async () => {
    expect(await asked(host(6))).toEqual([expect.stringMatching(/^newest verified backup: .*, 6 h old/)]);
  });

  it('is refused without one, with what to do and the word that does without', async () => {
    const failure = await failureOf(asked(host(30)));
    expect(failure.exitCode).toBe(ExitCode.refused);
    expect(failure.what).toMatch(/there is no fresh verified backup: .* 30 h old/);
    expect(failure.next).toMatch(
      /^\.\/cogni backup preview, then this again; or without one: .*--allow-breaking-migration --without-backup$/,
    );
  });

  it('is refused where nobody can say whether there is one', async () => {
    const { what } = await failureOf(asked(host(1, [' info', { code: 1, stderr: 'No such container' }])));
    expect(what).toContain('nothing makes backups on the host of preview');
  });

  it('runs without one when that was said, and says so', async () => {
    const transport = host(30);
    expect(await asked(transport, { breakingMigration: true, withoutBackup: true })).toEqual([
      'a breaking migration is let pass without asking for a backup',
    ]);
    expect(transport.log).toEqual([]);
  });

  it('is not asked about where nothing is archived, where nothing serves yet, or where none was let pass', async () => {
    const transport = host(30);
    expect(await asked(transport, undefined, { of: request })).toEqual([]);
    expect(await asked(transport, undefined, { serves: false })).toEqual([]);
    expect(await asked(transport, {})).toEqual([]);
    expect(transport.log).toEqual([]);
  });
});
