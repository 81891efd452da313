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
  const app = (statement: string, database = 'cogni', password: string = settings.APP_DB_PASSWORD) =>
    runtime.sql('cogni_app', password, database, statement);
  const owner = (statement: string, password: string = settings.OWNER_DB_PASSWORD) =>
    runtime.sql('cogni_owner', password, 'cogni', statement);

  // One story, in order: each part begins where the one before ended.
  beforeAll(async () => {
    runtime = await RunningRuntime.prepare(settings);
  }, 900_000);
  afterAll(() => runtime.remove(), 60_000);

  it('brings up a server with checksums, an order of text that never changes, and its tuning', async () => {
    expect(await runtime.up('postgres')).toMatchObject({ code: 0 });
    const shown = ['data_checksums', 'lc_collate', 'shared_buffers', 'server_encoding'];
    const asked = await runtime.sql(
      'cogni_root',
      settings.POSTGRES_ROOT_PASSWORD,
      'postgres',
      shown.map((name) => `SHOW ${name};`).join(''),
    );
    expect(asked).toMatchObject({ code: 0, stdout: 'on\nC.UTF-8\n128MB\nUTF8\n' });
  });

  it('provisions the database, and again without harm', async () => {
    const first = await runtime.job('db-provision');
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toContain(
      'the database cogni belongs to cogni_owner, and cogni_app may read and write',
    );
    expect(await runtime.job('db-provision')).toMatchObject({ code: 0, stdout: first.stdout });
  });

  it('migrates as the owner, whose password goes through a URL', async () => {
    expect(await runtime.job('db-migrate')).toMatchObject({ code: 0 });
    expect(
      await runtime.asRoot(`SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'`),
    ).toBe('cogni_owner');
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

  it('lets the application’s role read and write rows, and nothing else', async () => {
    await owner('CREATE TABLE later (id serial PRIMARY KEY, text text)');
    expect(await app(`INSERT INTO later (text) VALUES ('a') RETURNING text`)).toMatchObject({
      code: 0,
      stdout: 'a\n',
    });
    expect((await app('CREATE TABLE own (id int)')).stderr).toContain('permission denied for schema public');
    expect((await app('DROP TABLE later')).stderr).toContain('must be owner of table later');
    expect((await app('TRUNCATE later')).stderr).toContain('permission denied for table later');
    expect((await app('SELECT 1', 'postgres')).stderr).toContain('permission denied for database "postgres"');
    expect((await app('SELECT 1', 'template1')).stderr).toContain(
      'permission denied for database "template1"',
    );
    expect((await app('CREATE ROLE friend')).stderr).toContain('permission denied');
  });

  it('corrects roles, owners and grants that were changed', async () => {
    await runtime.asRoot(`
      ALTER ROLE cogni_app SUPERUSER CREATEDB CREATEROLE BYPASSRLS VALID UNTIL '2000-01-01' CONNECTION LIMIT 1;
      ALTER ROLE cogni_owner NOLOGIN;
      GRANT cogni_owner TO cogni_app;
      CREATE TABLE stray (id int); ALTER TABLE stray OWNER TO cogni_app;
      ALTER DATABASE cogni OWNER TO cogni_app;
      GRANT CONNECT ON DATABASE postgres TO PUBLIC, cogni_app;
      GRANT CREATE ON SCHEMA public TO PUBLIC, cogni_app;
      GRANT TRUNCATE ON later TO cogni_app;
      REVOKE SELECT ON later FROM cogni_app;
    `);
    expect(await runtime.job('db-provision')).toMatchObject({ code: 0 });
    const role =
      'rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolcanlogin, rolconnlimit, rolvaliduntil';
    expect(await runtime.asRoot(`SELECT ${role} FROM pg_roles WHERE rolname = 'cogni_app'`)).toBe(
      'f|f|f|f|t|-1|infinity',
    );
    expect(await runtime.asRoot(`SELECT tableowner FROM pg_tables WHERE tablename = 'stray'`)).toBe(
      'cogni_owner',
    );
    expect(await app('SELECT text FROM later')).toMatchObject({ code: 0, stdout: 'a\n' });
    for (const statement of ['CREATE TABLE own (id int)', 'TRUNCATE later', 'SET ROLE cogni_owner']) {
      expect((await app(statement)).stderr).toContain('permission denied');
    }
    expect((await app('SELECT 1', 'postgres')).stderr).toContain('permission denied');
    expect(await owner('DROP TABLE stray')).toMatchObject({ code: 0 });
  });

  it('changes every password that was changed in the settings, the administrator’s included', async () => {
    const changed = {
      POSTGRES_ROOT_PASSWORD: 'another-root-password',
      OWNER_DB_PASSWORD: 'another-owner-password',
      APP_DB_PASSWORD: 'another-app-password',
    };
    runtime.configure({ ...settings, ...changed });
    expect(await runtime.job('db-provision')).toMatchObject({ code: 0 });
    expect(await app('SELECT 1', 'cogni', changed.APP_DB_PASSWORD)).toMatchObject({ code: 0 });
    expect(await owner('SELECT 1', changed.OWNER_DB_PASSWORD)).toMatchObject({ code: 0 });
    const root = (password: string) => runtime.sql('cogni_root', password, 'postgres', 'SELECT 1');
    expect(await root(changed.POSTGRES_ROOT_PASSWORD)).toMatchObject({ code: 0 });
    expect((await root(settings.POSTGRES_ROOT_PASSWORD)).stderr).toContain('password authentication failed');
    expect((await app('SELECT 1')).stderr).toContain('password authentication failed');
    expect((await owner('SELECT 1')).stderr).toContain('password authentication failed');
  });

  it('takes names that need quotes', async () => {
    const odd = { APP_DB_USER: `a'p"p; DROP`, OWNER_DB_USER: 'Owner Role', APP_DB_NAME: `d'b"x` };
    expect(await runtime.job('db-provision', odd)).toMatchObject({ code: 0 });
    expect(
      await runtime.asRoot(`SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'd''b"x'`),
    ).toBe('Owner Role');
  });

  it('never writes a password into the server’s log', async () => {
    // The role's name is refused after its password was read.
    expect(await runtime.job('db-provision', { APP_DB_USER: 'pg_refused' })).toMatchObject({ code: 3 });
    const { stdout, stderr } = await runtime.compose('logs', '--no-color', 'postgres');
    const log = stdout + stderr;
    expect(log).toContain('database system is ready');
    expect(log).not.toMatch(/another-(root|owner|app)-password|SCRAM-SHA-256\$/);
    expect(log).not.toContain(settings.APP_DB_PASSWORD);
    expect(log).not.toMatch(/PASSWORD '/);
  });

  it.each([
    [{ APP_DB_USER: 'cogni_owner' }, 'must be three different roles'],
    [{ APP_DB_USER: 'cogni_root' }, 'must be three different roles'],
    [{ OWNER_DB_USER: 'cogni_root' }, 'must be three different roles'],
    [{ APP_DB_NAME: '', APP_DB_PASSWORD: '' }, 'these are not set: APP_DB_PASSWORD APP_DB_NAME'],
  ])('refuses to provision with %j, before it speaks to the server', async (environment, message) => {
    const output = await runtime.job('db-provision', environment);
    expect(output.code).toBe(2);
    expect(output.stderr).toContain(`db-provision: `);
    expect(output.stderr).toContain(message);
  });

  it('waits for the server as long as it is told, and then says why it could not begin', async () => {
    await runtime.compose('stop', 'postgres');
    const output = await runtime.job('db-provision', { PROVISION_WAIT: '2' });
    expect(output.code).toBe(1);
    expect(output.stderr).toMatch(/the server was not ready within 2 s: .*connection to server on socket/);
  });

  it('starts by itself in the meantime and is provisioned', async () => {
    const waiting = runtime.job('db-provision');
    await runtime.compose('start', 'postgres');
    expect(await waiting).toMatchObject({ code: 0 });
  });
});
