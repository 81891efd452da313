import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode } from '../../../../foundation/failure';
import { Secret } from '../../../../foundation/secret';
import { entriesOf, syncText } from '../../../../cli/sync-settings';
import { githubApi, planSync, runSync, type Github, type SyncEntry } from '../../../../workflows';
import { failureOf } from '../../../failure-of';
import { fakeClock } from '../../deploy/fake-clock';
import description from './description.json';
import { githubDouble, githubOf, type GithubDouble } from './double';

let double: GithubDouble;
beforeAll(async () => {
  double = await githubDouble();
});
afterAll(() => double.stop());
beforeEach(() => double.reset());

const github = (token?: string): Promise<Github> => githubOf(double, token);
const planted = 'p1anted-"secret"-with-ü-and-a-\nsecond-line';
const entries: readonly SyncEntry[] = [
  { name: 'AUTH_SECRET', place: 'environment', kind: 'secret', value: Secret.of('AUTH_SECRET', planted) },
  { name: 'VM_HOST', place: 'environment', kind: 'variable', value: '203.0.113.7' },
  { name: 'CHERRY_AUTH_TOKEN', place: 'repository', kind: 'secret', value: Secret.of('X', 'p1anted-token') },
  { name: 'GHCR_USERNAME', place: 'repository', kind: 'variable', value: 'cogni-bot' },
];
const names = entries.map(({ name }) => name);
const again = './cogni settings sync preview --no-host --shared --repository cogni-dao/example';
const plan = async (environment = 'preview', token?: string) =>
  planSync(await github(token), environment, entries, [...names, 'METRICS_TOKEN'], again);
const sync = async () => runSync(await github(), await plan(), entries, again);

describe('settings at GitHub', () => {
  afterEach(() => expect(double.violations).toEqual([]));

  it('are written as sealed boxes that GitHub alone can open, and as variables', async () => {
    expect(await sync()).toEqual(names);
    expect(Object.fromEntries(double.secrets)).toEqual({
      'preview/AUTH_SECRET': planted,
      'repository/CHERRY_AUTH_TOKEN': 'p1anted-token',
    });
    expect(Object.fromEntries(double.variables)).toEqual({
      'preview/VM_HOST': '203.0.113.7',
      'repository/GHCR_USERNAME': 'cogni-bot',
    });
  });

  it('are named with what would become of them, and never with a value', async () => {
    double.secrets.set('preview/AUTH_SECRET', 'old').set('preview/METRICS_TOKEN', 'old');
    double.variables.set('preview/VM_HOST', '203.0.113.8').set('repository/GHCR_USERNAME', 'cogni-bot');
    double.variables.set('preview/OF_OTHERS', 'x');
    const { rows } = await plan();
    expect(rows.map(({ name, action }) => [name, action])).toEqual([
      ['AUTH_SECRET', 'write'],
      ['VM_HOST', 'change'],
      ['METRICS_TOKEN', 'left'],
      ['CHERRY_AUTH_TOKEN', 'make'],
      ['GHCR_USERNAME', 'same'],
    ]);
    const text = syncText(rows);
    expect(text).toContain(
      "AUTH_SECRET        secret of the environment  would be written; it cannot be read back (GitHub's is of 2026-11-20T08:00:00Z)",
    );
    for (const value of [planted, 'p1anted', '203.0.113', 'cogni-bot']) expect(text).not.toContain(value);
    expect(JSON.stringify(rows)).not.toContain('p1anted');
    expect(double.asked.filter((line) => !line.startsWith('GET '))).toEqual([]);
  });

  it('are left alone where they are the same, and written again where nobody can tell', async () => {
    await sync();
    double.asked.length = 0;
    expect(await sync()).toEqual(['AUTH_SECRET', 'CHERRY_AUTH_TOKEN']);
  });

  it('are all found, however many pages they fill', async () => {
    for (let index = 0; index < 65; index += 1) double.variables.set(`preview/A_${index}`, 'x');
    double.variables.set('preview/VM_HOST', '203.0.113.7');
    for (let index = 0; index < 130; index += 1) double.secrets.set(`preview/S_${index}`, 'x');
    double.secrets.set('preview/AUTH_SECRET', 'x');
    const actions = new Map((await plan()).rows.map(({ name, action }) => [name, action]));
    expect(actions.get('VM_HOST')).toBe('same');
    expect(actions.get('AUTH_SECRET')).toBe('write');
  });

  it('do not go to an environment that GitHub does not have: nothing is asked further', async () => {
    const failure = await failureOf(plan('production'));
    expect(failure.what).toContain('GitHub answered 404');
    expect(failure.next).toContain('make the environment production');
    expect(double.asked).toHaveLength(1);
  });

  it('do not go with a token that is not valid, and the message does not hold it', async () => {
    const failure = await failureOf(plan('preview', 'ghp_p1anted-and-old'));
    expect(failure.next).toContain('set GITHUB_TOKEN');
    expect(failure.message).not.toContain('p1anted');
  });

  it('are asked for again when GitHub fails for a moment, and written once', async () => {
    let failures = 2;
    double.before = (name, _path, response) => {
      if (!name.startsWith('PUT') || failures-- <= 0) return false;
      response.writeHead(502).end();
      return true;
    };
    expect(await sync()).toEqual(names);
  });

  it('survive an answer that was lost: a variable that is there is changed', async () => {
    const prepared = await plan();
    double.variables.set('preview/VM_HOST', 'somebody was quicker');
    await runSync(await github(), prepared, entries, again);
    expect(double.variables.get('preview/VM_HOST')).toBe('203.0.113.7');
  });

  it('are written as far as it goes: what failed is named, with what was written', async () => {
    double.before = (name, path, response) => {
      if (!name.startsWith('PUT') || !path.endsWith('/AUTH_SECRET')) return false;
      response.writeHead(422, { 'content-type': 'application/json' }).end('{"message":"no"}');
      return true;
    };
    const failure = await failureOf(sync());
    expect(failure.faults).toEqual(['AUTH_SECRET: GitHub answered 422: no']);
    expect(failure.state).toBe('written: VM_HOST, CHERRY_AUTH_TOKEN, GHCR_USERNAME');
    expect(failure.exitCode).toBe(ExitCode.degraded);
    expect(failure.next).toMatch(new RegExp(`^${again} {4}\\(it writes the rest`));
    expect(failure.message).not.toContain('p1anted');
  });

  it('stop at the first refusal of the right to write', async () => {
    double.before = (name, _path, response) => {
      if (name.startsWith('GET')) return false;
      response.writeHead(403, { 'content-type': 'application/json' }).end('{"message":"forbidden"}');
      return true;
    };
    const failure = await failureOf(sync());
    expect(failure.faults).toEqual(['AUTH_SECRET: GitHub answered 403: forbidden']);
    expect(failure.state).toBe('nothing was written');
  });

  it('wait for a limit that ends soon', async () => {
    let limited = 1;
    double.before = (_name, _path, response) => {
      if (limited-- <= 0) return false;
      response.writeHead(429, { 'retry-after': '30' }).end('{}');
      return true;
    };
    expect((await plan()).rows).toHaveLength(4);
  });

  it('do not wait for one that ends late: its end is said', async () => {
    double.before = (_name, _path, response) => {
      response
        .writeHead(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '4102444800' })
        .end('{"message":"limit"}');
      return true;
    };
    const failure = await failureOf(plan());
    expect(failure.what).toContain('GitHub limits the rate of requests until 2100-01-01T00:00:00.000Z (403)');
    expect(double.asked).toHaveLength(1);
  });

  it('do not wait for ever for an answer', async () => {
    double.before = () => true;
    const slow = await githubApi({
      repository: 'cogni-dao/example',
      token: Secret.of('GITHUB_TOKEN', double.token),
      url: double.url,
      clock: fakeClock(),
      deadline: 50,
    });
    const failure = await failureOf(planSync(slow, 'preview', entries, names, again));
    expect(failure.what).toContain('GitHub did not answer within 0.05 s');
  });

  it.each(['example', 'a/b/c', 'a/', 'a b/c', '../x?'])(
    'need a repository that is one: not %j',
    async (repository) => {
      const failure = await failureOf(githubApi({ repository, token: Secret.of('GITHUB_TOKEN', 'x') }));
      expect(failure.what).toContain('is not a repository of GitHub');
    },
  );

  it('fail in words when nobody answers', async () => {
    double.before = (_name, _path, response) => {
      response.destroy();
      return true;
    };
    const failure = await failureOf(plan());
    expect(failure.what).toContain('GitHub could not be asked');
    expect(failure.next).toBe(`later, once more: ${again}`);
    expect(double.asked).toHaveLength(3);
  });
});

describe('what is sent to GitHub', () => {
  const values = {
    AUTH_SECRET: 'k'.repeat(32),
    VM_HOST: '203.0.113.7',
    VM_HOST_KEY: `ssh-ed25519 ${'A'.repeat(68)}`,
    GHCR_USERNAME: 'cogni-bot',
    DATABASE_URL: 'postgresql://x',
    NO_COLOR: '1',
  };

  it('is what the catalogue gives to an environment there, and nothing composed or of this shell', () => {
    expect(entriesOf(values, { shared: false }).map(({ name, kind }) => [name, kind])).toEqual([
      ['VM_HOST', 'variable'],
      ['VM_HOST_KEY', 'variable'],
      ['AUTH_SECRET', 'secret'],
    ]);
  });

  it('is what all environments share only when that is asked for', () => {
    const names = entriesOf(values, { shared: true }).map(({ name }) => name);
    expect(names).toContain('GHCR_USERNAME');
  });

  it('is the way to the host alone for the environment of the nightly look', () => {
    const names = entriesOf(values, { shared: true, look: true }).map(({ name }) => name);
    expect(names).toEqual(['VM_HOST', 'VM_HOST_KEY']);
  });

  it('is all sound, or nothing: every fault at once, without a value', () => {
    const bad = { AUTH_SECRET: 'p1anted', VM_HOST: 'p1anted', SSH_DEPLOY_KEY: 'p1anted' };
    expect(() => entriesOf(bad, { shared: false })).toThrow(
      /VM_HOST is neither an IPv4 address nor a host name[^]*SSH_DEPLOY_KEY is not a private key[^]*AUTH_SECRET is shorter/,
    );
    expect(() => entriesOf(bad, { shared: false })).not.toThrow(/p1anted/);
    expect(() => entriesOf({ ...values, AUTH_SECRET: '<the key of sessions>' }, { shared: false })).toThrow(
      'AUTH_SECRET is still a placeholder',
    );
  });
});

describe('the description that requests are held against', () => {
  it('is that of GitHub: every operation stands in its package under the same path', () => {
    const types = readFileSync(
      join(__dirname, '../../../../node_modules/@octokit/openapi-types/types.d.ts'),
      'utf8',
    );
    for (const [name, { operation }] of Object.entries(description.operations)) {
      const [method = '', path = ''] = name.split(' ');
      const from = types.indexOf(`\n  "${path}": {`);
      const block = types.slice(from, types.indexOf('\n  };', from));
      expect(from).toBeGreaterThan(0);
      expect(block).toContain(`\n    ${method.toLowerCase()}: operations["${operation}"]`);
    }
  });
});
