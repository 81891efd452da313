import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../foundation/process';
import { dockerAt, type Docker } from '../../sandbox/docker';
import { httpsVia } from '../../foundation/https';
import { addressesOf, lookupVia } from '../../foundation/resolve';
import { parseDotEnv } from '../../services';
import { eventually } from '../contract/images/harness';
import { FollowedSetup } from './followed-setup';
import {
  askPlain,
  authorityPem,
  cdktf,
  checkout,
  cogni,
  control,
  inSandbox,
  testWorld,
  textOf,
  upFile,
} from './sandbox-cli';

/**
 * The main job, told once from beginning to end on real parts. The tests of this file go on from each other: each title is a
 * line of the story.
 */
describe('a fresh machine', () => {
  const setup = new FollowedSetup('preview');
  let docker: Docker;
  let sha: string;

  const lookup = () => lookupVia(upFile().variables['COGNI_DNS'] ?? '');
  const ask = (path: string) =>
    httpsVia({ authorities: [authorityPem()], lookup: lookup() })({
      url: `https://preview.cogni.test${path}`,
      deadline: 10_000,
    });
  /** The container of the one host that there is. */
  const host = async (): Promise<string> => {
    const names = await docker.docker(['ps', '--format={{.Names}}', `--filter=label=${testWorld.label}`]);
    return names.split('\n').find((name) => /-host-\d+$/.test(name)) ?? '';
  };
  const onHost = async (...argv: readonly string[]): Promise<string> =>
    (await docker.docker(['exec', await host(), ...argv])).trim();
  const edge = (): Promise<string> =>
    onHost(
      'docker',
      'ps',
      '--format={{.ID}} {{.Names}}',
      '--filter=label=com.docker.compose.project=cogni-edge',
    );

  beforeAll(async () => {
    docker = dockerAt(process.env['DOCKER_HOST']);
    sha = (await run({ argv: ['git', 'rev-parse', 'HEAD'], cwd: checkout, deadline: 10_000 })).stdout.trim();
    await cogni('sandbox', 'down');
  });
  afterAll(async () => {
    await cogni('sandbox', 'down');
  });

  it('is taken from nothing to the answer of the deployed application over HTTPS by the demo', async () => {
    const output = await cogni('sandbox', 'demo');
    expect(textOf(output)).toContain(
      '✓ https://preview.cogni.test/version answers with the version that was deployed',
    );
    expect(textOf(output)).toContain('✓ it answers a question through LiteLLM');
    expect(output).toMatchObject({ code: 0, stdout: expect.stringContaining(sha) });
  });

  it('serves over HTTPS with a certificate of the sandbox, and leads plain HTTP there', async () => {
    await expect(ask('/readyz')).resolves.toMatchObject({ status: 200 });
    const [address = ''] = await addressesOf('preview.cogni.test', lookup());
    const plain = await askPlain(address, 'preview.cogni.test');
    expect(plain.statusCode).toBe(308);
    expect(plain.headers.location).toBe('https://preview.cogni.test/');
  });

  const question = (text: string) =>
    httpsVia({ authorities: [authorityPem()], lookup: lookup() })({
      url: `https://preview.cogni.test/ask?question=${encodeURIComponent(text)}`,
      deadline: 30_000,
    });

  it('lets a model answer through LiteLLM, and writes the answer down as the role of the application', async () => {
    const settings = readFileSync(join(testWorld.folder, 'preview', 'settings.env'), 'utf8');
    const { status, body } = await question('Who are you?');
    expect(status).toBe(200);
    expect(JSON.parse(body.toString())).toMatchObject({
      answer: 'The stub of amazon/nova-2-lite-v1:free was asked: Who are you?',
      databaseRole: /^APP_DB_USER=(\w+)$/m.exec(settings)?.[1],
    });
  });

  it('has a role and a database of LiteLLM’s own, although the proxy has no client for them here', async () => {
    const text = readFileSync(join(testWorld.folder, 'preview', 'settings.env'), 'utf8');
    const settings = parseDotEnv(text, 'settings.env');
    /** As LiteLLM would, over the network of the runtime. */
    const ask = async (database: string | undefined, statement: string): Promise<string> => {
      const { stdout, stderr } = await docker.tryDocker([
        ...['exec', `--env=PGPASSWORD=${settings['LITELLM_DB_PASSWORD']}`, await host()],
        ...['docker', 'exec', '--env=PGPASSWORD', 'cogni-runtime-postgres-1', 'psql', '--host=postgres'],
        ...['--no-psqlrc', '--tuples-only', '--no-align', `--username=${settings['LITELLM_DB_USER']}`],
        ...[`--dbname=${database}`, `--command=${statement}`],
      ]);
      return `${stdout}${stderr}`.trim();
    };
    const own = settings['LITELLM_DB_NAME'];
    expect(
      await ask(own, 'CREATE TABLE tried AS SELECT 7 AS n; SELECT n FROM tried; DROP TABLE tried'),
    ).toContain('7');
    const isSuperuser = 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user';
    expect(await ask(own, isSuperuser)).toBe('f');
    expect(await ask(settings['APP_DB_NAME'], 'SELECT 1')).toContain('permission denied for database');
  });

  it('stays ready while LiteLLM is down, when a question fails, and answers again afterwards', async () => {
    const proxy = await onHost(
      'docker',
      'ps',
      '--quiet',
      '--filter=label=com.docker.compose.service=litellm',
    );
    expect(proxy).toMatch(/^[0-9a-f]{12}$/);
    await onHost('docker', 'stop', '--time=5', proxy);
    try {
      expect((await question('Anybody?')).status).toBe(502);
      await expect(ask('/readyz')).resolves.toMatchObject({ status: 200 });
    } finally {
      await onHost('docker', 'start', proxy);
    }
    await eventually(async () => expect((await question('Anybody?')).status).toBe(200), 120);
  });

  it('shows the application to nobody who asks for the bare address', async () => {
    const [address = ''] = await addressesOf('preview.cogni.test', lookup());
    expect((await askPlain(address, address)).statusCode).toBe(503);
  });

  it('has nothing left to change: cdktf diff says so', async () => {
    expect(textOf(await cdktf('diff', 'preview'))).toContain('No changes');
  });

  it('has nothing left to converge: the host is what is rendered today', async () => {
    const output = await cogni('sandbox', 'status', '--json');
    expect(JSON.parse(output.stdout)).toContainEqual(
      expect.objectContaining({ part: 'cherry api', state: 'running' }),
    );
    const converge = await inSandbox(['./cogni', 'host', 'converge', 'preview', '--dry-run', '--json']);
    const { findings } = JSON.parse(converge.stdout) as { findings: { phase: string; verdict: string }[] };
    expect(findings.length).toBeGreaterThan(8);
    expect(findings.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  });

  it('never has its edge restarted by a deploy of the application', async () => {
    const before = await edge();
    const tag = `preview-${'a'.repeat(40)}`;
    expect((await cogni('sandbox', 'publish', tag)).code).toBe(0);
    const output = await inSandbox(['./cogni', 'deploy', 'preview', '--image-tag', tag]);
    expect(textOf(output)).not.toContain('failed');
    expect(output.code).toBe(0);
    expect((await ask('/version')).body.toString()).toContain('a'.repeat(40));
    expect(await edge()).toBe(before);
  });

  it('finds nothing to do when the same release is deployed again', async () => {
    const started = await onHost('docker', 'ps', '--format={{.ID}}', '--filter=name=cogni-runtime-app');
    const output = await inSandbox([
      './cogni',
      'deploy',
      'preview',
      '--image-tag',
      `preview-${'a'.repeat(40)}`,
    ]);
    expect(output.code).toBe(0);
    expect(await onHost('docker', 'ps', '--format={{.ID}}', '--filter=name=cogni-runtime-app')).toBe(started);
  });

  it('starts the application anew and takes back what was granted by hand, when the same release is deployed anew', async () => {
    const started = await onHost('docker', 'ps', '--format={{.ID}}', '--filter=name=cogni-runtime-app');
    const asAdministrator = (statement: string): Promise<string> => {
      const psql = 'exec psql -qAtX -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d cogni -c "$0"';
      return onHost('docker', 'exec', 'cogni-runtime-postgres-1', 'sh', '-c', psql, statement);
    };
    const mayCreate = "SELECT has_schema_privilege('cogni_readonly_access', 'public', 'CREATE')";
    await asAdministrator('GRANT CREATE ON SCHEMA public TO cogni_readonly_access');
    expect(await asAdministrator(mayCreate)).toBe('t');
    const tag = `preview-${'a'.repeat(40)}`;
    const output = await inSandbox(['./cogni', 'deploy', 'preview', '--image-tag', tag, '--anew']);
    expect(output.code).toBe(0);
    expect(await asAdministrator(mayCreate)).toBe('f');
    expect((await ask('/version')).body.toString()).toContain('a'.repeat(40));
    const now = await onHost('docker', 'ps', '--format={{.ID}}', '--filter=name=cogni-runtime-app');
    expect(now).toMatch(/^[0-9a-f]+$/);
    expect(now).not.toBe(started);
  });

  it('has and runs what is rendered, and is told of a file that somebody changed by hand', async () => {
    const diff = async (): Promise<unknown> => {
      const output = await inSandbox(['./cogni', 'render', 'preview', '--diff', '--exit-code', '--json']);
      return { code: output.code, said: JSON.parse(output.stdout) as unknown };
    };
    expect(await diff()).toEqual({ code: 0, said: { same: true, differences: [] } });
    const file = '/opt/cogni/edge/caddy/Caddyfile';
    await onHost('sed', '-i', '$a# by hand', file);
    try {
      const one = {
        of: 'file',
        at: file,
        what: 'differs',
        diff: expect.stringContaining('-# by hand') as string,
      };
      expect(await diff()).toEqual({ code: 10, said: { same: false, differences: [one] } });
    } finally {
      await onHost('sed', '-i', '$d', file);
    }
    expect(await diff()).toMatchObject({ code: 0 });
  });

  it('keeps no secret of a deploy in the arguments of a process, and its settings readable by root alone', async () => {
    const settings = readFileSync(join(testWorld.folder, 'preview', 'settings.env'), 'utf8');
    const secret = /^APP_DB_PASSWORD=['"]?([^'"\n]+)/m.exec(settings)?.[1] ?? '';
    expect(secret.length).toBeGreaterThan(15);
    expect(await onHost('sh', '-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "')).not.toContain(secret);
    expect(await onHost('stat', '--format=%a', '/opt/cogni/runtime/.env')).toBe('600');
  });

  it('is told every missing setting at once, before the host is touched', async () => {
    const settings = readFileSync(join(testWorld.folder, 'preview', 'settings.env'), 'utf8');
    const file = join(testWorld.folder, 'incomplete.env');
    writeFileSync(file, settings.replace(/^(APP_DB_PASSWORD|AUTH_SECRET|POSTGRES_ROOT_USER)=.*$/gm, ''));
    const logins = await onHost('sh', '-c', 'journalctl -u ssh | grep -c Accepted');
    const output = await inSandbox([
      './cogni',
      'deploy',
      'preview',
      '--image-tag',
      `preview-${sha}`,
      '--settings',
      file,
    ]);
    expect(output.code).toBe(1);
    for (const name of ['APP_DB_PASSWORD', 'AUTH_SECRET', 'POSTGRES_ROOT_USER'])
      expect(textOf(output)).toContain(name);
    expect(await onHost('sh', '-c', 'journalctl -u ssh | grep -c Accepted')).toBe(logins);
  });

  it('refuses a deploy when the host answers with another key, naming both', async () => {
    await onHost('sh', '-c', 'rm /etc/ssh/ssh_host_*; ssh-keygen -A; systemctl restart ssh');
    const seen = (await onHost('ssh-keygen', '-lf', '/etc/ssh/ssh_host_ed25519_key.pub')).split(' ')[1] ?? '';
    const output = await inSandbox(['./cogni', 'deploy', 'preview', '--image-tag', `preview-${sha}`]);
    expect(output.code).toBe(3);
    expect(textOf(output)).toContain(seen);
    expect(textOf(output).match(/SHA256:/g)?.length).toBeGreaterThanOrEqual(2);
    expect(textOf(output)).toContain('cogni host check preview');
    expect(textOf(await inSandbox(['./cogni', 'host', 'check', 'preview']))).toMatch(/identity +other key/);
  });

  it('can be destroyed', async () => {
    const destroyed = await cdktf('destroy', 'preview', '--auto-approve');
    expect(textOf(destroyed)).toContain('Destroy complete! Resources: 4 destroyed');
    expect(await host()).toBe('');
    await setup.prepare();
  });

  it.each(setup.all)('is brought back by what docs/setup.md says, line by line: %s', async (line) => {
    const output = await setup.follow(docker, line, sha);
    expect({ code: output.code, said: output.code === 0 ? '' : textOf(output) }).toEqual({
      code: 0,
      said: '',
    });
  });

  it('has a new key then that is proven and pinned, nothing left to change, and serves', async () => {
    expect(textOf(await inSandbox(['./cogni', 'host', 'check', 'preview']))).toMatch(/identity +pinned/);
    expect(textOf(await cdktf('diff', 'preview'))).toContain('No changes');
    expect((await ask('/version')).body.toString()).toContain(sha);
  });

  it.each([
    ['broken-package', 'packages', 'docker-compose-v2'],
    ['full-disk', '', 'No space left on device'],
    ['ports-taken', 'edge', '80'],
  ])(
    'reports a bootstrap that fails (%s) with the phase and the host’s own log',
    async (fault, phase, told) => {
      await cdktf('destroy', 'preview', '--auto-approve');
      await control('PUT', '/machine-faults', { faults: [fault] });
      const output = await cdktf('deploy', 'preview', '--auto-approve');
      const text = textOf(output).replaceAll(/\s+/g, ' ');
      expect(output.code).not.toBe(0);
      expect(text).toContain(`failed in phase ${phase}`);
      expect(text).toContain(told);
      expect(text).toContain('next:');
    },
  );

  it('is whole again after the fault was mended', async () => {
    await cdktf('destroy', 'preview', '--auto-approve');
    expect((await cdktf('deploy', 'preview', '--auto-approve')).code).toBe(0);
  });

  it('comes up and goes down whole, after an up that was killed half way', async () => {
    await cogni('sandbox', 'down');
    const killed = await run({
      argv: ['timeout', '--signal=KILL', '4', './cogni', 'sandbox', 'up'],
      cwd: checkout,
      env: { COGNI_SANDBOX_NAME: 'e2e' },
      deadline: 60_000,
    });
    expect(killed.code).not.toBe(0);
    expect((await cogni('sandbox', 'up')).code).toBe(0);
    expect((await cogni('sandbox', 'down')).code).toBe(0);
    for (const kind of ['container', 'volume', 'network']) {
      const all = kind === 'container' ? ['--all'] : [];
      expect(await docker.docker([kind, 'ls', '--quiet', ...all, `--filter=label=${testWorld.label}`])).toBe(
        '',
      );
    }
    const processes = await run({ argv: ['pgrep', '--full', testWorld.folder], deadline: 5_000 });
    expect(processes.stdout).toBe('');
  });
});
