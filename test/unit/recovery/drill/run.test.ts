import { generateKeyPairSync } from 'node:crypto';
import { lastDrill, lastDrillText } from '../../../../deploy/backup/last-drill';
import { run } from '../../../../foundation/process';
import { removeDrill } from '../../../../recovery/drill/containers';
import { drill, type DrillResult } from '../../../../recovery/drill/run';
import { fakeClock } from '../../deploy/fake-clock';
import { fakeTransport, type Answer, type FakeTransport } from '../../deploy/fake-transport';
import { alone, listed } from '../../deploy/backup/log';
import { archive } from '../../services/archive/archive';

const segment = '000000010000000000000004';
const recordedAt = '2026-11-21T07:50:00.000Z';
const backup = {
  label: '20261121-074000F',
  type: 'full',
  timestamp: { stop: Date.parse('2026-11-21T07:41:00Z') / 1000 },
  info: { size: 24114776, repository: { delta: 2903168 } },
  archive: { start: segment, stop: segment },
  annotation: { 'read-back': '2026-11-21T07:41:30Z' },
  database: { id: 1 },
};
const info = JSON.stringify([
  {
    backup: [backup],
    db: [{ id: 1, version: '15' }],
    status: { code: 0, message: 'ok', lock: { backup: { held: false } } },
  },
]);
const log = alone(segment, new Date('2026-11-21T07:50:30Z'));
const checkpoint = [
  { kind: 'checkpoint', version: 1, backup: backup.label, system: '1', timeline: 1, postgres: '15.20' },
  { kind: 'database', name: 'cogni', point: 'checkpoint-1', lsn: '0/4', at: recordedAt },
  { kind: 'table' },
  { kind: 'end' },
]
  .map((line) => JSON.stringify(line))
  .join('\n');
const line = (value: object): Answer => ({ stdout: `${JSON.stringify(value)}\n` });

/** Docker here, with a sound archive behind it, and a copy that holds what was recorded. */
const docker = (...rules: readonly (readonly [string, Answer])[]): FakeTransport =>
  fakeTransport([
    ...rules,
    ['--entrypoint=postgres', { stdout: 'postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)\n' }],
    ['--output=json info', { stdout: info }],
    ['--recurse repo-ls', { stdout: listed(log) }],
    ['repo-ls', { stdout: `${backup.label}.json\n` }],
    ['repo-get', { stdout: checkpoint }],
    ['copy.sh same', line({ kind: 'compared', number: 1, tables: 1, rows: 5, unread: 0, wrong: 0 })],
    ['copy.sh migrations', line({ kind: 'migrations', table: 'schema_migrations', hashes: ['aa'] })],
  ]);

const drilled = (transport: FakeTransport, more: object = {}): Promise<DrillResult> =>
  drill(
    {
      place: { environment: 'preview', archive, administrator: 'cogni_root' },
      target: { kind: 'end' },
      database: 'cogni',
      secrets: {},
      by: { who: 'ada', from: 'laptop' },
      signer: generateKeyPairSync('ed25519').privateKey,
      wanted: () => Promise.resolve({ release: 'preview-1', files: { '0001_a.sql': 'aa' } }),
      ...more,
    },
    { transport, clock: fakeClock() },
  );

const keptAs = ({ log }: FakeTransport): string | undefined =>
  log
    .find((command) => command.includes('repo-put'))
    ?.split('/')
    .at(-1);

describe('a drill', () => {
  it('passes where the copy is what was recorded, and is kept beside the backups by its time', async () => {
    const transport = docker();
    const { report, failure } = await drilled(transport);
    expect(failure).toBeUndefined();
    expect(report.checks.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['rows of cogni', 'passed'],
      ['log', 'passed'],
      ['migrations', 'passed'],
    ]);
    expect(keptAs(transport)).toBe('20261121T080000Z.json');
  });

  it('says that the newest log may be of a machine that was given up, where an older timeline got it after a newer one began', async () => {
    const newer = alone('000000020000000000000004', new Date('2026-11-21T07:52:00Z'));
    const stray = alone('000000010000000000000005', new Date('2026-11-21T07:55:00Z'));
    const { report } = await drilled(docker(['--recurse repo-ls', { stdout: listed(log, stray, newer) }]));
    expect(report.passed).toBe(true);
    expect(report.checks.filter(({ outcome }) => outcome === 'not made')).toEqual([
      {
        name: 'timeline',
        outcome: 'not made',
        says: expect.stringContaining(
          'what arrived last is of timeline 1, at 2026-11-21T07:55:00.000Z',
        ) as string,
      },
    ]);
  });

  it('fails where log is missing before the newest piece: the copy ends there, and its server would not say so', async () => {
    const beyond = alone('000000010000000000000006', new Date('2026-11-21T07:55:00Z'));
    const { report, failure } = await drilled(docker(['--recurse repo-ls', { stdout: listed(log, beyond) }]));
    expect(report).toMatchObject({ passed: false, age: { log: 570 } });
    expect(failure?.faults).toEqual([
      'log: 1 piece is missing between 000000010000000000000004 and 000000010000000000000006: the copy ends at 2026-11-21T07:50:30.000Z, and what was archived later cannot be had',
    ]);
    // What has just arrived may have come before what was sent at the same time.
    const fresh = { ...beyond, from: new Date('2026-11-21T07:59:00Z') };
    const soon = await drilled(docker(['--recurse repo-ls', { stdout: listed(log, fresh) }]));
    expect(soon.failure).toBeUndefined();
  });

  const newer = { ...backup, label: '20261121-075200F', timestamp: { stop: backup.timestamp.stop + 720 } };
  const restored = '000000020000000000000005';
  /** Two backups, of which only the older one is recorded. */
  const beside = (older: object, later: object = newer): readonly [string, Answer] => {
    const [all] = JSON.parse(info) as [object];
    return [
      '--output=json info',
      { stdout: JSON.stringify([{ ...all, backup: [{ ...backup, ...older }, later] }]) },
    ];
  };

  it('begins from the newest backup that can be compared, where the newest of all is still being counted, and names that one', async () => {
    const { report, failure } = await drilled(docker(beside({})));
    expect(failure).toBeUndefined();
    expect(report).toMatchObject({ passed: true, backup: backup.label });
    expect(report.checks.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['rows of cogni', 'passed'],
      ['newest backup', 'not made'],
      ['log', 'passed'],
      ['migrations', 'passed'],
    ]);
    expect(report.checks[1]?.says).toContain(newer.label);
  });

  it.each([
    [
      'older than twice the time between two',
      beside({ timestamp: { stop: newer.timestamp.stop - 172_800 } }),
    ],
    ['of another database', beside({ database: { id: 2 } })],
    ['of the history before', beside({}, { ...newer, archive: { start: restored, stop: restored } })],
  ])(
    'fails where the newest backup that can be compared is %s: the newest of all was never restored',
    async (_, both) => {
      const logs = listed(log, alone(restored, new Date('2026-11-21T07:53:00Z')));
      const { report } = await drilled(docker(both, ['--recurse repo-ls', { stdout: logs }]));
      expect(report).toMatchObject({ passed: false, backup: newer.label });
      expect(report.checks.find(({ name }) => name === 'rows')?.says).toMatch(/^nothing was recorded/);
    },
  );

  it('fails where nothing was recorded beside any backup', async () => {
    const { report } = await drilled(docker(['repo-ls checkpoint/', { stdout: '' }]));
    expect(report).toMatchObject({ passed: false, backup: backup.label });
    expect(report.checks[0]).toMatchObject({ name: 'rows', outcome: 'failed' });
  });

  it('takes the end of the log for a moment that no later commit follows only where its last piece came at once: one that came late may be the first of many', async () => {
    const reach = async (arrived: string, stop = backup.timestamp.stop): Promise<string> => {
      const rest = alone('000000010000000000000005', new Date(arrived));
      const first = { ...log, from: new Date(stop * 1000), to: new Date(stop * 1000) };
      const transport = docker(['--recurse repo-ls', { stdout: listed(first, rest) }]);
      await drilled(transport, { target: { kind: 'time', at: new Date('2026-11-21T07:55:00Z') } });
      return transport.log.find((command) => command.includes('copy.sh at time')) ?? '';
    };
    const words = 'at time 2026-11-21 07:55:00.000+00 1 promote 000000010000000000000005';
    expect(await reach('2026-11-21T07:55:10Z')).toMatch(`${words} 2026-11-21 07:53:55.000+00`);
    expect(await reach('2026-11-21T07:58:00Z')).toMatch(`${words} 2026-11-21 07:54:59.999+00`);
  });

  it('says where the end of the log was taken for the moment, which no server has confirmed', async () => {
    const target = { kind: 'time', at: new Date('2026-11-21T07:55:00Z') };
    const rest = alone('000000010000000000000005', new Date('2026-11-21T07:55:10Z'));
    const archived = ['--recurse repo-ls', { stdout: listed(log, rest) }] as const;
    const took = ['copy.sh at time', line({ kind: 'end', segment: rest.last })] as const;
    const saysOf = async (...rules: (readonly [string, Answer])[]): Promise<unknown> =>
      (await drilled(docker(archived, ...rules), { target })).report.checks.find(
        ({ name }) => name === 'moment',
      );
    expect(await saysOf(took)).toMatchObject({
      outcome: 'not made',
      says: expect.stringMatching(/ends with 0+10+5: .*between 2026-11-21T07:53:55\.000Z and it/),
    });
    expect(await saysOf()).toBeUndefined();
    const later = {
      ...backup,
      label: '20261121-075500F',
      timestamp: { start: target.at.getTime() / 1000 + 1 },
    };
    const known = { ...later, timestamp: { ...later.timestamp, stop: later.timestamp.start + 1 } };
    const both = info.replace(
      JSON.stringify(backup),
      [backup, known].map((one) => JSON.stringify(one)).join(','),
    );
    expect(await saysOf(['--output=json info', { stdout: both }], took)).toBeUndefined();
  });

  it('that looks at a moment before the recorded one proves nothing, and is kept under a name that says so', async () => {
    const transport = docker();
    const at = new Date('2026-11-21T07:45:00Z');
    const { report } = await drilled(transport, { target: { kind: 'time', at } });
    expect(report).toMatchObject({
      passed: true,
      checks: [{ outcome: 'not made' }, { outcome: 'not made' }],
    });
    expect(keptAs(transport)).toBe('20261121T080000Z-look.json');
    const archived = fakeTransport([['repo-ls', { stdout: '20261121T080000Z-look.json\n' }]]);
    expect(lastDrillText(await lastDrill(archived, 'preview', []), 'preview')).toContain('never');
  });

  it('has not failed where a question has no answer, and says what to mend', async () => {
    const transport = docker(['copy.sh ask', { code: 3, stderr: 'ERROR: column "wat" does not exist' }]);
    const { report, failure } = await drilled(transport, { ask: 'SELECT wat' });
    expect(report.passed).toBe(true);
    expect(failure?.message).toContain('column "wat" does not exist');
    expect(failure?.next).toBe('mend the question, then ./cogni drill preview --ask <sql>');
    expect(transport.log.filter((command) => command.includes('docker volume rm')).length).toBeGreaterThan(1);
  });

  it('shows no secret of the archive that a program printed, however it was written there', async () => {
    const secret = `p1anted"pass$phrase'0123456789`;
    const forms = [
      secret,
      JSON.stringify(secret),
      secret.replaceAll('$', '$$$$'),
      encodeURIComponent(secret),
    ];
    const printed = [...forms, Buffer.from(secret).toString('base64')].join(' or ');
    const { failure, signed } = await drilled(
      docker(['copy.sh ask', { code: 3, stderr: `no: ${printed}` }]),
      {
        ask: 'SELECT it',
        secrets: { PGBACKREST_REPO1_CIPHER_PASS: secret },
      },
    );
    expect(failure?.message.match(/\[secret PGBACKREST_REPO1_CIPHER_PASS\]/g)).toHaveLength(5);
    expect(`${failure?.message ?? ''}${signed}`).not.toMatch(/p1anted|phrase|cDFhbnRlZ/);
  });

  it('takes no row of an answer for something that it found itself', async () => {
    const rows = `${JSON.stringify({ kind: 'migrations', table: 'schema_migrations', hashes: ['zz'] })}\n`;
    const { report, answer } = await drilled(docker(['copy.sh ask', { stdout: rows }]), { ask: 'SELECT it' });
    expect(answer).toBe(rows);
    expect(report.passed).toBe(true);
  });

  it('is not taken for removed where Docker does not say what there is', async () => {
    const { argv, deadline } = removeDrill({ environment: 'preview' });
    const silent = 'docker() { echo "Cannot connect to the Docker daemon" >&2; return 1; }';
    const [sh, option, program = '', ...words] = argv;
    const removed = await run({ argv: [sh, option ?? '', `${silent}\n${program}`, ...words], deadline });
    expect(removed.code).not.toBe(0);
  });

  it.each([
    ['an older', '14.9'],
    ['a later', '17.2 (Debian 17.2-1)'],
    ['a later, which is not out yet,', '18beta1'],
  ])('is refused with an image of %s major version, before anything is fetched', async (_, version) => {
    const transport = docker(['--entrypoint=postgres', { stdout: `postgres (PostgreSQL) ${version}\n` }]);
    await expect(drilled(transport)).rejects.toMatchObject({
      exitCode: 3,
      what: expect.stringMatching(
        /20261121-074000F of preview is of PostgreSQL 15, and the image .* has 1\d/,
      ) as string,
      next: expect.stringContaining('an image with PostgreSQL 15 as archive.image of preview') as string,
    });
    expect(transport.log.some((command) => command.includes('copy.sh'))).toBe(false);
  });

  it('is not begun with an image that has no PostgreSQL', async () => {
    const transport = docker(['--entrypoint=postgres', { code: 127, stderr: 'executable file not found' }]);
    await expect(drilled(transport)).rejects.toMatchObject({
      exitCode: 1,
      what: expect.stringMatching(/does not say which PostgreSQL it has/) as string,
    });
  });

  it('is not begun with another passphrase: pgBackRest ends well there, having read nothing', async () => {
    const problem = '[FormatError] unable to load info file';
    // As 2.45 prints it: what it could not decrypt stands in the message.
    const printed = `${problem} \u0007\u001b`;
    const unread = JSON.stringify([
      {
        ...{ backup: [], db: [] },
        status: { code: 99, message: 'other', lock: { backup: { held: false } } },
        repo: [{ status: { code: 99, message: problem } }],
      },
    ]).replace(problem, printed);
    const transport = docker(['--output=json info', { stdout: unread }]);
    await expect(drilled(transport)).rejects.toMatchObject({
      exitCode: 1,
      what: expect.stringContaining(`cannot be read: other: ${problem}`) as string,
      next: expect.stringContaining('ARCHIVE_PASSPHRASE are those of preview') as string,
    });
    expect(transport.log.some((command) => command.includes('copy.sh'))).toBe(false);
  });
});
