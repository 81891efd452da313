import { DatabaseServer, settings, type ProvisionOptions } from './database-server';

describe('the logins of db-provision, and what they own', () => {
  let server: DatabaseServer;

  beforeAll(async () => {
    server = await DatabaseServer.provisioned();
  }, 900_000);
  afterAll(() => server.remove(), 60_000);

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
});
