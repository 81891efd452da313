import { states } from './broken-states';
import { DatabaseServer, settings } from './database-server';
import { expectTheModel } from './expect-the-model';
import { lines } from './lines';

describe('db-provision', () => {
  let server: DatabaseServer;
  let differently = false;

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
    await server.migrate();
    await expectTheModel(server);
  });

  // Each begins where the one before ended: what that one named differently is one more thing to mend.
  it.each(states)(
    'mends $state',
    async ({ cluster = '', database = '', environment = {}, ended = [], says }) => {
      if (differently) expect(await server.provision()).toMatchObject({ code: 0, stderr: '' });
      differently = Object.keys(environment).length > 0;
      await server.sql(`${cluster};\n\\connect cogni\n${database};`);
      const run = await server.provision({ environment });
      expect(run).toMatchObject({ code: 0, stderr: '' });
      for (const line of says) expect(run.stdout).toContain(line);
      expect(await server.provision({ environment })).toMatchObject({ code: 0, stdout: '', stderr: '' });
      await expectTheModel(server, environment);
      const refused = await server.as(ended.map((login) => ({ ...login, statement: 'SELECT' })));
      for (const answer of refused) expect(answer).toContain('password authentication failed');
      expect(refused).toHaveLength(ended.length);
    },
  );

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
});
