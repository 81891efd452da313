import { readinessQuestion } from '../../../../services/database/server';
import { hostBasedAccess } from '../../../../services/runtime/postgres-access';
import { states } from './broken-states';
import { DatabaseServer, settings, type ProvisionOptions } from './database-server';

const hba = '/var/lib/postgresql/data/pg_hba.conf';

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
          [large, undefined, '1'],
          ['SELECT count(*) > 0 FROM information_schema.tables', undefined, 't'],
          ['SELECT 1', 'postgres', denied],
          ['SELECT 1', now.LITELLM_DB_NAME, denied],
        ] as const
      ).map(([statement, database, answer]) => [user, now.APP_DB_PASSWORD, statement, database, answer]);
    const own = [now.OWNER_DB_USER, now.OWNER_DB_PASSWORD] as const;
    const read = [now.READONLY_DB_USER, now.READONLY_DB_PASSWORD] as const;
    const proxy = [now.LITELLM_DB_USER, now.LITELLM_DB_PASSWORD] as const;
    const write = `BEGIN READ WRITE; INSERT INTO kept (text) VALUES ('x')`;
    const large = `SELECT lo_unlink(lo_from_bytea(0, 'x'))`;
    const tries: readonly (readonly [string, string, string, string | undefined, unknown])[] = [
      ...app(now.APP_DB_USER),
      ...app(`${now.APP_DB_USER}_b`),
      [...own, 'CREATE SCHEMA s; CREATE TABLE s.later AS SELECT 7 AS n', undefined, ''],
      [...read, 'SELECT text FROM kept', undefined, '1'],
      [...read, 'SELECT n FROM s.later', undefined, '7'],
      [...read, write, undefined, denied],
      [...read, large, undefined, denied],
      [...read, `BEGIN READ WRITE; SELECT setval('kept_id_seq', 9)`, undefined, denied],
      [...own, large, undefined, '1'],
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
    // Temporary tables and large objects apart, a role owns nothing but in the database that is its own.
    const misplaced = `SELECT DISTINCT refobjid::regrole, pg_describe_object(classid, objid, objsubid) FROM pg_shdepend
      JOIN pg_database ON pg_database.oid = dbid
      WHERE datname = current_database() AND deptype = 'o' AND refobjid <> datdba
        AND classid NOT IN ('pg_default_acl'::regclass, 'pg_user_mapping'::regclass, 'pg_largeobject'::regclass)
        AND shobj_description(refobjid, 'pg_authid') ~ '^(Made|Retired) by db-provision'`;
    expect(await server.sql(misplaced, now.APP_DB_NAME)).toBe('');
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

  it.each<[string, NonNullable<ProvisionOptions['environment']>, string]>([
    [
      'another task',
      { DB_PROVISION_KEEP: 'cogni_app', APP_DB_USER: 'web', READONLY_DB_USER: 'cogni_app' },
      'its role "app", and the settings now name it for "readonly"',
    ],
    [
      'the other slot',
      { DB_PROVISION_KEEP: 'cogni_app_b', APP_DB_USER: 'cogni_app_b', APP_DB_PASSWORD: 'r' },
      'one of the logins of "app", and the settings now name it for the other one',
    ],
  ])('refuses to give the name that what serves logs in with to %s', async (_, environment, which) => {
    const before = await server.state();
    const output = await server.provision({ environment });
    expect(output).toMatchObject({ code: 3, stdout: '' });
    expect(output.stderr).toContain(
      `what serves logs in to the database as ${environment.DB_PROVISION_KEEP}, ${which}`,
    );
    expect(await server.state()).toBe(before);
  });

  it('keeps a login whose name is of several words', async () => {
    const user = `the app's`;
    const named = { APP_DB_USER: user };
    expect(await server.provision({ environment: named })).toMatchObject({ code: 0 });
    const rotated = { ...named, APP_DB_PASSWORD: 'rotated-app', DB_PROVISION_KEEP: user };
    expect(await server.provision({ environment: rotated })).toMatchObject({
      code: 0,
      stdout: `db-provision: set the password of ${user}_b\n`,
    });
    const login = { role: user, password: settings.APP_DB_PASSWORD, statement: `SELECT 'in'` };
    expect(await server.as([login])).toEqual(['in']);
    expect(await server.provision()).toMatchObject({ code: 0 });
  });

  it('takes a name that ends as the second login’s does for that of the first, forwards and back', async () => {
    const named = { APP_DB_USER: 'web_b' };
    expect(
      await server.provision({ environment: { ...named, DB_PROVISION_KEEP: 'cogni_app' } }),
    ).toMatchObject({ code: 0 });
    expect(await server.provision({ environment: { ...named, DB_PROVISION_KEEP: 'web_b' } })).toMatchObject({
      code: 0,
      stderr: '',
    });
    const back = await server.provision({ environment: { APP_DB_USER: 'web', DB_PROVISION_KEEP: 'web_b' } });
    expect(back).toMatchObject({ code: 3 });
    expect(back.stderr).toContain('what serves logs in to the database as web_b, one of the logins of "app"');
    expect(await server.provision()).toMatchObject({ code: 0 });
  });

  it('leaves marks that an earlier version reads as the key alone, on what serves and on the rest', async () => {
    const marks = `SELECT rolname, shobj_description(oid, 'pg_authid') FROM pg_roles
      WHERE rolname IN ('cogni_app', 'cogni_app_b', 'cogni_app_access', 'moved', 'moved_b') ORDER BY rolname`;
    const made = (...names: string[]) => names.map((name) => `${name}|Made by db-provision: app`).join('\n');
    const before = made('cogni_app', 'cogni_app_access', 'cogni_app_b');
    expect(await server.sql(marks)).toContain(before);
    const keep = { DB_PROVISION_KEEP: 'cogni_app_b' };
    expect(await server.provision({ environment: keep })).toMatchObject({ code: 0, stdout: '' });
    expect(await server.sql(marks)).toContain(before);
    const renamed = await server.provision({ environment: { ...keep, APP_DB_USER: 'moved' } });
    expect(renamed).toMatchObject({ code: 0, stderr: '' });
    expect(await server.sql(marks)).toContain(made('cogni_app_access', 'cogni_app_b', 'moved', 'moved_b'));
    const taken = await server.provision({ environment: keep });
    expect(taken).toMatchObject({ code: 0, stderr: '' });
    expect(await server.sql(marks)).toContain(before);
  });

  it('leaves an application the large objects that its logins made and share, whichever of them serves', async () => {
    const [role, password] = ['cogni_app', settings.APP_DB_PASSWORD];
    const statement = `SELECT lo_from_bytea(4712, 'kept'); GRANT SELECT ON LARGE OBJECT 4712 TO cogni_app_access, cogni_readonly`;
    expect(await server.as([{ role, password, statement }])).toEqual(['4712']);
    await server.sql(
      `SELECT lo_create(4713); SELECT lo_create(4714); ALTER LARGE OBJECT 4714 OWNER TO cogni_readonly`,
      settings.APP_DB_NAME,
    );
    const owners = 'SELECT oid, lomowner::regrole FROM pg_largeobject_metadata ORDER BY oid';
    const use = `SELECT convert_from(lo_get(4712), 'UTF8')`;
    const renamed = { APP_DB_USER: 'moved', DB_PROVISION_KEEP: 'cogni_app' };
    for (const environment of [{}, renamed]) {
      expect(await server.provision({ environment })).toMatchObject({ code: 0, stderr: '' });
      expect(await server.sql(owners, settings.APP_DB_NAME)).toContain(
        '4712|cogni_app\n4713|cogni_owner\n4714|cogni_owner',
      );
      const second = environment === renamed ? 'moved_b' : 'cogni_app_b';
      const tries = [role, second, 'cogni_readonly'].map((each) => ({
        role: each,
        password: each === 'cogni_readonly' ? settings.READONLY_DB_PASSWORD : password,
        statement: use,
      }));
      expect(await server.as(tries)).toEqual(['kept', 'kept', expect.stringContaining('permission denied')]);
    }
    const ended = await server.provision({ environment: { APP_DB_USER: 'moved' } });
    expect(ended.stdout).toContain(
      'in cogni: the large objects 4712 belong to cogni_owner, not to cogni_app any more',
    );
    const moved = [{ role: 'moved', password, statement: use }];
    expect(await server.as(moved)).toEqual(['kept']);
    expect(await server.provision()).toMatchObject({ code: 0 });
  });

  it('leaves what a login of the application owns where its large objects would go along, and says so', async () => {
    await server.sql(
      'SELECT lo_create(4715); ALTER LARGE OBJECT 4715 OWNER TO cogni_app; CREATE PUBLICATION small; ALTER PUBLICATION small OWNER TO cogni_app',
      settings.APP_DB_NAME,
    );
    const output = await server.provision();
    expect(output).toMatchObject({ code: 0, stderr: '' });
    expect(output.stdout).toContain(
      'the publication small: left with cogni_app, whose large objects would go along',
    );
    await server.sql('ALTER PUBLICATION small OWNER TO cogni_owner', settings.APP_DB_NAME);
    expect(await server.provision()).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it('says what is set for a database and does not undo the model, and leaves it', async () => {
    await server.sql(
      `ALTER DATABASE cogni SET timezone = 'Asia/Tokyo'; ALTER DATABASE cogni SET app.secret = 'p1anted-set'`,
    );
    const output = await server.provision();
    expect(lines(output.stdout)).toEqual(
      ['TimeZone', 'app.secret'].map(
        (name) =>
          `db-provision: left as it is, since it is set for all of the database cogni (ALTER DATABASE SET): ${name}`,
      ),
    );
    await server.sql('ALTER DATABASE cogni RESET ALL');
  });

  it('takes the password of the role that the server was made with, whoever the administrator is by now', async () => {
    await server.sql(`CREATE ROLE boss SUPERUSER LOGIN; ALTER ROLE cogni_root PASSWORD 'known'`);
    await server.exec(['sed', '-i', '1i local all boss trust', hba]);
    await server.sql('SELECT pg_reload_conf()');
    const output = await server.provision({ environment: { POSTGRES_ROOT_USER: 'boss' } });
    await server.exec(['sed', '-i', '1d', hba]);
    await server.sql('SELECT pg_reload_conf(); ALTER ROLE boss NOSUPERUSER');
    expect(output).toMatchObject({ code: 0, stderr: '' });
    expect(output.stdout).toContain('took the password of the administrator cogni_root away');
    expect(await server.provision()).toMatchObject({ code: 0 });
  });

  it('says on every run who is, or can become, a superuser with a password, and what ends that, and goes on', async () => {
    await server.sql(
      `CREATE ROLE carol SUPERUSER LOGIN PASSWORD 'c'; CREATE ROLE dave LOGIN PASSWORD 'd' IN ROLE carol`,
    );
    for (const output of [await server.provision(), await server.provision()]) {
      expect(output).toMatchObject({ code: 0, stderr: '' });
      expect(lines(output.stdout)).toEqual([
        expect.stringContaining('carol has a password and is a superuser'),
        expect.stringContaining('dave has a password and can become a superuser'),
      ]);
      expect(output.stdout).toContain('over the network it is the administrator of everything');
      expect(output.stdout).toContain('ALTER ROLE carol PASSWORD NULL');
    }
    await server.sql('ALTER ROLE carol PASSWORD NULL; ALTER ROLE dave PASSWORD NULL');
    expect(await server.provision()).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it('is not held up by a role all of whose connections are in use: that its password is right, the server says', async () => {
    const { READONLY_DB_USER: PGUSER, READONLY_DB_PASSWORD: PGPASSWORD, APP_DB_NAME: PGDATABASE } = settings;
    // 20 s at most; what does not come true is printed.
    const busy = `
      for each in 1 2 3 4 5; do psql -h database -qX -c 'SELECT pg_sleep(600)' >/dev/null 2>&1 & done
      ask() { psql -qAtX -U cogni_root -d postgres -c "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'"; }
      for try in $(seq 100); do [ "$(ask)" = 5 ] && exit; sleep 0.2; done; ask`;
    const sessions = await server.exec(['bash', '-s'], { PGUSER, PGPASSWORD, PGDATABASE }, busy);
    expect(sessions).toMatchObject({ code: 0, stdout: '' });
    const [same, rotated] = [
      await server.provision(),
      await server.provision({ environment: { READONLY_DB_PASSWORD: 'r' } }),
    ];
    await server.sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'`,
    );
    const said =
      'db-provision: cogni_readonly uses all its connections: its password is the one of the settings';
    expect(same).toMatchObject({ code: 0, stderr: '' });
    expect(same.stdout).toContain(said);
    expect(rotated).toMatchObject({ code: 0, stderr: '' });
    expect(rotated.stdout).toContain('set the password of cogni_readonly');
    expect(rotated.stdout).toContain(said);
    expect(await server.provision()).toMatchObject({ code: 0 });
  });

  it('says what is set for everybody on the server, and leaves it', async () => {
    await server.sql(`ALTER ROLE ALL SET work_mem = '8MB'`);
    expect(await server.provision()).toMatchObject({
      code: 0,
      stdout:
        'db-provision: left as it is, since it is set for the whole server (ALTER ROLE ALL SET): work_mem\n',
    });
    await server.sql('ALTER ROLE ALL RESET ALL');
  });

  it('begins nothing more when the connection with its lock was ended', async () => {
    await server.sql(
      'ALTER ROLE cogni_owner CONNECTION LIMIT 3; REVOKE CONNECT ON DATABASE cogni FROM cogni_app_access',
    );
    const ending = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'db-provision lock';\n`;
    const output = await server.provision({
      edit: (path, content) =>
        path === 'roles.sql' ? `${content}SELECT WHERE (${ending.trim().slice(0, -1)}) IS NULL;\n` : content,
    });
    expect(output.code).toBe(1);
    expect(output.stdout).toContain('role cogni_owner: CONNECTION LIMIT 5, was CONNECTION LIMIT 3');
    expect(output.stdout).not.toContain('gave CONNECT');
    expect(output.stderr).toContain('lost the lock before it could set up the databases');
    expect(await server.provision()).toMatchObject({ code: 0 });
  });

  it('fails with all that the roles find when they look at themselves, though nothing was to be changed', async () => {
    await server.sql(`CREATE ROLE maker CREATEDB; GRANT maker TO cogni_app;
      GRANT CONNECT ON DATABASE litellm TO cogni_readonly`);
    await server.sql(
      `CREATE FUNCTION asked() RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE EXECUTE ON FUNCTION asked() FROM PUBLIC;
       CREATE SEQUENCE shut; GRANT CREATE ON SCHEMA public TO cogni_readonly; REVOKE USAGE ON SCHEMA public FROM cogni_app_access;
       GRANT TRUNCATE, UPDATE (text) ON kept TO cogni_readonly; REVOKE DELETE ON kept FROM cogni_app_access;
       GRANT UPDATE ON kept_id_seq TO cogni_readonly; GRANT EXECUTE ON FUNCTION asked() TO cogni_readonly;
       GRANT EXECUTE ON FUNCTION lo_put(oid, bigint, bytea) TO PUBLIC`,
      'cogni',
    );
    // What a run would mend is left out.
    const changes = ['roles.sql', 'databases.sql', 'database.sql'];
    const idle = await server.provision({
      edit: (path, content) => (changes.includes(path) ? '' : content),
    });
    expect(idle).toMatchObject({ code: 1, stdout: '' });
    expect(lines(idle.stderr).sort()).toEqual(
      [
        'cogni_app is or can become maker, which is more than it may: superuser or a right of the whole server',
        'cogni_readonly may connect to the database litellm',
        'cogni_readonly has CREATE on the schema public',
        'cogni_readonly has TRUNCATE on public.kept',
        'cogni_readonly has UPDATE on a column of public.kept',
        'cogni_readonly has UPDATE on the sequence public.kept_id_seq',
        'cogni_readonly misses SELECT on the sequence public.shut',
        'cogni_readonly has EXECUTE on the routine public.asked()',
        'cogni_readonly may make large objects (lo_put(oid,bigint,bytea))',
        ...['cogni_app', 'cogni_app_b'].flatMap((role) => [
          `${role} misses USAGE on the schema public`,
          `${role} misses DELETE on public.kept`,
          `${role} misses USAGE on the sequence public.shut`,
          `${role} misses SELECT on the sequence public.shut`,
          `${role} misses UPDATE on the sequence public.shut`,
          `${role} misses EXECUTE on the routine public.asked()`,
        ]),
        'the roles are not as they should be; docs/database.md says what to do',
      ]
        .map((line) => `db-provision: ${line}`)
        .sort(),
    );
    expect(await server.provision()).toMatchObject({ code: 0, stderr: '' });
    expect(await server.provision()).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it('leaves nothing of a killed migrator waiting in the server, behind which everybody else would wait', async () => {
    const holding = server
      .sql('BEGIN; LOCK TABLE kept; SELECT FROM pg_sleep(600)', settings.APP_DB_NAME)
      .catch((thrown: unknown) => String(thrown));
    // 20 s each at most; what does not come true is printed.
    const killed = `
      ask() { psql -qAtX -U cogni_root -d postgres -c "SELECT count($1) FROM $2 AND pid <> pg_backend_pid()"; }
      come() { for try in $(seq 100); do [ "$(ask "$2" "$3")" = "$1" ] && return; sleep 0.2; done; echo "never $1 of $3"; }
      holder="pg_stat_activity WHERE query LIKE '%pg_sleep(600)%'"
      come 1 '*' "$holder"
      psql -h database -qX -c 'ALTER TABLE kept ADD COLUMN late int' & migrator=$!
      come 1 '*' 'pg_locks WHERE NOT granted'
      kill -KILL $migrator
      come 0 '*' 'pg_locks WHERE NOT granted'
      ask 'CASE WHEN pg_terminate_backend(pid) THEN 1 END' "$holder"`;
    const { OWNER_DB_USER, OWNER_DB_PASSWORD, APP_DB_NAME } = settings;
    const owner = { PGUSER: OWNER_DB_USER, PGPASSWORD: OWNER_DB_PASSWORD, PGDATABASE: APP_DB_NAME };
    expect(await server.exec(['bash', '-s'], owner, killed)).toMatchObject({ code: 0, stdout: '1\n' });
    expect(await holding).toContain('terminating connection');
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
    await server.exec(['sed', '-i', '1i host all cogni_app all trust', hba]);
    await server.sql('SELECT pg_reload_conf()');
    const output = await server.provision();
    expect(output).toMatchObject({ code: 1 });
    expect(output.stderr).toContain('cogni_app gets in over the network without a password');
    await server.exec(['sed', '-i', '1d', hba]);
    await server.sql('SELECT pg_reload_conf()');
  });

  it('writes nothing into its log when it is asked whether it is ready', async () => {
    const original = await server.exec(['cat', hba]);
    // Through the socket as before: this server has no map of users.
    const access = `local all all trust\n${hostBasedAccess(settings.POSTGRES_ROOT_USER)}`;
    await server.exec(['tee', hba], {}, access);
    await server.sql('SELECT pg_reload_conf()');
    // The reload is seen by the first that is refused because of it.
    const asked = `until psql -h 127.0.0.1 -U ${settings.POSTGRES_ROOT_USER} -d postgres -c '' 2>&1 | grep -q rejects; do sleep 0.2; done`;
    expect(await server.exec(['bash', '-c', asked])).toMatchObject({ code: 0 });
    const before = await server.log();
    for (let each = 0; each < 3; each++) {
      expect(await server.exec(readinessQuestion)).toMatchObject({ code: 0 });
    }
    const after = await server.log();
    await server.exec(['tee', hba], {}, original.stdout);
    await server.sql('SELECT pg_reload_conf()');
    expect(after.slice(before.length)).toBe('');
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
