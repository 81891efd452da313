import { readinessQuestion } from '../../../../services/database/server';
import { hostBasedAccess } from '../../../../services/runtime/postgres-access';
import { DatabaseServer, hbaFile, settings, type ProvisionOptions } from './database-server';
import { lines } from './lines';

describe('db-provision that cannot do its work', () => {
  let server: DatabaseServer;

  beforeAll(async () => {
    server = await DatabaseServer.provisioned();
  }, 900_000);
  afterAll(() => server.remove(), 60_000);

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
      GRANT CONNECT ON DATABASE litellm, postgres TO cogni_readonly`);
    await server.sql(
      `CREATE FUNCTION asked() RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE EXECUTE ON FUNCTION asked() FROM PUBLIC;
       CREATE SEQUENCE shut; GRANT CREATE ON SCHEMA public TO cogni_readonly; REVOKE USAGE ON SCHEMA public FROM cogni_app_access;
       GRANT TRUNCATE, UPDATE (text) ON kept TO cogni_readonly; REVOKE DELETE ON kept FROM cogni_app_access;
       GRANT UPDATE ON kept_id_seq TO cogni_readonly;
       SET ROLE cogni_owner; CREATE TABLE numbered (id int GENERATED ALWAYS AS IDENTITY); RESET ROLE;
       GRANT UPDATE ON numbered_id_seq TO cogni_readonly; GRANT EXECUTE ON FUNCTION asked() TO cogni_readonly;
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
        'cogni_readonly may connect to the database postgres',
        'cogni_readonly gets in to the database postgres as well',
        'cogni_readonly has CREATE on the schema public',
        'cogni_readonly has TRUNCATE on public.kept',
        'cogni_readonly has UPDATE on a column of public.kept',
        'cogni_readonly has UPDATE on the sequence public.kept_id_seq',
        'cogni_readonly has UPDATE on the sequence public.numbered_id_seq',
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

  it('waits for a server that recovers no longer than it is told to, and changes nothing', async () => {
    // A standby beside the server that has no primary: it recovers for ever, and answers what reads.
    const standby = `
      pg_basebackup --username=cogni_root --pgdata=/tmp/standby --checkpoint=fast && touch /tmp/standby/standby.signal &&
        pg_ctl --pgdata=/tmp/standby --options='-p 5433 -k /tmp' --log=/tmp/standby.log --silent --wait start &&
        psql -qAtX -h /tmp -p 5433 -U cogni_root -d postgres -c 'SELECT pg_is_in_recovery()'`;
    expect(await server.exec(['bash', '-s'], {}, standby)).toMatchObject({ code: 0, stdout: 't\n' });
    const output = await server.provision({
      environment: { PGHOST: '/tmp', PGPORT: '5433', PROVISION_WAIT: '1' },
    });
    const ended = 'pg_ctl --pgdata=/tmp/standby --mode=immediate --silent stop && rm -r /tmp/standby';
    expect(await server.exec(['bash', '-c', ended])).toMatchObject({ code: 0 });
    expect(output).toMatchObject({ code: 1, stdout: '' });
    expect(lines(output.stderr)).toEqual([
      'db-provision: the server was not ready within 1 s: it is still being set up, or in recovery',
      'db-provision: nothing was changed',
    ]);
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

  it.each([
    ['a limit that would be none', '0'],
    ['a limit that is no number', 'soon'],
  ])('refuses %s', async (_, limit) => {
    const output = await server.provision({ environment: { PROVISION_WAIT: limit } });
    expect(output).toMatchObject({ code: 2, stdout: '' });
    expect(lines(output.stderr)[0]).toBe(
      `db-provision: PROVISION_WAIT is ${limit}; allowed: whole seconds, at least 1`,
    );
  });

  it.each([
    [
      'a template',
      'ALTER DATABASE cogni IS_TEMPLATE true',
      'the database cogni is a template: ALTER DATABASE cogni IS_TEMPLATE false',
      'ALTER DATABASE cogni IS_TEMPLATE false',
    ],
    [
      'one that lets nobody in',
      'ALTER DATABASE cogni ALLOW_CONNECTIONS false',
      'the database cogni lets nobody in: ALTER DATABASE cogni ALLOW_CONNECTIONS true',
      'ALTER DATABASE cogni ALLOW_CONNECTIONS true',
    ],
    [
      'one that was only half dropped',
      `UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'cogni'`,
      'the database cogni was only half dropped: drop it, or name another one',
      `UPDATE pg_database SET datconnlimit = -1 WHERE datname = 'cogni'`,
    ],
  ])('refuses a database that is there as %s, and leaves it', async (_, breaking, message, mending) => {
    const found = `SELECT datistemplate, datallowconn, datconnlimit FROM pg_database WHERE datname = 'cogni'`;
    await server.sql(breaking);
    const before = await server.sql(found);
    const output = await server.provision();
    const after = await server.sql(found);
    await server.sql(mending);
    expect(output).toMatchObject({ code: 3, stdout: '' });
    expect(lines(output.stderr)).toEqual(
      [message, 'nothing was changed; docs/database.md says what to do'].map(
        (line) => `db-provision: ${line}`,
      ),
    );
    expect(after).toBe(before);
    expect(await server.provision()).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it('fails where a right stays that its giver cannot take any more, and takes back what it had begun', async () => {
    const acl = `SELECT relacl FROM pg_class WHERE relname = 'lent'`;
    await server.sql(`CREATE ROLE lender; SET ROLE cogni_owner; CREATE TABLE lent ()`, 'cogni');
    const sound = await server.sql(acl, 'cogni');
    // The giver has lost the right to give, as only a hand in the catalogue can bring about.
    await server.sql(
      `GRANT DELETE ON lent TO lender WITH GRANT OPTION; GRANT USAGE ON SCHEMA public TO lender;
       SET ROLE lender; GRANT DELETE ON lent TO cogni_readonly; RESET ROLE; REVOKE USAGE ON SCHEMA public FROM lender;
       UPDATE pg_class SET relacl = replace(relacl::text, 'lender=d*/', 'lender=d/')::aclitem[] WHERE relname = 'lent'`,
      'cogni',
    );
    const broken = await server.sql(acl, 'cogni');
    expect(broken).toContain('lender=d/');
    const output = await server.provision();
    expect(output.code).toBe(1);
    expect(output.stderr).toContain(
      'cogni_readonly still has DELETE on table public.lent, which lender gave and cannot take: give that one the right to give it, and revoke that with CASCADE',
    );
    expect(output.stderr).toContain('what this step had begun was taken back');
    expect(await server.sql(acl, 'cogni')).toBe(broken);
    // What the message advises.
    await server.sql(
      `GRANT DELETE ON lent TO lender WITH GRANT OPTION; REVOKE DELETE ON lent FROM lender CASCADE`,
      'cogni',
    );
    expect(await server.sql(acl, 'cogni')).toBe(sound);
    expect(await server.provision()).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it('fails when a role gets in without its password', async () => {
    await server.exec(['sed', '-i', '1i host all cogni_app all trust', hbaFile]);
    await server.sql('SELECT pg_reload_conf()');
    const output = await server.provision();
    expect(output).toMatchObject({ code: 1 });
    expect(output.stderr).toContain('cogni_app gets in over the network without a password');
    await server.exec(['sed', '-i', '1d', hbaFile]);
    await server.sql('SELECT pg_reload_conf()');
  });

  it('writes nothing into its log when it is asked whether it is ready', async () => {
    const original = await server.exec(['cat', hbaFile]);
    // Through the socket as before: this server has no map of users.
    const access = `local all all trust\n${hostBasedAccess(settings.POSTGRES_ROOT_USER)}`;
    await server.exec(['tee', hbaFile], {}, access);
    await server.sql('SELECT pg_reload_conf()');
    // The reload is seen by the first that is refused because of it.
    const asked = `until psql -h 127.0.0.1 -U ${settings.POSTGRES_ROOT_USER} -d postgres -c '' 2>&1 | grep -q rejects; do sleep 0.2; done`;
    expect(await server.exec(['bash', '-c', asked])).toMatchObject({ code: 0 });
    const before = await server.log();
    for (let each = 0; each < 3; each++) {
      expect(await server.exec(readinessQuestion)).toMatchObject({ code: 0 });
    }
    const after = await server.log();
    await server.exec(['tee', hbaFile], {}, original.stdout);
    await server.sql('SELECT pg_reload_conf()');
    expect(after.slice(before.length)).toBe('');
  });
});
