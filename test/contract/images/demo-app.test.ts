import { request } from 'node:http';
import { silent } from '../../../foundation/progress';
import { demoImages } from '../../../sandbox/images/demo-app';
import { postgresImage } from '../../../sandbox/images/postgres';
import { addressOf, buildDeadline, docker, eventually, exec, imageConfig, Scratch } from './harness';

/** What those who run the application may rely on (spec, cogni-architecture; services/app-contract.ts). */
const contract = {
  app: {
    config: {
      Cmd: ['node', 'server.js'],
      Entrypoint: null,
      ExposedPorts: { '3000/tcp': {} },
      User: '1001:1001',
      Volumes: null,
      WorkingDir: '/app',
    },
    env: ['NODE_ENV=production', 'PORT=3000'],
  },
  migrator: {
    config: {
      Cmd: ['node', 'migrate.js'],
      Entrypoint: null,
      User: '1001:1001',
      Volumes: null,
      WorkingDir: '/app',
    },
    env: ['NODE_ENV=production'],
  },
};

/** As production runs it: nothing to write to, no way to more rights. */
const hardened = ['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges'];

/** Posts a note; `accepted` resolves when the server has the request in hand (RFC 9110 §10.1.1, 100-continue). */
function sendSlowly(host: string): { accepted: Promise<void>; status: Promise<number | undefined> } {
  const sent = request({
    host,
    port: 3000,
    method: 'POST',
    path: '/api/v1/public/notes',
    headers: { expect: '100-continue' },
  });
  const accepted = new Promise<void>((resolve) => sent.once('continue', resolve));
  const status = new Promise<number | undefined>((resolve, reject) => {
    sent.once('response', (response) => resolve(response.resume().statusCode)).once('error', reject);
  });
  void accepted.then(() => sent.end('{"text":"late"}'));
  sent.flushHeaders();
  return { accepted, status };
}

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

describe('the demo application', () => {
  const scratch = new Scratch();
  const postgres = scratch.name('postgres');
  const secret = `--env=AUTH_SECRET=${'x'.repeat(32)}`;
  let app: string;
  let migrator: string;

  beforeAll(async () => {
    ({
      app: { reference: app },
      migrator: { reference: migrator },
    } = await demoImages(docker, silent));
    const { reference } = await postgresImage(docker, silent);
    await docker.docker([
      'run',
      '--detach',
      `--name=${postgres}`,
      `--label=${scratch.label}`,
      `--network=${await scratch.network()}`,
      '--env=POSTGRES_PASSWORD=root',
      // Nothing of it has to survive: no waiting for the disk.
      '--tmpfs=/var/lib/postgresql/data:mode=1777',
      reference,
      '-c',
      'fsync=off',
    ]);
    await eventually(async () => {
      const { code } = await exec(postgres, 'pg_isready', '--quiet', '--host=127.0.0.1');
      if (code !== 0) throw new Error('PostgreSQL is not ready');
    }, 60);
    await sql("CREATE ROLE owner LOGIN PASSWORD 'o'", "CREATE ROLE app LOGIN PASSWORD 'a'");
    await database('migrated');
    await migrate('migrated');
  }, buildDeadline);
  afterAll(() => scratch.removeAll());

  const sqlIn = async (database: string, ...statements: string[]): Promise<string> => {
    const commands = statements.flatMap((statement) => ['-c', statement]);
    const { stdout, stderr, code } = await exec(
      postgres,
      'psql',
      '-X',
      '-U',
      'postgres',
      '-d',
      database,
      '-tA',
      '-v',
      'ON_ERROR_STOP=1',
      ...commands,
    );
    if (code !== 0) throw new Error(stderr);
    return stdout.trim();
  };
  const sql = (...statements: string[]): Promise<string> => sqlIn('postgres', ...statements);

  /** A database as the deployment provisions it: the owner makes tables, the app may use their rows. */
  const database = async (name: string): Promise<void> => {
    await sql(`CREATE DATABASE ${name} OWNER owner`);
    await sqlIn(
      name,
      'GRANT USAGE, CREATE ON SCHEMA public TO owner',
      'GRANT USAGE ON SCHEMA public TO app',
      'ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app',
    );
  };
  const url = (role: string, name: string): string =>
    `--env=DATABASE_URL=postgres://${role}:${role[0]}@${postgres}:5432/${name}?sslmode=disable`;
  const migrate = (name: string, ...args: string[]): ReturnType<Scratch['once']> =>
    scratch.once([...hardened, url('owner', name), ...args, migrator]);

  let started = 0;
  const start = async (name: string, ...args: string[]): Promise<string> =>
    scratch.start(`app-${++started}`, [...hardened, url('app', name), secret, ...args, app]);
  const get = async (container: string, path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(`http://${await addressOf(container)}:3000${path}`, {
      signal: AbortSignal.timeout(10_000),
      ...init,
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    return {
      status: response.status,
      body: (isJson ? JSON.parse(text) : { text }) as Record<string, unknown>,
    };
  };
  const ready = (container: string): Promise<void> =>
    eventually(async () => expect(await get(container, '/readyz')).toMatchObject({ status: 200 }));
  const exitCode = async (container: string): Promise<number> =>
    Number(await docker.docker(['wait', container], { deadline: 40_000 }));
  const logOf = async (container: string): Promise<string> => docker.docker(['logs', container]);

  it.each(['app', 'migrator'] as const)('is started as a Node application: %s', async (kind) => {
    const config = await imageConfig(kind === 'app' ? app : migrator);
    expect(config).toMatchObject(contract[kind].config);
    expect(config.Env).toEqual(expect.arrayContaining(contract[kind].env));
  });

  it('is not ready before the migrations have run, says so, and is ready afterwards without a restart', async () => {
    await database('first');
    const container = await start('first');
    await eventually(async () => {
      const { status, body } = await get(container, '/readyz');
      expect(status).toBe(503);
      expect(body).toMatchObject({
        checks: { database: expect.stringContaining('the migrations have not run') },
      });
    });
    expect(await get(container, '/livez')).toMatchObject({ status: 200 });
    const migrated = await migrate('first');
    expect(migrated.stdout).toMatch(/applied 0001_notes\.sql in \d+ ms\n[^]*done: 2 applied now, 0 before/);
    expect(migrated.code).toBe(0);
    await ready(container);
  });

  it('passes its own health check as the image declares it, without curl, as user 1001', async () => {
    const container = await start('migrated');
    await eventually(async () => {
      expect(await docker.docker(['inspect', '--format={{.State.Health.Status}}', container])).toBe(
        'healthy\n',
      );
    });
    expect((await exec(container, 'id', '-u')).stdout).toBe('1001\n');
    expect((await exec(container, 'sh', '-c', 'command -v curl')).code).not.toBe(0);
  });

  it('fails its health check while it is not ready', async () => {
    const container = await start(
      'migrated',
      '--env=DEMO_MISBEHAVE=never-ready',
      '--health-start-period=1ms',
      '--health-retries=1',
    );
    await eventually(async () => {
      expect(await docker.docker(['inspect', '--format={{.State.Health.Status}}', container])).toBe(
        'unhealthy\n',
      );
    });
    expect(await get(container, '/readyz')).toMatchObject({
      status: 503,
      body: { checks: { process: 'told never to be ready', database: 'ok' } },
    });
  });

  it('keeps notes in PostgreSQL with the rights of the app role, and shows a request that came twice', async () => {
    await database('notes');
    await migrate('notes');
    const container = await start('notes', '--env=APP_VERSION=7', '--env=APP_BUILD_SHA=abc');
    await ready(container);
    const post = (text: string, headers: Record<string, string> = {}): Promise<Answer> =>
      get(container, '/api/v1/public/notes', { method: 'POST', body: JSON.stringify({ text }), headers });
    expect(await post('one')).toMatchObject({ status: 201, body: { text: 'one', seen: 1 } });
    expect(await post('two', { 'idempotency-key': 'k' })).toMatchObject({ status: 201 });
    expect(await post('two', { 'idempotency-key': 'k' })).toMatchObject({ status: 200, body: { seen: 2 } });
    expect(await post('three', { 'idempotency-key': 'k' })).toMatchObject({
      status: 422,
      body: { note: { text: 'two' } },
    });
    expect(await get(container, '/api/v1/public/notes')).toMatchObject({
      status: 200,
      body: {
        count: 2,
        notes: [
          { text: 'two', seen: 3 },
          { text: 'one', seen: 1 },
        ],
      },
    });
    expect(await get(container, '/version')).toEqual({
      status: 200,
      body: { version: '7', buildSha: 'abc' },
    });
    expect((await get(container, '/')).body['text']).toContain('2 notes are stored.');
  });

  it('lists every fault of its environment at once, without the secret, and does not start', async () => {
    const { code, stdout } = await scratch.once([
      ...hardened,
      '--env=DATABASE_URL=mysql://a:hush@b/c',
      '--env=PORT=0',
      '--env=DEMO_MISBEHAVE=sulk',
      app,
    ]);
    const { faults } = JSON.parse(stdout) as { faults: string[] };
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
      'DATABASE_URL',
      'AUTH_SECRET',
      'PORT',
      'DEMO_MISBEHAVE',
    ]);
    expect(stdout).not.toContain('hush');
    expect(code).toBe(1);
  });

  it('says why when the database cannot be reached, within seconds', async () => {
    const container = await start('nowhere');
    await eventually(async () => {
      const { status, body } = await get(container, '/readyz');
      expect(status).toBe(503);
      expect(body).toMatchObject({
        checks: { database: expect.stringContaining('database "nowhere" does not exist') },
      });
    });
    const hidden = await start(
      'migrated',
      `--env=DATABASE_URL=postgres://app:a@192.0.2.1:5432/first?sslmode=disable`,
    );
    await eventually(() => get(hidden, '/livez'));
    const asked = performance.now();
    expect(await get(hidden, '/readyz')).toMatchObject({ status: 503 });
    expect(performance.now() - asked).toBeLessThan(6_000);
  });

  it('ends its open requests on SIGTERM, takes no new ones, and exits with 0', async () => {
    const container = await start('migrated', '--env=DEMO_MISBEHAVE=slow-requests:2s');
    await ready(container);
    const { accepted, status } = sendSlowly(await addressOf(container));
    await accepted;
    await docker.docker(['kill', '--signal=TERM', container]);
    await expect(status).resolves.toBe(201);
    expect(await exitCode(container)).toBe(0);
    expect(await logOf(container)).toContain('SIGTERM: no new connections');
  });

  describe('misbehaves when it is told to:', () => {
    it('exit-at-once', async () => {
      const container = await start('migrated', '--env=DEMO_MISBEHAVE=exit-at-once');
      expect(await exitCode(container)).toBe(1);
      expect(await logOf(container)).toContain('told to exit at once');
    });

    it('crash-after', async () => {
      const container = await start('migrated', '--env=DEMO_MISBEHAVE=crash-after:3s');
      await eventually(() => get(container, '/livez'));
      expect(await exitCode(container)).toBe(1);
      expect(await logOf(container)).toContain('told to crash');
    });

    it('slow-start, and it can be stopped meanwhile', async () => {
      const container = await start('migrated', '--env=DEMO_MISBEHAVE=slow-start:4s');
      await expect(get(container, '/livez')).rejects.toThrow();
      await eventually(() => get(container, '/livez'));
      const other = await start('migrated', '--env=DEMO_MISBEHAVE=slow-start:600s');
      await eventually(async () => expect(await logOf(other)).toContain('told to listen only after'));
      await docker.docker(['stop', '--time=20', other]);
      expect(await exitCode(other)).toBe(0);
    });

    it('slow-requests, the probes apart', async () => {
      const container = await start('migrated', '--env=DEMO_MISBEHAVE=slow-requests:1s');
      await ready(container);
      const started = performance.now();
      await get(container, '/');
      expect(performance.now() - started).toBeGreaterThanOrEqual(999);
    });
  });

  describe('its migrator', () => {
    it('does nothing the second time', async () => {
      await database('again');
      await migrate('again');
      const { code, stdout } = await migrate('again');
      expect(stdout).toContain('done: 0 applied now, 2 before');
      expect(code).toBe(0);
    });

    it('may run twice at once: each migration is applied once', async () => {
      await database('twice');
      const both = await Promise.all([migrate('twice'), migrate('twice')]);
      expect(both.map(({ code }) => code)).toEqual([0, 0]);
      expect(both.map(({ stdout }) => /done: (\d) applied now/.exec(stdout)?.[1]).sort()).toEqual(['0', '2']);
      expect(await sqlIn('twice', 'SELECT count(*) FROM schema_migrations')).toBe('2');
    });

    it('leaves nothing of a migration that fails, and keeps those before it', async () => {
      await database('failing');
      const { code, stdout } = await migrate('failing', '--env=DEMO_MIGRATION=fail');
      expect(stdout).toContain('failed: 9999_demo_fail.sql failed and was rolled back: division by zero');
      expect(code).toBe(1);
      expect(await sqlIn('failing', "SELECT to_regclass('half_done') IS NULL")).toBe('t');
      expect(await sqlIn('failing', 'SELECT count(*) FROM schema_migrations')).toBe('2');
    });

    it('waits for another one, and gets its turn when that is killed; what that had begun is rolled back', async () => {
      await database('hanging');
      const hanging = await scratch.start('hang', [
        url('owner', 'hanging'),
        '--env=DEMO_MIGRATION=hang',
        migrator,
      ]);
      await eventually(async () => expect(await logOf(hanging)).toContain('applying 9999_demo_hang.sql'));
      const next = migrate('hanging');
      await eventually(async () => {
        const waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
        expect(await sqlIn('hanging', waiting)).toBe('1');
      });
      await docker.docker(['kill', hanging]);
      const { code, stdout } = await next;
      expect(stdout).toContain('done: 0 applied now, 2 before');
      expect(code).toBe(0);
      expect(await sqlIn('hanging', "SELECT to_regclass('half_done') IS NULL")).toBe('t');
    });

    it('ends at once on SIGTERM', async () => {
      await database('stopped');
      const container = await scratch.start('term', [
        url('owner', 'stopped'),
        '--env=DEMO_MIGRATION=hang',
        migrator,
      ]);
      await eventually(async () => expect(await logOf(container)).toContain('applying 9999_demo_hang.sql'));
      await docker.docker(['stop', '--time=20', container]);
      expect(await exitCode(container)).toBe(1);
      expect(await logOf(container)).toContain('failed: SIGTERM');
    });

    it('refuses a setting that it does not know, and one that is missing', async () => {
      const { code, stdout } = await scratch.once(['--env=DEMO_MIGRATION=sulk', migrator]);
      expect(stdout).toContain('DATABASE_URL is missing');
      expect(stdout).toContain('DEMO_MIGRATION is "sulk": it must be fail or hang');
      expect(code).toBe(1);
    });

    it('says why when it may not make tables', async () => {
      await database('forbidden');
      const { code, stdout } = await scratch.once([url('app', 'forbidden'), migrator]);
      expect(stdout).toMatch(/failed: permission denied for schema public/);
      expect(code).toBe(1);
    });
  });
});
