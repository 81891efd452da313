import { eventually } from '../../contract/images/harness';
import { lastDrill } from '../../../deploy/backup/last-drill';
import { readReport } from '../../../deploy/backup/drill-report';
import { ArchivedRuntime } from '../../tool/services/archive/archived-runtime';
import { Drilled } from '../../tool/services/archive/drilled';

describe('a drill', () => {
  let archived: ArchivedRuntime;
  let drilled: Drilled;
  beforeAll(async () => {
    archived = await ArchivedRuntime.prepare();
    expect(await archived.runtime.up('postgres')).toMatchObject({ code: 0 });
    expect(await archived.runtime.up('backup')).toMatchObject({ code: 0 });
    drilled = await Drilled.of(archived);
    await sql('CREATE TABLE people (id int, name text); CREATE DATABASE other;');
    await archived.runtime.asRoot(
      'CREATE TABLE things (n numeric); INSERT INTO things VALUES (1.5);',
      'other',
    );
    await eventually(async () => {
      expect((await archived.judgement()).newestGood).toBeDefined();
    }, 120);
  }, 900_000);
  afterAll(async () => {
    await drilled.remove();
    await archived.remove();
  }, 60_000);

  const sql = (statement: string): Promise<string> => archived.runtime.asRoot(statement, 'postgres');
  const sent = async (): Promise<void> => {
    const written = await sql('SELECT pg_walfile_name(pg_current_wal_lsn()); SELECT pg_switch_wal()');
    await eventually(async () => {
      expect(await sql(`SELECT last_archived_wal >= '${written.split('\n')[0]}' FROM pg_stat_archiver`)).toBe(
        't',
      );
    }, 40);
  };

  it('finds a copy of a busy database the same as what was recorded, table by table', async () => {
    const load = sql(
      `DO $$ BEGIN FOR turn IN 1..2500 LOOP INSERT INTO people VALUES (turn, 'somebody'); COMMIT; PERFORM pg_sleep(0.005); END LOOP; END $$`,
    );
    expect(await archived.program('run', 'incr')).toMatchObject({ code: 0 });
    await load;
    await sent();
    const { report, signed, failure } = await drilled.drill();
    expect(failure).toBeUndefined();
    expect(report.checks).toEqual([
      { name: 'rows of postgres', outcome: 'passed', says: expect.stringContaining('in 1 tables are as at') },
      { name: 'rows of other', outcome: 'passed', says: expect.stringMatching(/^1 rows in 1 tables/) },
      { name: 'log', outcome: 'passed', says: 'no piece is missing up to the newest one' },
      { name: 'migrations', outcome: 'not made', says: 'no release was deployed' },
    ]);
    expect(report.age.log).toBeLessThan(60);
    expect(report.milliseconds.untilServing).toBeGreaterThan(1000);
    const { trusted } = drilled;
    expect(readReport(signed, trusted)).toMatchObject({ signedBy: 'this test' });
    expect(readReport(signed.replace('"passed": true', '"passed": false'), trusted)).toMatchObject({
      signedBy: undefined,
    });
    expect(await lastDrill(archived.asHost(), report.environment, trusted)).toEqual({
      at: report.begun,
      passed: true,
      signedBy: 'this test',
      unchecked: report.checks.flatMap(({ name, outcome, says }) =>
        outcome === 'not made' ? [`${name}: ${says}`] : [],
      ),
      doubtful: [],
    });
    expect(await drilled.left()).toBe('');
  }, 200_000);

  it('answers for any moment: of two transactions, the one before it is there and the other is not', async () => {
    await sql("CREATE TABLE trace (what text); INSERT INTO trace VALUES ('one');");
    const between = new Date(
      await sql('SELECT to_char(clock_timestamp(), \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\')'),
    );
    await sql("SELECT pg_sleep(0.1); INSERT INTO trace VALUES ('two');");
    await sent();
    await drilled.leave();
    const answer = await drilled.answer({ kind: 'time', at: between }, 'SELECT what FROM trace');
    expect(answer).toBe('one');
    // What a drill that was killed has left went with this one; and no copy has written into the archive.
    expect(await drilled.left()).toBe('');
    expect((await archived.pgbackrest('--recurse', 'repo-ls', 'archive/cogni')).stdout).not.toContain(
      '00000002',
    );
  }, 120_000);

  it('fails, and names the table, when the copy is not what was recorded', async () => {
    const label = (await archived.judgement()).newestGood?.label ?? '';
    const path = `checkpoint/cogni/${label}.json`;
    const recorded = await archived.stored(path);
    await archived.put(path, recorded.replace(/("table" : "things", "rows" : )1/, '$12'));
    const { failure, report } = await drilled.drill();
    expect(report.passed).toBe(false);
    expect(failure?.message).toMatch(/compare the database other/);
    expect(failure?.message).toMatch(
      /"schema" : "public", "table" : "things": recorded, "rows" : 2.*found, "rows" : 1/,
    );
    expect(failure?.exitCode).toBe(1);
    expect(await drilled.left()).toBe('');
  }, 120_000);
});
