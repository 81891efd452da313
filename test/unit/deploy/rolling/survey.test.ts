import { posix } from 'node:path';
import { surveyCommands, surveyHost } from '../../../../deploy/rolling/survey';
import { renderRecord } from '../../../../deploy/rolling/record';
import { ExitCode, Failure } from '../../../../foundation/failure';
import { fakeClock } from '../fake-clock';
import { fakeTransport, type Answer } from '../fake-transport';
import { servingHost, soundHost } from './sample';

const hash = 'a'.repeat(64);
const record = servingHost().release!;

/** Answers of a host that serves, by part of the command line. */
const answers: Record<string, Answer> = {
  ...Object.fromEntries(soundHost),
  '-name *.json': { stdout: renderRecord(record) },
  'project=cogni-edge': { stdout: 'caddy\trunning\tUp 2 hours (healthy)\tcaddy@sha256:1\n' },
  'project=cogni-runtime': {
    stdout: 'app\trunning\tUp 2 minutes (healthy)\tapp@sha256:2\npostgres\texited\tExited (1)\tpg@sha256:3\n',
  },
  'docker version': { stdout: 'linux/amd64\n' },
  'df ': { stdout: '      Avail\n21474836480\n' },
  '/upstream/active': { stdout: 'cogni-app-a\n' },
  'readlink --': { stdout: `releases/${record.id}.json\n` },
  '/deploy/current': { stdout: renderRecord(record) },
  sha256sum: { stdout: `${hash}  /opt/cogni/runtime/compose.yaml\n${hash}  /opt/cogni/runtime/a b/c\n` },
  'docker images --quiet': {
    code: 1,
    stdout: '["sha256:1","sha256:2"]\n[]\nnull\n["sha256:cut',
    stderr: 'Error: No such image',
  },
  'docker image ls': { stdout: `ghcr.test/app@sha256:${hash}\n<none>@<none>\nghcr.test/app@<none>\n` },
  '-printf': { stdout: '644 /opt/cogni/runtime/compose.yaml\n600 /opt/cogni/runtime/a b/c\n' },
};

const survey = (changes: Record<string, Answer> = {}): ReturnType<typeof surveyHost> =>
  surveyHost(
    fakeTransport(Object.entries({ ...answers, ...changes })),
    'preview',
    undefined,
    fakeClock('2026-11-21T08:15:00.000Z'),
  );

describe('looking at a host', () => {
  test('finds what serves, from which files, and how much room there is', async () => {
    expect(await survey()).toEqual({
      bootstrapped: true,
      edge: 'healthy',
      platform: 'linux/amd64',
      freeBytes: 20 * 1024 ** 3,
      upstream: 'cogni-app-a',
      release: record,
      files: { 'compose.yaml': { hash, mode: 0o644 }, 'a b/c': { hash, mode: 0o600 } },
      leftovers: false,
      images: [`ghcr.test/app@sha256:${hash}`],
      layers: [['sha256:1', 'sha256:2'], []],
      containers: [
        { service: 'app', state: 'running', health: 'healthy', image: 'app@sha256:2' },
        { service: 'postgres', state: 'exited', health: 'not healthy', image: 'pg@sha256:3' },
      ],
      clockAhead: 0,
      freeInodes: 5_000_000,
      unwritable: [],
      imagesReadOnly: false,
      strangers: [],
      settingsEdited: false,
      recorded: [record],
      unreadable: [],
    });
  });

  test.each([
    '/opt/cogni/runtime/.next',
    '/opt/cogni/runtime/.previous',
    '/opt/cogni/runtime/.unsettled',
    '/opt/cogni/edge/caddy/upstream/.active.next',
    '/opt/cogni/edge/caddy/upstream/.active.previous',
    '/dev/shm/cogni-x',
  ])('finds %s, which a deploy left that was killed', async (path) => {
    const [program, ...words] = surveyCommands().leftovers.argv;
    expect(program).toBe('find');
    expect(words).toContain(posix.dirname(path));
    expect(
      words.some((word) => path === word || (word.endsWith('*') && path.startsWith(word.slice(0, -1)))),
    ).toBe(true);
    expect(await survey({ '-maxdepth': { stdout: `${path}\n` } })).toMatchObject({ leftovers: true });
  });

  test('finds the container that migrations were read from, which a deploy left that was killed', async () => {
    expect(await survey({ 'dev.cogni.helper=migrations': { stdout: '0123abc\n' } })).toMatchObject({
      leftovers: true,
    });
  });

  test('finds nothing on a host that was never deployed to', async () => {
    const nothing = { code: 1, stderr: 'No such file or directory' };
    const facts = await survey({
      'project=cogni-runtime': {},
      '/upstream/active': { stdout: 'none\n' },
      'readlink --': nothing,
      '/deploy/current': nothing,
      sha256sum: {},
      '-printf': {},
    });
    expect(facts).toMatchObject({ upstream: 'none', release: undefined, files: {}, containers: [] });
  });

  test.each([
    ['is not running', '', 'not running'],
    ['has stopped', 'caddy\texited\tExited (0)\tx\n', 'not running'],
    ['is not well', 'caddy\trunning\tUp 2 hours (unhealthy)\tx\n', 'not healthy'],
    ['has just been started', 'caddy\trunning\tUp 3 seconds (health: starting)\tx\n', 'starting'],
  ])('says that the edge %s', async (_, stdout, edge) => {
    expect(await survey({ 'project=cogni-edge': { stdout } })).toMatchObject({ edge });
  });

  test('says that the bootstrap has not ended', async () => {
    expect(await survey({ 'bootstrap.ok': { code: 1 } })).toMatchObject({ bootstrapped: false });
  });

  test('fails, with every fault, when Docker does not answer', async () => {
    const failed = survey({
      'docker version': { code: 1, stderr: 'permission denied while trying to connect' },
      'project=cogni-edge': { code: 1, stderr: 'permission denied' },
    });
    await expect(failed).rejects.toMatchObject({
      faults: [
        'platform: ended with exit code 1, permission denied while trying to connect',
        'edge: ended with exit code 1, permission denied',
      ],
      next: expect.stringContaining('./cogni host check preview') as string,
    });
    await expect(failed).rejects.toBeInstanceOf(Failure);
  });

  const slow: Answer = { code: null, timedOut: true, milliseconds: 20_000 };
  test.each<[string, string, Answer]>([
    ['records', '-name *.json', slow],
    ['records', '-name *.json', { code: 1, stderr: 'Input/output error' }],
    ['hashes', 'sha256sum', slow],
    ['hashes', 'sha256sum', { code: 1, stderr: 'Permission denied' }],
    ['modes', '-printf', slow],
    ['names', 'name=^/?cogni-runtime-', slow],
    ['release', '/deploy/current', slow],
    ['link', 'readlink --', slow],
  ])('does not take what it is not told for none: %s (%s)', async (question, part, answer) => {
    await expect(survey({ [part]: answer })).rejects.toMatchObject({
      faults: [expect.stringMatching(`^${question}: `)],
      next: expect.stringContaining('./cogni host check preview') as string,
    });
  });

  test('tells every question at once that was not answered', async () => {
    const failed = survey({ '-name *.json': slow, sha256sum: slow, '-printf': { code: 1, stderr: 'gone' } });
    await expect(failed).rejects.toMatchObject({
      faults: [
        'records: did not end within its deadline (20.0 s), without a word',
        'hashes: did not end within its deadline (20.0 s), without a word',
        'modes: ended with exit code 1, gone',
      ],
    });
  });

  test('takes folders that are not there yet for none where nothing serves, and a slow disk for no answer', async () => {
    const none = { 'readlink --': { code: 1 }, '/deploy/current': { code: 1 } };
    expect(await survey({ ...none, '-name *.json': { code: 1 } })).toMatchObject({ recorded: [] });
    await expect(survey({ ...none, '-name *.json': slow })).rejects.toBeInstanceOf(Failure);
  });

  test.each([
    ['upstream', '/upstream/active'],
    ['leftovers', '-maxdepth 1 ('],
  ])('takes an answer about %s that was cut off for none', async (question, part) => {
    await expect(survey({ [part]: slow })).rejects.toMatchObject({
      faults: [expect.stringMatching(`^${question}: did not end within its deadline`)],
    });
  });

  test('asks once more what serves where the first release was recorded between its questions', async () => {
    const rules: (readonly [string, Answer | Answer[]])[] = [
      ['/deploy/current', [{ code: 1, stderr: 'No such file or directory' }, answers['/deploy/current']!]],
      ...Object.entries(answers),
    ];
    expect((await surveyHost(fakeTransport(rules), 'preview')).release).toEqual(record);
  });

  test('asks once more for files that were moved while they were read', async () => {
    const gone = { code: 1, stderr: 'sha256sum: No such file or directory' };
    const rules: (readonly [string, Answer | Answer[]])[] = [
      ['sha256sum', [gone, answers.sha256sum!]],
      ...Object.entries(answers),
    ];
    const facts = await surveyHost(fakeTransport(rules), 'preview');
    expect(Object.keys(facts.files)).toEqual(['compose.yaml', 'a b/c']);
  });

  test.each([
    ['that is half written', '{"version":', 'is not JSON'],
    ['of another kind', JSON.stringify({ ...record, version: 0 }), 'version: '],
  ])('refuses to guess about a record %s', async (_, stdout, reason) => {
    await expect(survey({ '/deploy/current': { stdout } })).rejects.toThrow(reason);
  });

  test.each<[string, Record<string, Answer>, RegExp]>([
    [
      'leads nowhere',
      { '/deploy/current': { code: 1, stderr: 'No such file or directory' } },
      /current on .* is a link to releases\/.*\.json, which cannot be read: No such file or directory/,
    ],
    [
      'may not be read',
      { '/deploy/current': { code: 1, stderr: 'Permission denied' } },
      /cannot be read: Permission denied/,
    ],
    ['is a file', { 'readlink --': { code: 1 } }, /should be a link .* and is a file of its own/],
  ])(
    'names a link to what serves that %s, and takes it neither for none nor for another run',
    async (_, changes, what) => {
      await expect(survey(changes)).rejects.toMatchObject({
        what: expect.stringMatching(what),
        next: expect.stringContaining('ln -sfn releases/<id>.json /var/lib/cogni/deploy/current') as string,
      });
    },
  );

  test('refuses, politely, what a newer program has recorded', async () => {
    const stdout = JSON.stringify({ ...record, version: 3 });
    await expect(survey({ '/deploy/current': { stdout } })).rejects.toMatchObject({
      what: expect.stringMatching(
        /a newer \.\/cogni has deployed to preview: .* is a record of format 3/,
      ) as string,
      next: expect.stringContaining('update this checkout') as string,
      exitCode: ExitCode.refused,
    });
  });

  test('tells the records that it cannot read by their files, and reads the others', async () => {
    const newer = `${JSON.stringify({ ...record, version: 3, id: '20270101T000000Z-preview-9' }, null, 2)}\n`;
    const stdout = `==> r/20270101T000000Z-preview-9.json <==\n${newer}\n==> r/1.json <==\n${renderRecord(record)}`;
    expect(await survey({ '-name *.json': { stdout } })).toMatchObject({
      recorded: [record],
      unreadable: [{ id: '20270101T000000Z-preview-9', is: 'newer' }],
    });
  });

  test.each([
    ['ahead', '2026-11-21T08:17:00.000Z', 120_000],
    ['behind', '2026-11-21T08:14:00.000Z', -60_000],
  ])('measures how far the clock of the host is %s', async (_, time, clockAhead) => {
    const stdout = `${Date.parse(time) / 1000}.000000000\n`;
    expect(await survey({ 'date +%s': { stdout } })).toMatchObject({ clockAhead });
  });

  test('does not take a slow answer for a clock that is wrong', async () => {
    const clock = fakeClock('2026-11-21T08:15:00.000Z');
    const slow: Answer = () => {
      clock.advance(90_000);
      return { stdout: `${Date.parse('2026-11-21T08:15:40.000Z') / 1000}\n` };
    };
    const transport = fakeTransport(Object.entries({ ...answers, 'date +%s': slow }));
    expect(await surveyHost(transport, 'preview', undefined, clock)).toMatchObject({ clockAhead: 0 });
  });

  test.each([
    ['a clock that says nothing', { 'date +%s': { code: 1 } }, { clockAhead: undefined }],
    ['no free inodes', { 'df --output=itotal': { stdout: 'Inodes IFree\n100 0\n' } }, { freeInodes: 0 }],
    [
      'a file system without a table of inodes',
      { 'df --output=itotal': { stdout: 'Inodes IFree\n0 0\n' } },
      { freeInodes: undefined },
    ],
    [
      'folders that cannot be written to',
      { '-writable': { code: 1, stdout: '/var/lib/cogni/deploy\n/opt/cogni/runtime\n' } },
      { unwritable: ['/opt/cogni/edge/caddy/upstream'] },
    ],
    ['a read-only disk', { findmnt: { stdout: 'ro,relatime\n' } }, { imagesReadOnly: true }],
    [
      'settings that somebody wrote to',
      { '-newer': { stdout: '/opt/cogni/runtime/.env\n' } },
      { settingsEdited: true },
    ],
    [
      'a container of somebody else under our name, and no other',
      {
        'name=^/?cogni-runtime-': {
          stdout:
            'cogni-runtime-app-a-1\tcogni-runtime\tours\ncogni-runtime-app-b-1\t\tnginx\ncogni-runtime-of-mine\t\tnginx\ncogni-runtime-db-migrate\tother\tx\n',
        },
      },
      {
        strangers: [
          { name: 'cogni-runtime-app-b-1', image: 'nginx' },
          { name: 'cogni-runtime-db-migrate', image: 'x' },
        ],
      },
    ],
    [
      'somebody else’s under the names of what keeps backups',
      {
        'name=^/?cogni-runtime-': {
          stdout: ['backup-1', 'copies-1'].map((name) => `cogni-runtime-${name}\t\tnginx\n`).join(''),
        },
      },
      {
        leftovers: false,
        strangers: ['backup-1', 'copies-1'].map((name) => ({
          name: `cogni-runtime-${name}`,
          image: 'nginx',
        })),
      },
    ],
  ])('finds %s', async (_, changes, found) => {
    expect(await survey(changes)).toMatchObject(found);
  });

  test.each([
    ['before it begins', 0],
    ['while a question is open', 1],
  ])('asks nothing more when it is cancelled %s, and throws the reason itself', async (_, asked) => {
    const cancel = new AbortController();
    const reason = new Failure({ what: 'cancelled by SIGINT', next: 'run it again' });
    const transport = fakeTransport([['', () => (cancel.abort(reason), { code: null })]]);
    if (asked === 0) cancel.abort(reason);
    await expect(surveyHost(transport, 'preview', cancel.signal)).rejects.toBe(reason);
    expect(transport.log).toHaveLength(asked);
  });

  test('changes nothing', async () => {
    const transport = fakeTransport(Object.entries(answers));
    await surveyHost(transport, 'preview');
    expect(transport.log.map((line) => line.split(' ')[0]).sort()).toEqual([
      'cat',
      'cat',
      'date',
      'df',
      'df',
      'docker',
      'docker',
      'docker',
      'docker',
      'docker',
      'find',
      'find',
      'find',
      'find',
      'find',
      'find',
      'findmnt',
      'readlink',
      'sh',
      'sh',
      'test',
    ]);
    expect(transport.inputs).toEqual([]);
  });
});
