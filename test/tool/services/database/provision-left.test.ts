import { DatabaseServer, hbaFile, settings } from './database-server';
import { lines } from './lines';

describe('what db-provision leaves, and says so', () => {
  let server: DatabaseServer;

  beforeAll(async () => {
    server = await DatabaseServer.provisioned();
  }, 900_000);
  afterAll(() => server.remove(), 60_000);

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

  it('is not disturbed by how sessions of the administrator read strings, write names and end', async () => {
    const own = [
      'standard_conforming_strings = off',
      'quote_all_identifiers = on',
      `idle_session_timeout = '300ms'`,
      `idle_in_transaction_session_timeout = '300ms'`,
    ];
    await server.sql(own.map((setting) => `ALTER ROLE cogni_root SET ${setting};`).join(' '));
    try {
      expect(await server.provision()).toMatchObject({ code: 0, stdout: '', stderr: '' });
      await server.sql('REVOKE DELETE ON kept FROM cogni_app_access', settings.APP_DB_NAME);
      const output = await server.provision();
      expect(output).toMatchObject({ code: 0, stderr: '' });
      expect(output.stdout).toContain('gave DELETE on table public.kept to cogni_app_access');
    } finally {
      await server.sql('ALTER ROLE cogni_root RESET ALL');
    }
  });

  it('is not disturbed by what the server warns of as a session begins', async () => {
    const version = (value: string) =>
      server.sql(`UPDATE pg_database SET datcollversion = ${value} WHERE datname IN ('postgres', 'cogni')`);
    const [before] = (
      await server.sql(
        `SELECT coalesce(quote_literal(datcollversion), 'NULL') FROM pg_database WHERE datname = 'cogni'`,
      )
    ).split('\n');
    // A collation that has a version, recorded as another one: as after an update of the C library.
    await server.sql(
      `UPDATE pg_database SET datcollate = 'en_US.utf8', datctype = 'en_US.utf8' WHERE datname IN ('postgres', 'cogni')`,
    );
    await version(`'0.1'`);
    try {
      const warned = await server.exec([
        'psql',
        '-qAtX',
        '-U',
        'cogni_root',
        '-d',
        'cogni',
        '-c',
        'SELECT 1',
      ]);
      expect(warned.stderr).toContain('collation version mismatch');
      const output = await server.provision();
      expect(output).toMatchObject({ code: 0, stderr: '' });
      for (const line of lines(output.stdout)) expect(line).toMatch(/ (?:WARNING|DETAIL|HINT): /);
    } finally {
      await server.sql(
        `UPDATE pg_database SET datcollate = 'C.UTF-8', datctype = 'C.UTF-8' WHERE datname IN ('postgres', 'cogni')`,
      );
      await version(before ?? 'NULL');
    }
  });

  it('takes the password of the role that the server was made with, whoever the administrator is by now', async () => {
    await server.sql(`CREATE ROLE boss SUPERUSER LOGIN; ALTER ROLE cogni_root PASSWORD 'known'`);
    await server.exec(['sed', '-i', '1i local all boss trust', hbaFile]);
    await server.sql('SELECT pg_reload_conf()');
    const output = await server.provision({ environment: { POSTGRES_ROOT_USER: 'boss' } });
    await server.exec(['sed', '-i', '1d', hbaFile]);
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

  it('says on every run which role of somebody else has a password and gets in to our databases, and leaves it', async () => {
    await server.sql(`CREATE ROLE old_app LOGIN PASSWORD 'x'; CREATE ROLE elsewhere LOGIN PASSWORD 'y';
      GRANT CONNECT ON DATABASE cogni, litellm TO old_app`);
    const login = { role: 'old_app', password: 'x', statement: `SELECT 'in'` };
    for (const output of [await server.provision(), await server.provision()]) {
      expect(output).toMatchObject({ code: 0, stderr: '' });
      expect(lines(output.stdout)).toEqual([
        'db-provision: old_app has a password and is no role of ours: over the network it gets in to the database cogni, litellm; unless that is meant, end it with ALTER ROLE old_app PASSWORD NULL',
      ]);
      expect(await server.as([login])).toEqual(['in']);
    }
    await server.sql('ALTER ROLE old_app PASSWORD NULL');
    expect(await server.provision()).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it('leaves with a role what it owns for as long as a session of it has a temporary table, and says that in one line', async () => {
    await server.sql('ALTER ROLE cogni_app SUPERUSER');
    await server.sql('SET ROLE cogni_app; CREATE EXTENSION citext', settings.APP_DB_NAME);
    const { APP_DB_USER: PGUSER, APP_DB_PASSWORD: PGPASSWORD, APP_DB_NAME: PGDATABASE } = settings;
    // 20 s at most; what does not come true is printed.
    const busy = `
      psql -h database -qX -c 'CREATE TEMPORARY TABLE scratch ()' -c 'SELECT pg_sleep(600)' >/dev/null 2>&1 &
      ask() { psql -qAtX -U cogni_root -d cogni -c "SELECT count(*) FROM pg_class WHERE relname = 'scratch'"; }
      for try in $(seq 100); do [ "$(ask)" = 1 ] && exit; sleep 0.2; done; ask`;
    const session = await server.exec(['bash', '-s'], { PGUSER, PGPASSWORD, PGDATABASE }, busy);
    expect(session).toMatchObject({ code: 0, stdout: '' });
    const working = await server.provision();
    await server.sql(
      `SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'`,
    );
    expect(working).toMatchObject({ code: 0, stderr: '' });
    expect(lines(working.stdout).filter((line) => line.includes('left with'))).toEqual([
      expect.stringMatching(
        /^db-provision: in cogni: the extension citext, .* and \d+ more: left with cogni_app until its sessions have no temporary tables: run it again then$/,
      ),
    ]);
    const after = await server.provision();
    expect(after.stdout).toMatch(
      /in cogni: the extension citext, .* belong to cogni_owner, not to cogni_app any more/,
    );
    await server.sql('DROP EXTENSION citext', settings.APP_DB_NAME);
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
