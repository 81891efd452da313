import { lookAtReceiver } from '../../../../deploy/backup/report';
import { run } from '../../../../foundation/process';
import type { Receiver } from '../../../../services';
import { watcherProgram } from '../../../../services/archive/receiver-programs';
import { listenerProgram, receiverScript } from '../../../../services/receiver/script';
import { bridgeProgram } from '../../../../services/archive/receiver-programs';
import { eventually } from '../../../contract/images/harness';
import { receiver } from '../../../unit/services/archive/receiver';
import { Drilled } from './drilled';
import { Received } from './received';
import { RestoredHost } from './restored';

const options = ['-F', '/etc/cogni-receiver/ssh_config'] as const;

describe.each<[string, Receiver]>([
  ['asynchronous', receiver],
  ['waited for while it is there', { ...receiver, synchronous: 'while-there', patience: 2 }],
])('a receiver of the log, %s', (_, of) => {
  const waited = of.synchronous !== undefined;
  let received: Received;

  // One story, in order: each part begins where the one before ended.
  beforeAll(async () => {
    received = await Received.prepare(of);
  }, 900_000);
  afterAll(() => received.remove(), 120_000);

  const sql = (statement: string): Promise<string> => received.archived.runtime.asRoot(statement, 'postgres');
  const setting = (): Promise<string> => sql("SELECT current_setting('synchronous_standby_names')");
  const judged = async () => {
    const found = await lookAtReceiver(received.archived.asHost(), 'test', received.archived.archive);
    if (found === undefined) throw new Error('the database did not answer');
    return found;
  };

  it('has a role that provisioning makes, also while commits wait for who only comes with it', async () => {
    expect(await received.archived.runtime.up('backup')).toMatchObject({ code: 0 });
    expect(await received.archived.runtime.job('db-provision')).toMatchObject({ code: 0 });
    expect(
      await sql(
        "SELECT rolreplication, rolsuper, rolcanlogin FROM pg_roles WHERE rolname = 'cogni_receiver'",
      ),
    ).toBe('t|f|t');
    const again = await received.archived.runtime.job('db-provision');
    expect({ code: again.code, said: again.stdout }).toEqual({ code: 0, said: '' });
  }, 120_000);

  it('is not there before its key is let in, which the database says, and commits go on', async () => {
    expect((await judged()).alarms.join()).toMatch(/is away|commits do not wait/);
    await sql('CREATE TABLE ledger (id bigserial PRIMARY KEY, tx xid8 DEFAULT pg_current_xact_id())');
    await eventually(async () => expect(await setting()).toBe(''), 30);
  }, 60_000);

  it('fetches the log as soon as its key is let in, over SSH and nothing else', async () => {
    const line = await received.letIn();
    expect(line).toMatch(
      /^restrict,command="docker exec --interactive --user=backup [^"]+" ssh-ed25519 [^ ]+$/,
    );
    await received.up();
    expect(await received.look()).toMatchObject({ state: 'fetches' });
    await eventually(async () => {
      expect(await judged()).toMatchObject({ receiver: { there: true, waited }, alarms: [] });
    }, 30);
  }, 180_000);

  it('has a key that can do nothing else', async () => {
    // Whatever it asks for, it is joined to the server, which takes that for a message of its own protocol and ends it.
    expect((await received.exec('timeout', '10', 'ssh', ...options, 'database', 'id')).stdout).toBe('');
    const forwarding = ['-o', 'ClearAllForwardings=no', '-o', 'ExitOnForwardFailure=yes'] as const;
    const attempts: readonly (readonly [readonly string[], RegExp])[] = [
      [['ssh', ...options, '-tt', 'database'], /PTY allocation request failed/],
      [['ssh', ...options, '-W', '127.0.0.1:5432', 'database'], /stdio forwarding failed/],
      [
        ['ssh', ...options, ...forwarding, '-N', '-R', '0:127.0.0.1:22', 'database'],
        /remote port forwarding failed/,
      ],
      [['sftp', ...options, 'database:/etc/hostname', '/tmp/'], /subsystem request failed/],
      [['scp', '-O', ...options, 'database:/etc/hostname', '/tmp/'], /^/],
    ];
    for (const [argv, refusal] of attempts) {
      const { code, stdout, stderr } = await received.exec('timeout', '10', ...argv);
      expect({ argv, code: code === 0 }).toEqual({ argv, code: false });
      expect(`${stdout}${stderr}`).toMatch(refusal);
    }
    expect(await received.exec('test', '-e', '/tmp/hostname')).not.toMatchObject({ code: 0 });
    // A socket of the engine through a local socket: the way by which a deploy user would be root.
    const { code } = await received.exec(
      'sh',
      '-c',
      `ssh ${options.join(' ')} -o ClearAllForwardings=no -o ExitOnForwardFailure=yes -L /tmp/engine:/var/run/docker.sock -f database sleep 20 </dev/null >/dev/null 2>&1; sleep 1; perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); connect(S, sockaddr_un("/tmp/engine")) or exit 3; syswrite(S, "GET /version HTTP/1.0\\r\\n\\r\\n"); exit(sysread(S, my $b, 1) ? 0 : 4)'`,
    );
    expect([3, 4]).toContain(code);
  }, 180_000);

  it('is let in as a role that replicates physically, reads no table and makes no slot', async () => {
    const psql = (dsn: string, statement: string): Promise<{ readonly stderr: string }> =>
      received.exec('psql', '-XAt', '-c', statement, `host=/tmp user=cogni_receiver ${dsn}`);
    expect((await psql('dbname=postgres', 'SELECT 1')).stderr).toMatch(/password|authentication|fe_sendauth/);
    expect((await psql('dbname=postgres replication=database', 'SELECT 1')).stderr).toMatch(
      /password|authentication|no pg_hba.conf entry|fe_sendauth/,
    );
    expect((await psql('replication=true', 'SELECT count(*) FROM pg_class')).stderr).toMatch(
      /cannot execute/,
    );
    expect((await psql('replication=true', 'CREATE_REPLICATION_SLOT a PHYSICAL')).stderr).toMatch(
      /all replication slots are in use/,
    );
  }, 60_000);

  // Once: `kills.test.ts` beside it kills more, at more moments, and looks at what is restored of it.
  it(`has ${waited ? 'every commit that was acknowledged' : 'what was committed until a second before'} on its disk when the database is killed under load`, async () => {
    await eventually(async () => expect((await judged()).alarms).toEqual([]), 60);
    const rows = async (): Promise<number> => Number(await sql('SELECT count(*) FROM ledger'));
    const before = await rows();
    const [acknowledged] = await Promise.all([
      received.commits(4_000),
      eventually(async () => {
        expect((await rows()) - before).toBeGreaterThan(100);
      }, 120).then(() =>
        received.docker('kill', '--signal=KILL', `${received.archived.runtime.name}-postgres-1`),
      ),
    ]);
    const has = await received.received();
    const lost = [...acknowledged].filter(([id]) => !has.has(id));
    expect(acknowledged.size).toBeGreaterThan(50);
    const newest = Math.max(...[...acknowledged].filter(([id]) => has.has(id)).map(([, at]) => at));
    expect(lost.filter(([, at]) => at > newest + 1 || waited)).toEqual([]);
    // It is no crash of what restarts it: Docker leaves a container that was killed by hand as it is.
    expect(await received.archived.runtime.up('postgres')).toMatchObject({ code: 0 });
  }, 300_000);

  it('goes on by itself when the database is back, in the same stretch of log', async () => {
    await eventually(async () => expect(await received.look()).toMatchObject({ state: 'fetches' }), 60);
    const stretches = new Set((await received.look()).log?.map(({ path }) => path.split('/')[0]));
    expect(stretches.size).toBe(1);
  }, 90_000);

  it('is away when it was stopped: that is said, and commits wait no longer than they should', async () => {
    await eventually(async () => expect((await judged()).alarms).toEqual([]), 60);
    await received.docker('stop', '--time=1', received.place.container);
    const begun = performance.now();
    expect((await received.commits(20)).size).toBe(20);
    // Its patience is 2 s, and a connection that is dead is known after 10.
    if (waited) expect(performance.now() - begun).toBeGreaterThan(1_000);
    await eventually(async () => expect((await judged()).alarms.join()).toMatch(/is away/), 30);
    expect(await setting()).toBe('');
    expect(await received.look()).toMatchObject({ state: 'stopped' });
    await received.docker('start', received.place.container);
    await eventually(async () => {
      expect(await judged()).toMatchObject({ receiver: { there: true, waited }, alarms: [] });
    }, 60);
  }, 180_000);

  // Once is enough: which commits the receiver has was looked at above.
  if (!waited)
    it('brings what the archive does not have yet when the newest moment is restored', async () => {
      const { runtime } = received.archived;
      expect(await runtime.job('db-migrate')).toMatchObject({ code: 0 });
      await eventually(async () => {
        expect((await received.archived.judgement()).newestGood).toBeDefined();
      }, 120);
      const acknowledged = await received.commits(50);
      await received.docker('kill', '--signal=KILL', `${runtime.name}-postgres-1`);
      const has = await received.received();
      const drilled = await Drilled.of(received.archived);
      const host = new RestoredHost(received.archived, drilled.place, received.environment);
      const restored = await host.restore({ kind: 'end' }, undefined, true, received.here());
      expect(restored).toMatchObject({ serves: true, received: { pieces: expect.any(Number) } });
      expect(restored.received?.pieces).toBeGreaterThan(0);
      const there = new Set((await sql('SELECT tx FROM ledger')).split('\n'));
      expect([...acknowledged.keys()].filter((id) => has.has(id) && !there.has(id))).toEqual([]);
      expect([...acknowledged.keys()].filter((id) => there.has(id)).length).toBeGreaterThan(0);
      host.remove();
      await drilled.remove();
    }, 600_000);

  it('says no secret in its log, nor has one in its files', async () => {
    const { stdout, stderr } = await received.docker('logs', received.place.container);
    expect(`${stdout}${stderr}`).not.toMatch(/PRIVATE KEY/);
    expect(`${stdout}${stderr}`).toContain('starting log streaming');
  });
});

describe('the programs of a receiver', () => {
  it.each([
    ['receiver.sh', receiverScript(256, true)],
    ['synchronous.sh', watcherProgram('/run/cogni-postgres/synchronous.conf', 10)],
  ])('are checked by shellcheck: %s', async (_, script) => {
    const output = await run({ argv: ['shellcheck', '--shell=sh', '-'], stdin: script, deadline: 30_000 });
    expect(output.stdout).toBe('');
    expect(output.code).toBe(0);
  });

  it.each([
    ['bridge.pl', bridgeProgram],
    ['listen.pl', listenerProgram],
  ])('are read by perl: %s', async (_, script) => {
    const output = await run({ argv: ['perl', '-c', '-'], stdin: script, deadline: 30_000 });
    expect(output.stderr).toContain('syntax OK');
  });
});
