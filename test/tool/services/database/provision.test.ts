import { DatabaseServer, settings, type ProvisionOptions } from './database-server';

/** A starting state, and what a run says that it did about it. */
interface Broken {
  readonly state: string;
  /** SQL in `postgres`, then in `cogni`. */
  readonly cluster?: string;
  readonly database?: string;
  readonly environment?: ProvisionOptions['environment'];
  /** Lines of the run, some of them: each is in it. */
  readonly says: readonly string[];
}

const states: readonly Broken[] = [
  {
    state: 'an application role that is a superuser with every right, an end and too few connections',
    cluster: `ALTER ROLE cogni_app SUPERUSER CREATEDB CREATEROLE REPLICATION BYPASSRLS NOINHERIT
      VALID UNTIL '2000-01-01' CONNECTION LIMIT 1`,
    says: [
      'role cogni_app: NOSUPERUSER, was SUPERUSER; NOCREATEDB, was CREATEDB',
      "VALID UNTIL 'infinity', was VALID UNTIL a date",
    ],
  },
  {
    state: 'roles that cannot log in any more',
    cluster:
      'ALTER ROLE cogni_owner NOLOGIN; ALTER ROLE cogni_readonly NOLOGIN; ALTER ROLE cogni_app_access LOGIN',
    says: ['role cogni_owner: LOGIN, was NOLOGIN', 'role cogni_app_access: NOLOGIN, was LOGIN'],
  },
  {
    state: 'a password that was changed on the server, and one that is gone',
    cluster: `ALTER ROLE cogni_app PASSWORD 'other'; ALTER ROLE cogni_litellm PASSWORD NULL`,
    says: ['set the password of cogni_app', 'set the password of cogni_litellm'],
  },
  {
    state: 'a password hashed as MD5',
    cluster: `SET password_encryption = 'md5'; ALTER ROLE cogni_app PASSWORD 'p1anted'`,
    says: ['set the password of cogni_app'],
  },
  {
    state: 'a password rotated in the settings',
    environment: {
      APP_DB_PASSWORD: 'rotated-app',
      OWNER_DB_PASSWORD: 'rotated-owner',
      READONLY_DB_PASSWORD: 'r',
    },
    says: [
      'set the password of cogni_app',
      'set the password of cogni_app_b',
      'set the password of cogni_owner',
    ],
  },
  {
    state: 'an administrator with a password',
    cluster: `ALTER ROLE cogni_root PASSWORD 'known'`,
    says: ['took the password of the administrator cogni_root away'],
  },
  {
    state: 'session defaults that nobody wanted',
    cluster: `ALTER ROLE cogni_app SET search_path = 'mine'; ALTER ROLE cogni_app IN DATABASE cogni SET row_security = off;
      ALTER ROLE cogni_readonly RESET ALL`,
    says: [
      'role cogni_app: search_path is no longer set',
      'role cogni_app: row_security is no longer set in database cogni',
      'role cogni_readonly: default_transaction_read_only=on',
    ],
  },
  {
    state: 'memberships in both directions',
    cluster: `GRANT cogni_owner TO cogni_app WITH ADMIN OPTION; GRANT pg_read_all_data TO cogni_readonly;
      GRANT cogni_owner TO alice; REVOKE cogni_app_access FROM cogni_app; GRANT cogni_app_access TO cogni_app_b WITH ADMIN OPTION`,
    says: [
      'cogni_app is no longer a member of cogni_owner',
      'cogni_readonly is no longer a member of pg_read_all_data',
      'alice is no longer a member of cogni_owner',
      'cogni_app is a member of cogni_app_access',
      'cogni_app_b may no longer give cogni_app_access to others',
    ],
  },
  {
    state: 'tables, types, functions and schemas of the wrong owners',
    database: `
      CREATE SCHEMA "odd schema"; CREATE TABLE "odd schema"."ta'b""le" (id serial, "co l" int);
      CREATE TABLE stray (id int GENERATED ALWAYS AS IDENTITY, b text); ALTER TABLE stray OWNER TO cogni_app;
      CREATE TYPE mood AS ENUM ('a'); CREATE DOMAIN whole AS int; CREATE TYPE pair AS (a int);
      CREATE TYPE span AS RANGE (subtype = float8); CREATE SEQUENCE loose;
      CREATE FUNCTION f(a int, b text DEFAULT 'x') RETURNS int LANGUAGE sql AS 'SELECT 1';
      CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1';
      CREATE AGGREGATE tally(*) (sfunc = int8inc, stype = int8, initcond = '0');
      CREATE VIEW v AS SELECT * FROM stray; CREATE MATERIALIZED VIEW mv AS SELECT 1 AS a;
      CREATE STATISTICS st ON id, b FROM stray; CREATE COLLATION plain FROM "C";
      CREATE TEXT SEARCH CONFIGURATION search (COPY = simple);
      CREATE OPERATOR === (leftarg = int, rightarg = int, function = int4eq);
      CREATE TABLE part (a int) PARTITION BY RANGE (a); CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (0) TO (5);
      CREATE EXTENSION pgcrypto`,
    says: [
      'in cogni: the table public.stray belongs to cogni_owner, not to cogni_app any more',
      `in cogni: the table "odd schema"."ta'b""le" belongs to cogni_owner, not to cogni_root any more`,
      'in cogni: the type public.mood belongs to cogni_owner',
      'in cogni: the aggregate public.tally() belongs to cogni_owner',
      'in cogni: took EXECUTE on routine public.f(integer,text), public.p(), public.tally() from PUBLIC',
    ],
  },
  {
    state: 'a database and a schema of another owner',
    cluster: 'ALTER DATABASE cogni OWNER TO alice; ALTER DATABASE litellm OWNER TO cogni_app',
    database: 'ALTER SCHEMA public OWNER TO alice',
    says: [
      'the database cogni belongs to cogni_owner, not to alice any more',
      'the database litellm belongs to cogni_litellm, not to cogni_app any more',
      'in cogni: the schema public belongs to cogni_owner, not to alice any more',
    ],
  },
  {
    state: 'rights of PUBLIC',
    cluster: 'GRANT ALL ON DATABASE postgres, cogni, template1 TO PUBLIC',
    database: 'GRANT ALL ON SCHEMA public TO PUBLIC; GRANT ALL ON kept TO PUBLIC',
    says: [
      'took CONNECT, CREATE, TEMPORARY on database cogni, postgres, template1 from PUBLIC',
      'in cogni: took CREATE, USAGE on schema public from PUBLIC',
      'in cogni: took DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE on table public.kept from PUBLIC',
    ],
  },
  {
    state: 'rights that somebody added, rights to give on included',
    cluster: `GRANT CONNECT, CREATE ON DATABASE postgres, litellm TO cogni_app WITH GRANT OPTION;
      GRANT SET ON PARAMETER log_statement TO cogni_app; GRANT CREATE ON TABLESPACE pg_default TO cogni_readonly`,
    database: `GRANT ALL ON kept TO cogni_app, cogni_readonly_access WITH GRANT OPTION; GRANT SELECT ON pg_authid TO cogni_app;
      GRANT EXECUTE ON FUNCTION pg_read_file(text) TO cogni_readonly; GRANT CREATE ON SCHEMA public TO cogni_app;
      GRANT USAGE ON LANGUAGE sql TO cogni_app; GRANT INSERT (text) ON kept TO cogni_readonly; GRANT SELECT ON kept TO alice`,
    says: [
      'took CONNECT, CREATE on database litellm, postgres from cogni_app',
      'took SET on parameter log_statement from cogni_app',
      'in cogni: took SELECT on table pg_authid from cogni_app',
      'in cogni: took INSERT on the column text of public.kept from cogni_readonly',
      'in cogni: took EXECUTE on routine pg_read_file(text) from cogni_readonly',
      'in cogni: cogni_readonly_access may no longer give SELECT on table public.kept to others',
    ],
  },
  {
    state: 'rights that somebody took',
    cluster: 'REVOKE ALL ON DATABASE cogni FROM cogni_app_access, cogni_owner',
    database: `REVOKE ALL ON kept FROM cogni_app_access, cogni_readonly_access, cogni_owner;
      REVOKE USAGE ON SCHEMA public FROM cogni_app_access;
      ALTER DEFAULT PRIVILEGES FOR ROLE cogni_owner REVOKE ALL ON TABLES FROM cogni_readonly_access`,
    says: [
      'gave CONNECT, TEMPORARY on database cogni to cogni_app_access',
      'in cogni: gave DELETE, INSERT, SELECT, UPDATE on table public.kept to cogni_app_access',
      'in cogni: ALTER DEFAULT PRIVILEGES FOR ROLE cogni_owner GRANT SELECT ON TABLES TO cogni_readonly_access',
    ],
  },
  {
    state: 'defaults for what is made later that go too far',
    database: `ALTER DEFAULT PRIVILEGES FOR ROLE cogni_root GRANT ALL ON TABLES TO cogni_readonly;
      ALTER DEFAULT PRIVILEGES FOR ROLE cogni_owner IN SCHEMA public GRANT ALL ON TABLES TO cogni_app, PUBLIC`,
    says: [
      'FOR ROLE cogni_root REVOKE DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE ON TABLES FROM cogni_readonly',
      'FOR ROLE cogni_owner IN SCHEMA public REVOKE DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE ON TABLES FROM PUBLIC',
    ],
  },
  {
    state: 'users that have new names',
    environment: {
      APP_DB_USER: 'web',
      OWNER_DB_USER: 'captain',
      READONLY_DB_USER: 'reports',
      LITELLM_DB_USER: 'proxy',
    },
    says: [
      'created the role web_b',
      'disabled the role cogni_app, which is no longer named: it was not dropped',
      'disabled the role cogni_owner, which is no longer named: it was not dropped',
      'in cogni: the table public.kept belongs to captain, not to cogni_owner any more',
    ],
  },
  {
    state: 'two users that swapped their names',
    environment: { APP_DB_USER: 'cogni_owner', OWNER_DB_USER: 'cogni_app' },
    says: ['in cogni: the table public.kept belongs to cogni_app, not to cogni_owner any more'],
  },
  {
    state: 'names that need quotes everywhere',
    environment: {
      APP_DB_USER: `a'p"p; $(id) \\ ü`,
      OWNER_DB_USER: 'Owner Role',
      READONLY_DB_USER: `:'x' :"y" %s %I`,
    },
    says: [`created the role a'p"p; $(id) \\ ü_b`, `created the role :'x' :"y" %s %I`],
  },
  {
    state: 'roles that a person made, by the names of ours',
    cluster: `COMMENT ON ROLE cogni_app IS NULL; COMMENT ON ROLE cogni_litellm IS 'mine'`,
    says: ['took over the role cogni_app', 'took over the role cogni_litellm'],
  },
];

describe('db-provision', () => {
  let server: DatabaseServer;
  let differently = false;
  const lines = (stdout: string): string[] => stdout.split('\n').filter(Boolean);

  /** What the model promises, tried by each role. */
  const expectTheModel = async (environment: ProvisionOptions['environment'] = {}): Promise<void> => {
    const now = { ...settings, ...environment } as typeof settings;
    const denied = expect.stringContaining('permission denied');
    const app = (user: string): [string, string, string, string | undefined, unknown][] =>
      (
        [
          [`INSERT INTO kept (text) VALUES ('new') RETURNING 'ok'`, undefined, 'ok'],
          [`DELETE FROM kept WHERE text = 'new'`, undefined, ''],
          ['CREATE TABLE own (id int)', undefined, denied],
          ['TRUNCATE kept', undefined, denied],
          ['SELECT 1', 'postgres', denied],
          ['SELECT 1', now.LITELLM_DB_NAME, denied],
        ] as const
      ).map(([statement, database, answer]) => [user, now.APP_DB_PASSWORD, statement, database, answer]);
    const own = [now.OWNER_DB_USER, now.OWNER_DB_PASSWORD] as const;
    const read = [now.READONLY_DB_USER, now.READONLY_DB_PASSWORD] as const;
    const proxy = [now.LITELLM_DB_USER, now.LITELLM_DB_PASSWORD] as const;
    const write = `BEGIN READ WRITE; INSERT INTO kept (text) VALUES ('x')`;
    const tries: readonly (readonly [string, string, string, string | undefined, unknown])[] = [
      ...app(now.APP_DB_USER),
      ...app(`${now.APP_DB_USER}_b`),
      [...own, 'CREATE SCHEMA s; CREATE TABLE s.later AS SELECT 7 AS n', undefined, ''],
      [...read, 'SELECT text FROM kept', undefined, '1'],
      [...read, 'SELECT n FROM s.later', undefined, '7'],
      [...read, write, undefined, denied],
      [...own, 'DROP TABLE s.later; DROP SCHEMA s', undefined, ''],
      [...own, 'SELECT 1', now.LITELLM_DB_NAME, denied],
      [...proxy, 'CREATE TABLE t (); DROP TABLE t', now.LITELLM_DB_NAME, ''],
      [...proxy, 'SELECT 1', undefined, denied],
    ];
    const answers = await server.as(
      tries.map(([role, password, statement, database]) => ({
        role,
        password,
        statement,
        ...(database === undefined ? {} : { database }),
      })),
    );
    expect(answers).toEqual(tries.map(([, , , , answer]) => answer));
  };

  beforeAll(async () => {
    server = await DatabaseServer.start();
  }, 900_000);
  afterAll(() => server.remove(), 60_000);

  it('waits for a server that is still being set up, makes all of it, and says what', async () => {
    const first = await server.provision();
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(lines(first.stdout)).toEqual(
      expect.arrayContaining([
        'db-provision: created the role cogni_owner',
        'db-provision: created the role cogni_app_b',
        'db-provision: created the database cogni',
        'db-provision: created the database litellm',
        'db-provision: set the password of cogni_readonly',
      ]),
    );
  });

  it('says nothing and changes nothing when all is as it should be', async () => {
    const before = await server.state();
    expect(await server.provision()).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(await server.state()).toBe(before);
  });

  it('gives rights on what a migration makes afterwards', async () => {
    const [role, password] = [settings.OWNER_DB_USER, settings.OWNER_DB_PASSWORD];
    const statement =
      'CREATE TABLE kept (id serial PRIMARY KEY, text text); INSERT INTO kept (text) VALUES (1)';
    expect(await server.as([{ role, password, statement }])).toEqual(['']);
    await expectTheModel();
    await server.sql('CREATE ROLE alice');
  });

  // Each begins where the one before ended: what that one named differently is one more thing to mend.
  it.each(states)('mends $state', async ({ cluster = '', database = '', environment = {}, says }) => {
    if (differently) expect(await server.provision()).toMatchObject({ code: 0, stderr: '' });
    differently = Object.keys(environment).length > 0;
    await server.sql(`${cluster};\n\\connect cogni\n${database};`);
    const run = await server.provision({ environment });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    for (const line of says) expect(run.stdout).toContain(line);
    expect(await server.provision({ environment })).toMatchObject({ code: 0, stdout: '', stderr: '' });
    await expectTheModel(environment);
  });

  it('never writes a password or its hash into the server’s log, whatever it logs', async () => {
    const log = await server.log();
    expect(log).toContain('statement: ALTER ROLE');
    expect(log).toContain('password authentication failed');
    expect(log.split('\n').filter((line) => /rotated-|SCRAM-SHA-256\$/.test(line))).toEqual([]);
    const planted = Object.values(settings).filter((value) => value.startsWith('p1anted'));
    expect(planted).toHaveLength(4);
    for (const password of planted) expect(log).not.toContain(password);
  });

  it('keeps passwords out of every argument list', async () => {
    const watch = `for i in $(seq 400); do cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '; sleep 0.01; done`;
    await server.sql(`ALTER ROLE cogni_app PASSWORD 'other'`);
    const [seen, run] = await Promise.all([server.exec(['bash', '-c', watch]), server.provision()]);
    expect(run.stdout).toContain('set the password of cogni_app');
    expect(seen.stdout).toContain('/provision/database.sql');
    expect(seen.stdout).not.toContain('p1anted');
  });

  it('keeps the login that it is told to, while the other one gets the new password', async () => {
    const rotated = { APP_DB_PASSWORD: 'rotated-app' };
    const select = { statement: `SELECT 'in'` };
    const login = (role: string, password: string) => server.as([{ role, password, ...select }]);
    expect(
      await server.provision({ environment: { ...rotated, DB_PROVISION_KEEP: 'cogni_app' } }),
    ).toMatchObject({
      code: 0,
      stdout: 'db-provision: set the password of cogni_app_b\n',
    });
    expect(await login('cogni_app', settings.APP_DB_PASSWORD)).toEqual(['in']);
    expect(await login('cogni_app_b', 'rotated-app')).toEqual(['in']);
    const renamed = { APP_DB_USER: 'web', DB_PROVISION_KEEP: 'cogni_app' };
    expect(await server.provision({ environment: renamed })).toMatchObject({ code: 0 });
    expect(await login('cogni_app', settings.APP_DB_PASSWORD)).toEqual(['in']);
    expect(await server.provision()).toMatchObject({ code: 0 });
  });

  it('lets two runs at once take turns', async () => {
    await server.reset();
    const runs = await Promise.all([server.provision(), server.provision()]);
    expect(runs.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    expect(runs.map(({ stdout }) => stdout === '').sort()).toEqual([false, true]);
  });

  it('gives up on a run that does not end, and says so', async () => {
    const holding = server.sql(
      `SELECT FROM pg_advisory_lock(hashtext('db-provision')); SELECT FROM pg_sleep(8)`,
    );
    await server.sql('SELECT pg_sleep(1)');
    const output = await server.provision({ environment: { PROVISION_WAIT: '1' } });
    expect(output).toMatchObject({ code: 4, stdout: '' });
    expect(output.stderr).toContain('another db-provision still runs after 1 s');
    await holding;
  });

  it.each<[string, NonNullable<ProvisionOptions['environment']>, number, string]>([
    [
      'a setting that is missing',
      { APP_DB_PASSWORD: undefined, OWNER_DB_USER: '' },
      2,
      'APP_DB_PASSWORD is not set',
    ],
    ['half of an optional role', { LITELLM_DB_PASSWORD: undefined }, 2, 'not set: LITELLM_DB_PASSWORD'],
    ['a line break in a password', { APP_DB_PASSWORD: 'a\nb' }, 2, 'APP_DB_PASSWORD holds a line break'],
    ['a line break in a name', { APP_DB_USER: 'a\nb' }, 2, 'APP_DB_USER holds a line break'],
    [
      'one role for two tasks',
      { APP_DB_USER: 'cogni_owner' },
      3,
      'the role cogni_owner is named for two of: app, owner',
    ],
    [
      'a role by the name of another’s second login',
      { OWNER_DB_USER: 'cogni_app_b' },
      3,
      'the role cogni_app_b is named',
    ],
    [
      'the administrator as a role',
      { OWNER_DB_USER: 'cogni_root' },
      3,
      'is the administrator that the server was made',
    ],
    ['a name that would be cut off', { APP_DB_USER: 'a'.repeat(62) }, 3, 'is longer than 63 bytes'],
    [
      'a name that is kept',
      { APP_DB_USER: 'pg_app', OWNER_DB_USER: 'public' },
      3,
      'keeps the name public for itself',
    ],
    [
      'a database that is kept',
      { APP_DB_NAME: 'template1' },
      3,
      'PostgreSQL itself uses the database template1',
    ],
    ['two databases of one name', { LITELLM_DB_NAME: 'cogni' }, 3, 'the database cogni is named twice'],
    [
      'an administrator whom the server does not know',
      { POSTGRES_ROOT_USER: 'boss' },
      3,
      'knows no administrator boss',
    ],
    [
      'no server at all',
      { PGHOST: '/nowhere', PROVISION_WAIT: '1' },
      1,
      'the server was not ready within 1 s',
    ],
  ])('refuses %s and changes nothing', async (_, environment, code, message) => {
    const before = await server.state();
    const output = await server.provision({ environment });
    expect(output).toMatchObject({ code, stdout: '' });
    expect(output.stderr).toContain(message);
    expect(output.stderr).toContain('nothing was changed');
    expect(output.stderr).not.toContain('p1anted');
    expect(await server.state()).toBe(before);
  });

  it('fails when a role gets in without its password', async () => {
    const file = '/var/lib/postgresql/data/pg_hba.conf';
    await server.exec(['sed', '-i', '1i host all cogni_app all trust', file]);
    await server.sql('SELECT pg_reload_conf()');
    const output = await server.provision();
    expect(output).toMatchObject({ code: 1 });
    expect(output.stderr).toContain('cogni_app gets in over the network without a password');
    await server.exec(['sed', '-i', '1d', file]);
    await server.sql('SELECT pg_reload_conf()');
  });

  it('leaves the data of a role and a database that are named no longer', async () => {
    const gone = { LITELLM_DB_USER: undefined, LITELLM_DB_PASSWORD: undefined, LITELLM_DB_NAME: undefined };
    await server.sql('\\connect litellm\nCREATE TABLE spend AS SELECT 1 AS n');
    const output = await server.provision({ environment: gone });
    expect(output).toMatchObject({ code: 0 });
    expect(output.stdout).toContain('disabled the role cogni_litellm');
    expect(output.stdout).toContain('the database litellm, which is not of the model, belongs to cogni_root');
    expect(await server.sql('SELECT n FROM spend', 'litellm')).toBe('1');
    expect(await server.provision()).toMatchObject({ code: 0 });
  });
});
