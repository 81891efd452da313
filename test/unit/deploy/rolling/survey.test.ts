import { surveyHost } from '../../../../deploy/rolling/survey';
import { renderRecord } from '../../../../deploy/rolling/record';
import { Failure } from '../../../../foundation/failure';
import { fakeTransport, type Answer } from '../fake-transport';
import { servingHost } from './sample';

const hash = 'a'.repeat(64);
const record = servingHost().release!;

/** Answers of a host that serves, by part of the command line. */
const answers: Record<string, Answer> = {
  'project=cogni-edge': { stdout: 'caddy\trunning\tUp 2 hours (healthy)\tcaddy@sha256:1\n' },
  'project=cogni-runtime': {
    stdout: 'app\trunning\tUp 2 minutes (healthy)\tapp@sha256:2\npostgres\texited\tExited (1)\tpg@sha256:3\n',
  },
  'docker version': { stdout: 'linux/amd64\n' },
  'df ': { stdout: '      Avail\n21474836480\n' },
  '/upstream/active': { stdout: 'cogni-app-a\n' },
  '/deploy/current': { stdout: renderRecord(record) },
  sha256sum: { stdout: `${hash}  /opt/cogni/runtime/compose.yaml\n${hash}  /opt/cogni/runtime/a b/c\n` },
  '-printf': { stdout: '644 /opt/cogni/runtime/compose.yaml\n600 /opt/cogni/runtime/a b/c\n' },
};

const survey = (changes: Record<string, Answer> = {}): ReturnType<typeof surveyHost> =>
  surveyHost(fakeTransport(Object.entries({ ...answers, ...changes })), 'preview');

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
      containers: [
        { service: 'app', state: 'running', healthy: true, image: 'app@sha256:2' },
        { service: 'postgres', state: 'exited', healthy: false, image: 'pg@sha256:3' },
      ],
    });
  });

  test('finds nothing on a host that was never deployed to', async () => {
    const nothing = { code: 1, stderr: 'No such file or directory' };
    const facts = await survey({
      'project=cogni-runtime': {},
      '/upstream/active': { stdout: 'none\n' },
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
        'platform: exit code 1, permission denied while trying to connect',
        'edge: exit code 1, permission denied',
      ],
      next: './cogni host check preview',
    });
    await expect(failed).rejects.toBeInstanceOf(Failure);
  });

  test.each([
    ['that is half written', '{"version":', 'is not JSON'],
    ['of a newer program', JSON.stringify({ ...record, version: 2 }), 'version: '],
  ])('refuses to guess about a record %s', async (_, stdout, reason) => {
    await expect(survey({ '/deploy/current': { stdout } })).rejects.toThrow(reason);
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
      'df',
      'docker',
      'docker',
      'docker',
      'find',
      'find',
      'test',
    ]);
    expect(transport.inputs).toEqual([]);
  });
});
