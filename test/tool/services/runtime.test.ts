import { setTimeout as sleep } from 'node:timers/promises';
import { deploySettings } from '../../unit/services/example';
import { RunningRuntime } from './running-runtime';

/** Passwords of signs that some program on the way could take for something else. */
const settings = {
  ...deploySettings,
  POSTGRES_ROOT_PASSWORD: `root'"\\$;--%s:@/?#[]{}`,
  OWNER_DB_PASSWORD: `owner'"\\$(id);--%2F@/`,
  APP_DB_PASSWORD: `app'"\\\${HOME}!&|<>*~^@/?`,
};

describe('the runtime in containers', () => {
  let runtime: RunningRuntime;

  // One story, in order: each part begins where the one before ended.
  beforeAll(async () => {
    runtime = await RunningRuntime.prepare(settings);
  }, 900_000);
  afterAll(() => runtime.remove(), 60_000);

  it('brings up a server with checksums, an order of text that never changes, and its rendered settings', async () => {
    expect(await runtime.up('postgres')).toMatchObject({ code: 0 });
    const shown = ['data_checksums', 'lc_collate', 'server_encoding', 'shared_buffers', 'hba_file'];
    expect(await runtime.asRoot(shown.map((name) => `SHOW ${name};`).join(''), 'postgres')).toBe(
      'on\nC.UTF-8\nUTF8\n128MB\n/run/cogni-postgres/pg_hba.conf',
    );
  });

  it('reads every line of its files without a fault', async () => {
    const faults = ['pg_file_settings', 'pg_hba_file_rules', 'pg_ident_file_mappings'].map(
      (view) => `SELECT count(*) FROM ${view} WHERE error IS NOT NULL;`,
    );
    expect(await runtime.asRoot(faults.join(''), 'postgres')).toBe('0\n0\n0');
    expect(await runtime.asRoot('SELECT count(*) > 20 FROM pg_file_settings WHERE applied', 'postgres')).toBe(
      't',
    );
  });

  it('lets its administrator in through the socket, and over no network, whatever the password', async () => {
    const asked = (password: string) => runtime.sql('cogni_root', password, 'postgres', 'SELECT 1');
    for (const password of [settings.POSTGRES_ROOT_PASSWORD, 'another']) {
      const refused = await asked(password);
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toMatch(/pg_hba\.conf rejects connection for host .*user "cogni_root"/);
    }
    expect(await runtime.asRoot('SELECT 1', 'postgres')).toBe('1');
  });

  it('provisions and migrates the database as roles that come in by their passwords', async () => {
    expect(await runtime.job('db-provision')).toMatchObject({ code: 0 });
    expect(await runtime.job('db-migrate')).toMatchObject({ code: 0 });
    const app = (password: string) => runtime.sql('cogni_app', password, 'cogni', 'SELECT 1');
    expect(await app(settings.APP_DB_PASSWORD)).toMatchObject({ code: 0, stdout: '1\n' });
    expect((await app('another')).stderr).toContain('password authentication failed');
  });

  it('gets the application ready, for the edge to reach under its name', async () => {
    expect(await runtime.up('app-a')).toMatchObject({ code: 0 });
    expect(await runtime.fromTheEdge('http://cogni-app-a:3000/readyz')).toContain('ready');
  });

  it('runs the application with what it needs and nothing else', async () => {
    expect(
      await runtime.inspect(
        'app-a',
        '{{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.Memory}}',
      ),
    ).toBe('1001:1001 true 536870912');
    const names = JSON.parse(await runtime.inApp('JSON.stringify(Object.keys(process.env))')) as string[];
    expect(names).toContain('DATABASE_URL');
    expect(names).not.toContain('METRICS_TOKEN');
    expect(names.filter((name) => /^(POSTGRES|OWNER|APP_DB|GHCR)/.test(name))).toEqual([]);
  });

  it('leaves an application that lives alone when it is not ready', async () => {
    expect(await runtime.compose('stop', 'postgres')).toMatchObject({ code: 0 });
    await until(async () => (await runtime.inspect('app-a', '{{.State.Health.Status}}')) === 'unhealthy');
    expect(await runtime.inspect('app-a', '{{.RestartCount}}')).toBe('0');
    expect(await runtime.up('postgres')).toMatchObject({ code: 0 });
    await until(async () => (await runtime.inspect('app-a', '{{.State.Health.Status}}')) === 'healthy');
  }, 180_000);

  it('starts an application anew that hangs', async () => {
    // The one child of the container's init.
    const hang = `require('fs').readdirSync('/proc').filter((id) => /^[0-9]+$/.test(id)).forEach((id) => {
      const parent = require('fs').readFileSync('/proc/' + id + '/stat', 'utf8').split(') ').pop().split(' ')[1];
      if (parent === '1') process.kill(Number(id), 'SIGSTOP');
    })`;
    await runtime.inApp(hang);
    await until(async () => (await runtime.inspect('app-a', '{{.RestartCount}}')) === '1');
    await until(async () => (await runtime.inspect('app-a', '{{.State.Health.Status}}')) === 'healthy');
    expect(await runtime.fromTheEdge('http://cogni-app-a:3000/readyz')).toContain('ready');
  }, 300_000);
});

/** Asks until it is so; the test's own limit ends it. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(1000);
}
