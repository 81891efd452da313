import { planBackup, planCopy, planReadBack } from '../../../../deploy/backup/plan';
import { lookAtBackups, requireArchive } from '../../../../deploy/backup/report';
import { runBackups } from '../../../../deploy/backup/run';
import { standingOf } from '../../../../deploy/backup/standing';
import { planText } from '../../../../deploy/plan-text';
import { ExitCode } from '../../../../foundation/failure';
import { backupUnderWay, copyUnderWay } from '../../../../services';
import { failureOf } from '../../../failure-of';
import { archive } from '../../services/archive/archive';
import { fakeTransport, type Answer, type FakeTransport } from '../fake-transport';
import { request } from '../rolling/sample';
import { alone, listed } from './log';

const segment = '000000010000000000000004';
const backup = {
  label: '20261121-213822F',
  type: 'full',
  timestamp: { stop: Math.floor(Date.now() / 1000) },
  info: { size: 24114776, repository: { delta: 2903168 } },
  archive: { start: segment, stop: segment },
  annotation: { 'read-back': '2026-11-21T21:38:30Z' },
  database: { id: 1 },
};
const info = (held: boolean): Answer => ({
  stdout: JSON.stringify([
    {
      backup: [backup],
      db: [{ id: 1, version: '15' }],
      status: { code: 0, message: 'ok', lock: { backup: { held } } },
    },
  ]),
});
const server: Answer = {
  stdout: JSON.stringify({
    now: new Date().toISOString(),
    version: '15.20',
    current: '000000010000000000000005',
    waiting: [],
    lastSent: new Date().toISOString(),
    lastFailed: null,
  }),
};
const host = (...rules: readonly (readonly [string, Answer])[]): FakeTransport =>
  fakeTransport([
    ...rules,
    ['psql', server],
    [' info', info(false)],
    ['repo-ls', { stdout: listed(alone(segment, new Date(1000))) }],
  ]);

const asked = { environment: 'preview', host: request.host, archive, by: request.by };
const run = (transport: FakeTransport, plan = planBackup('preview', 'full')): ReturnType<typeof runBackups> =>
  runBackups(asked, plan, {
    connect: () => Promise.resolve(transport),
    https: () => Promise.reject(new Error('nothing is asked')),
  });
describe('a backup at once', () => {
  it('is one step, which takes no lock of deploys, and names no secret', () => {
    const text = planText(planBackup('preview', 'diff'));
    expect(text).toContain(
      'docker exec cogni-runtime-backup-1 /bin/sh /etc/cogni-postgres/backup.sh run diff',
    );
    expect(text).not.toMatch(/flock|hold/);
    expect(planText(planReadBack('preview'))).toContain('backup.sh read-back');
  });

  it('is made, told to the journal, and judged afterwards', async () => {
    const transport = host();
    const report = await run(transport);
    expect(report).toMatchObject({
      environment: 'preview',
      place: 's3.cogni.test/cogni-preview',
      alarms: [],
    });
    expect(report.newestGood?.label).toBe(backup.label);
    const line = transport.log.findIndex((command) => command.includes('backup.sh run full'));
    expect(line).toBeGreaterThan(transport.log.findIndex((command) => command.endsWith(' info')));
    expect(transport.log.some((command) => command.includes('journal.jsonl'))).toBe(true);
  });

  it('is not begun while another one is under way, and says so with the code of a lock', async () => {
    const transport = host([' info', info(true)]);
    const failure = await failureOf(run(transport));
    expect(failure.exitCode).toBe(ExitCode.locked);
    expect(transport.log.some((command) => command.includes('backup.sh run'))).toBe(false);
  });

  it.each([
    ['a backup', planBackup('preview', 'full'), 'backup.sh run', backupUnderWay],
    ['reading back', planReadBack('preview'), 'backup.sh read-back', backupUnderWay],
    ['a copy', planCopy('preview'), 'copies.sh', copyUnderWay],
  ] as const)(
    'ends with the code of a lock where the program itself meets another one, as while that is read back: %s',
    async (_, plan, program, code) => {
      const transport = host([program, { code, stderr: 'another one is under way' }]);
      const failure = await failureOf(run(transport, plan));
      expect(failure.exitCode).toBe(ExitCode.locked);
      expect(failure.what).toMatch(/another (backup|copy) is under way/);
      const other = await failureOf(run(host([program, { code: 1 }]), plan));
      expect(other.exitCode).toBe(ExitCode.failed);
    },
  );

  it('fails with what the program said, what is left, and what to run next', async () => {
    const transport = host([
      'backup.sh run',
      { code: 1, stderr: 'the backup failed: pgBackRest ended with 82' },
    ]);
    const failure = await failureOf(run(transport));
    expect(failure.exitCode).toBe(ExitCode.failed);
    expect(failure.message).toContain('pgBackRest ended with 82');
    expect(failure.state).toContain('what was archived before is as it was');
    expect(failure.next).toBe('./cogni backup list preview, then ./cogni backup preview --type full');
  });
});

describe('looking at the backups', () => {
  it('asks the server first: what it waits to send then is no gap of a later list', async () => {
    const transport = host();
    await lookAtBackups(transport, 'preview', archive);
    expect(transport.log.map((command) => /psql|info|repo-ls|healthy/.exec(command)?.[0])).toEqual([
      'psql',
      'info',
      'repo-ls',
      'healthy',
    ]);
  });

  it('alarms with what the containers say of their last runs: a failed backup, damaged log, a failed copy', async () => {
    const copies = { ...archive, copies: { recipients: ['age1…'] } };
    const transport = host(
      ['backup.sh healthy', { code: 1, stdout: 'log in the archive is damaged: 15-1\n' }],
      [
        'copies.sh healthy',
        { code: 1, stdout: 'the copy failed at cogni.dump.age: pg_dump did not end well\n' },
      ],
      ['cogni-runtime-copies-1 pgbackrest', { stdout: '{}' }],
    );
    const { report } = await lookAtBackups(transport, 'preview', copies);
    expect(report.alarms).toEqual([
      'what makes backups says: log in the archive is damaged: 15-1',
      'there is no portable copy that was read back (copies/)',
      'what makes portable copies says: the copy failed at cogni.dump.age: pg_dump did not end well',
    ]);
    expect(standingOf(report, copies, new Date()).kind).toBe('none');
  });

  it('knows by the archive itself when it last took log: of what was dropped the server says that it was sent', async () => {
    const runs = [
      alone(segment, new Date(2_000_000)),
      alone('000000010000000000000009', new Date(1_000_000)),
    ];
    const listing = ['repo-ls', { stdout: listed(...runs) }] as const;
    expect(await lookAtBackups(host(listing), 'preview', archive)).toMatchObject({
      newestLog: new Date(2_000_000),
    });
    const none = await lookAtBackups(host(['repo-ls', { stdout: listed() }]), 'preview', archive);
    expect(none.newestLog).toBeUndefined();
  });

  it('goes on without the server, and says what is not known', async () => {
    const { report } = await lookAtBackups(host(['psql', { code: 2 }]), 'preview', archive);
    expect(report.alarms).toEqual(['the database did not answer: what waits there is not known']);
  });

  it('tells an archive that does not answer from a host on which nothing makes backups', async () => {
    const away = host([' info', { code: 49, stderr: 'ERROR: [049]: unable to connect' }]);
    expect((await failureOf(lookAtBackups(away, 'preview', archive))).message).toMatch(
      /the archive of preview could not be looked at[^]*unable to connect/,
    );
    const gone = host([' info', { code: 1, stderr: 'Error: No such container: cogni-runtime-backup-1' }]);
    expect((await failureOf(lookAtBackups(gone, 'preview', archive))).next).toMatch(
      /^\.\/cogni deploy preview/,
    );
  });

  it('says beside an archive that takes nothing that the clock of the host is off, which is why it may not', async () => {
    const later = new Date(Date.now() + 7_200_000).toISOString();
    const off = { stdout: JSON.stringify({ ...JSON.parse(server.stdout ?? ''), now: later }) };
    const refused = host(
      ['psql', off],
      [' info', { code: 39, stderr: 'HTTP request failed with 403 (Forbidden)' }],
    );
    const { message } = await failureOf(lookAtBackups(refused, 'preview', archive));
    expect(message).toMatch(/the clock of the host is 7200 s ahead of the one here[^]*403/);
    const onTime = host([' info', { code: 39, stderr: '403' }]);
    expect((await failureOf(lookAtBackups(onTime, 'preview', archive))).message).not.toContain('clock');
  });

  it('is refused for an environment that has no archive', () => {
    expect(requireArchive('preview', archive)).toBe(archive);
    expect(() => requireArchive('preview', undefined)).toThrow(
      /preview has no archive: nothing of it is backed up/,
    );
  });
});
