import { planRolling } from '../../../../deploy/rolling/plan';
import { run } from '../../../../foundation/process';
import {
  checkpointConfig,
  checkpointFolder,
  checkpointGaveWay,
} from '../../../../services/archive/checkpoint';
import { backupScript } from '../../../../services/archive/script';
import { eventually } from '../../../contract/images/harness';
import { emptyHost, propsFor } from '../../../unit/deploy/rolling/sample';
import { lastDrill } from '../../../../deploy/backup/last-drill';
import { copyContents } from '../../../../services';
import { ArchivedRuntime } from './archived-runtime';
import { Drilled } from './drilled';
import { RestoredHost } from './restored';

describe('a database that is archived', () => {
  let archived: ArchivedRuntime;

  // One story, in order: each part begins where the one before ended.
  beforeAll(async () => {
    archived = await ArchivedRuntime.prepare();
  }, 900_000);
  afterAll(() => archived.remove(), 60_000);

  const sql = (statement: string): Promise<string> => archived.runtime.asRoot(statement, 'postgres');
  const autovacuum = (state: 'on' | 'off'): Promise<string> =>
    sql(`ALTER SYSTEM SET autovacuum = ${state}`).then(() => sql('SELECT pg_reload_conf()'));
  let between: string;
  let behind: Date;
  const moment = (printed: string): Date => new Date(`${printed.replace(' ', 'T')}:00`);

  it('makes a first full backup by itself, and reads it back', async () => {
    expect(await archived.runtime.up('postgres')).toMatchObject({ code: 0 });
    expect(await archived.runtime.up('backup')).toMatchObject({ code: 0 });
    const judgement = await eventually(async () => {
      const now = await archived.judgement();
      expect(now.newestGood).toMatchObject({ type: 'full', keptBy: ['daily'] });
      return now;
    }, 120);
    expect(judgement.alarms).toEqual([]);
  }, 180_000);

  it('records beside it what each table holds, at a moment of the log that has a name', async () => {
    await sql(
      `CREATE TABLE people (id int PRIMARY KEY, name text); INSERT INTO people SELECT n, 'no. ' || n FROM generate_series(1, 1000) n;
       CREATE SCHEMA "odd ""name"; CREATE TABLE "odd ""name"."it's" ("a row" numeric);`,
    );
    expect(await archived.program('run', 'incr')).toMatchObject({ code: 0 });
    const label = (await archived.judgement()).newestGood?.label ?? '';
    const lines = (await archived.stored(`${checkpointFolder}/${label}.json`)).trim().split('\n');
    const [head, database, ...rest] = lines.map((line): unknown => JSON.parse(line));
    expect(head).toMatchObject({ kind: 'checkpoint', backup: label, timeline: 1 });
    expect(database).toMatchObject({
      kind: 'database',
      name: 'postgres',
      point: expect.stringMatching(/^checkpoint-/),
    });
    expect(rest).toEqual([
      { kind: 'table', schema: 'odd "name', table: "it's", rows: 0, sum: '0' },
      {
        kind: 'table',
        schema: 'public',
        table: 'people',
        rows: 1000,
        sum: expect.stringMatching(/^-?[0-9]+$/),
      },
      { kind: 'end' },
    ]);
  }, 60_000);

  it('holds writers up for a moment at most while it marks one, and waits for one that takes long without', async () => {
    await sql('CREATE TABLE waited (at timestamptz); CREATE TABLE worst (seconds numeric)');
    const label = (await archived.judgement()).newestGood?.label ?? '';
    const [made] = await Promise.all([
      archived.checkpoint(label),
      // No moment is free while this one is under way, nor does another writer have to wait that long.
      sql('BEGIN; INSERT INTO waited VALUES (now()); SELECT pg_sleep(6); COMMIT;'),
      sql(`DO $$ DECLARE begun timestamptz; worst interval = '0'; BEGIN
        FOR turn IN 1..80 LOOP
          begun = clock_timestamp();
          INSERT INTO waited VALUES (begun);
          COMMIT;
          worst = greatest(worst, clock_timestamp() - begun);
          PERFORM pg_sleep(0.1);
        END LOOP;
        INSERT INTO worst VALUES (extract(epoch FROM worst));
      END $$`),
    ]);
    expect(made).toMatchObject({ code: 0 });
    const seconds = Number(await sql('SELECT max(seconds) FROM worst'));
    // The limit is 0.25 s, and a busy machine adds to it; the writer that took long would have made it six.
    expect(seconds).toBeLessThan(2);
  }, 60_000);

  it('gives way to a change of a table while it counts: the backup counts, and the count is made later, or when somebody asks for another backup', async () => {
    // A row of it takes longer to count than a whole test may: only who gives way ends.
    await sql(
      "CREATE TABLE slow (a int); CREATE FUNCTION dawdle(slow) RETURNS text LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(600); RETURN $1.a; END'; " +
        'CREATE CAST (slow AS text) WITH FUNCTION dawdle(slow); INSERT INTO slow VALUES (1)',
    );
    const counting =
      "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'cogni-checkpoint' AND wait_event = 'PgSleep'";
    const label = (await archived.judgement()).newestGood?.label ?? '';
    const checkpoint = archived.checkpoint(label);
    await eventually(async () => expect(await sql(counting)).toBe('1'), 30);
    await sql('ALTER TABLE slow ADD b int');
    expect(await checkpoint).toMatchObject({
      code: checkpointGaveWay,
      stderr: expect.stringMatching(/count of the database postgres was ended: .*administrator command/),
    });

    const backup = archived.program('run', 'incr');
    await eventually(async () => expect(await sql(counting)).toBe('1'), 60);
    await sql('ALTER TABLE slow ADD c int');
    expect(await backup).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('recorded in 10 minutes'),
    });
    await sql('DROP CAST (slow AS text); DROP TABLE slow CASCADE');
    const newest = (await archived.judgement()).newestGood?.label ?? '';
    const recorded = async (): Promise<string> =>
      (await archived.pgbackrest('repo-ls', checkpointFolder)).stdout;
    expect(await archived.program('look')).toMatchObject({ code: 0 });
    expect(await recorded()).not.toContain(newest);
    await archived.runtime.compose('exec', '-T', 'backup', 'touch', '-d', '11 minutes ago', '/tmp/gave-way');
    expect(await archived.program('look')).toMatchObject({ code: 0 });
    expect(await recorded()).toContain(newest);

    await archived.runtime.compose('exec', '-T', 'backup', 'touch', '/tmp/gave-way');
    expect(await archived.program('run', 'incr')).toMatchObject({ code: 0 });
    const asked = (await archived.judgement()).newestGood?.label ?? '';
    expect(asked).not.toBe(newest);
    expect(await recorded()).toContain(asked);
    expect(await archived.program('healthy')).toMatchObject({ code: 0 });
  }, 180_000);

  it('sends what was committed within seconds, also where little is', async () => {
    // Its commits would be later log, at moments of its own choice: whoever asks for the end of the log has to get it without them.
    await autovacuum('off');
    await sql("CREATE TABLE trace (what text); INSERT INTO trace VALUES ('one');");
    between = await sql('SELECT clock_timestamp()');
    await sql("INSERT INTO trace VALUES ('two');");
    behind = moment(await sql('SELECT clock_timestamp()'));
    // The time of a checkpoint has no parts of a second.
    await sql('SELECT pg_sleep(1.1); CHECKPOINT;');
    // A last piece that has neither commit nor checkpoint, and arrives in a later second than those were made in.
    await sql("SELECT pg_sleep(1.1), pg_logical_emit_message(false, 'test', ''); SELECT pg_switch_wal();");
    const written = await sql('SELECT pg_walfile_name(pg_current_wal_lsn() - 1)');
    await eventually(async () => {
      expect(await sql(`SELECT last_archived_wal >= '${written}' FROM pg_stat_archiver`)).toBe('t');
    }, 40);
  });

  it('is the same in a drill at the recorded moment, and at one between two transactions the one is there, the other is not', async () => {
    const drilled = await Drilled.of(archived);
    const { report, failure, answer } = await drilled.drill({
      target: { kind: 'time', at: moment(between) },
      ask: 'SELECT what FROM trace',
    });
    expect(failure).toBeUndefined();
    expect(report.checks[0]).toMatchObject({ name: 'rows of postgres', outcome: 'passed' });
    expect(answer.trim()).toBe('one');
    expect(await drilled.left()).toBe('');
    expect((await lastDrill(archived.asHost(), report.environment, drilled.trusted)) as unknown).toEqual({
      at: report.begun,
      passed: true,
      signedBy: 'this test',
      unchecked: report.checks.flatMap(({ name, outcome, says }) =>
        outcome === 'not made' ? [`${name}: ${says}`] : [],
      ),
      doubtful: [],
    });
    await drilled.remove();
  }, 90_000);

  it('is its last commit at a moment between that and the end of the log, which leads to no later one', async () => {
    const drilled = await Drilled.of(archived);
    const at = (await archived.judgement()).newestGood?.until;
    expect(at).toBeDefined();
    const looked = (target: Date, now: Date): Promise<string> =>
      drilled.answer({ kind: 'time', at: target }, 'SELECT what FROM trace ORDER BY what', now);
    // The next piece may still be on its way: so far only the log itself shows how far it goes.
    expect(await looked(behind, at!)).toBe('one\ntwo');
    const refused = await looked(at!, at!).catch((thrown: unknown) => String(thrown));
    expect(refused).toMatch(/is not known: .* --to \S+/);
    const [, named = ''] = /--to (\S+)/.exec(refused) ?? [];
    expect(new Date(named).getTime()).toBeLessThanOrEqual(behind.getTime());
    expect(await looked(new Date(named), at!)).toBe('one\ntwo');
    expect(await looked(at!, new Date(at!.getTime() + 600_000))).toBe('one\ntwo');
    await autovacuum('on');
    await drilled.remove();
  }, 400_000);

  it('can be restored to what it was right before the migrations of a release', async () => {
    const plan = planRolling(
      propsFor(emptyHost, { settings: archived.settings, request: { runtime: archived.runtime.props } }),
    );
    const action = plan.steps.find(({ id }) => id === 'restore-point')?.actions[0];
    if (action?.do !== 'run') throw new Error('the plan marks no moment');
    await archived.answer(action.command);
    await sql("INSERT INTO trace VALUES ('spoilt'); SELECT pg_switch_wal();");
    const written = await sql('SELECT pg_walfile_name(pg_current_wal_lsn() - 1)');
    await eventually(async () => {
      expect(await sql(`SELECT last_archived_wal >= '${written}' FROM pg_stat_archiver`)).toBe('t');
    }, 40);
    const point = plan.release.restorePoint ?? '';
    const { stdout } = await archived.restored('name', point, "SELECT string_agg(what, ' ') FROM trace");
    expect(stdout.trim().split('\n').at(-1)).toBe('one two');
  }, 60_000);

  it('is not restored with another passphrase, and says so', async () => {
    const { code, stdout, stderr } = await archived.restored('time', between, 'SELECT 1', 'x'.repeat(40));
    expect(code).not.toBe(0);
    expect(`${stdout}${stderr}`).toMatch(/unable to load info file|cipher|decrypt/i);
  });

  it('says with the health of what makes backups that its key was revoked, while the database serves', async () => {
    archived.letIn([]);
    const refused = await archived.program('run', 'incr');
    expect(refused.code).not.toBe(0);
    expect(`${refused.stdout}${refused.stderr}`).toContain('403');
    expect(await archived.program('look')).not.toMatchObject({ code: 0 });
    archived.letIn([archived.store.uploader.key, archived.store.expirer.key]);
    expect(await sql('SELECT 1')).toBe('1');
  });

  it.each([
    ['backup.sh', () => backupScript(archived.archive)],
    ['checkpoint.sh', () => checkpointConfig[0].content],
    ['copy.sh', () => copyContents[0].content],
  ])('is checked by shellcheck: %s', async (_, script) => {
    const output = await run({ argv: ['shellcheck', '--shell=sh', '-'], stdin: script(), deadline: 30_000 });
    expect(output.stdout).toBe('');
    expect(output.code).toBe(0);
  });

  it('makes an incremental backup at once, which counts together with what it stands on', async () => {
    expect(await archived.program('run', 'incr')).toMatchObject({ code: 0 });
    expect(await archived.program('healthy')).toMatchObject({ code: 0, stdout: '' });
    expect(await archived.program('due')).toMatchObject({ code: 0, stdout: 'none\n' });
    const { newestGood, alarms } = await archived.judgement();
    expect(newestGood).toMatchObject({ type: 'incr', good: true });
    expect(alarms).toEqual([]);
  });

  it('goes on with its log and its backups when the containers are started again, as after a reboot of the host', async () => {
    expect(await archived.runtime.compose('restart', 'postgres', 'backup')).toMatchObject({ code: 0 });
    await eventually(async () => {
      await sql("INSERT INTO trace VALUES ('after'); SELECT pg_switch_wal();");
    }, 60);
    const written = await sql('SELECT pg_walfile_name(pg_current_wal_lsn() - 1)');
    await eventually(async () => {
      expect(await sql(`SELECT last_archived_wal >= '${written}' FROM pg_stat_archiver`)).toBe('t');
    }, 40);
    await sql("DELETE FROM trace WHERE what = 'after'");
    expect(await archived.program('run', 'incr')).toMatchObject({ code: 0 });
  }, 120_000);

  it.each([
    ['its host', ['postgres', 'backup']],
    ['its server', ['postgres']],
    // A server of which a process was killed trusts its memory no more: all others end, and it recovers.
    ['one of its processes', []],
  ])(
    'sends what is committed after a crash of %s in time, and not only with the next checkpoint',
    async (_what, killed) => {
      const { docker, name } = archived.runtime;
      const containers = killed.map((service) => `${name}-${service}-1`);
      if (containers.length > 0) {
        await docker.docker(['kill', '--signal=KILL', ...containers]);
        await docker.docker(['start', ...containers]);
      } else {
        const writer = await sql("SELECT pid FROM pg_stat_activity WHERE backend_type = 'background writer'");
        await docker.docker([
          'exec',
          '--user=postgres',
          `${name}-postgres-1`,
          'sh',
          '-c',
          'kill -9 "$1"',
          'sh',
          writer,
        ]);
      }
      // Nothing but a commit, which fills no piece of log.
      await eventually(() => sql("INSERT INTO trace VALUES ('after')"), 60);
      const written = await sql('SELECT pg_walfile_name(pg_current_wal_lsn())');
      await eventually(async () => {
        expect(await sql(`SELECT last_archived_wal >= '${written}' FROM pg_stat_archiver`)).toBe('t');
      }, 40);
      await sql("DELETE FROM trace WHERE what = 'after'");
    },
    150_000,
  );

  it('is restored beside its application, also when that is cut off between two steps, and is taken back', async () => {
    const { runtime } = archived;
    expect(await runtime.job('db-provision')).toMatchObject({ code: 0 });
    expect(await runtime.job('db-migrate')).toMatchObject({ code: 0 });
    expect(await runtime.up('app-a')).toMatchObject({ code: 0 });
    await sql("INSERT INTO trace VALUES ('kept');");
    const kept = moment(await sql('SELECT clock_timestamp()'));
    await sql("INSERT INTO trace VALUES ('lost'); SELECT pg_switch_wal();");
    const written = await sql('SELECT pg_walfile_name(pg_current_wal_lsn() - 1)');
    await eventually(async () => {
      expect(await sql(`SELECT last_archived_wal >= '${written}' FROM pg_stat_archiver`)).toBe('t');
    }, 40);
    const drilled = await Drilled.of(archived);
    const host = new RestoredHost(archived, drilled.place);
    const target = { kind: 'time', at: kept } as const;
    const last = (): Promise<string> =>
      sql("SELECT what FROM trace WHERE what IN ('kept', 'lost') ORDER BY what DESC LIMIT 1");
    const ready = (): Promise<string> => runtime.fromTheEdge('http://cogni-app-a:3000/readyz');

    await expect(host.restore(target, 'sh switch')).rejects.toThrow('lost');
    expect(host.inMaintenance()).toBe(true);
    const restored = await host.restore(target);
    expect(restored).toMatchObject({ serves: true, keeps: true, backsUp: true });
    expect(await last()).toBe('kept');
    expect(await sql('SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)')).toBe('00000002');
    // Without it no later restore could go along the new timeline.
    await eventually(async () => {
      expect((await archived.pgbackrest('--recurse', 'repo-ls', 'archive/cogni')).stdout).toContain(
        '00000002.history',
      );
    }, 40);
    expect([await ready(), host.inMaintenance()]).toEqual([expect.stringContaining('ready'), false]);

    expect(await host.undo(restored.id)).toMatchObject({ serves: true });
    expect(await last()).toBe('lost');
    expect([await ready(), host.inMaintenance()]).toEqual([expect.stringContaining('ready'), false]);
    expect((await archived.judgement()).gaps).toEqual([]);
    expect(await host.kept()).toEqual([`undone-${restored.id}`]);
    await host.forget(restored.id);
    expect(await host.kept()).toEqual([]);
    host.remove();
    await drilled.remove();
  }, 400_000);
});
