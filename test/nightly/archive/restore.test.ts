import { eventually } from '../../contract/images/harness';
import { ArchivedRuntime } from '../../tool/services/archive/archived-runtime';
import { Drilled } from '../../tool/services/archive/drilled';
import { RestoredHost } from '../../tool/services/archive/restored';

const rows = 1_000_000;

describe('a database of some size', () => {
  let archived: ArchivedRuntime;
  let drilled: Drilled;
  let host: RestoredHost;
  beforeAll(async () => {
    archived = await ArchivedRuntime.prepare();
    const { runtime } = archived;
    expect(await runtime.up('postgres')).toMatchObject({ code: 0 });
    expect(await runtime.up('backup')).toMatchObject({ code: 0 });
    expect(await runtime.job('db-provision')).toMatchObject({ code: 0 });
    expect(await runtime.job('db-migrate')).toMatchObject({ code: 0 });
    expect(await runtime.up('app-a')).toMatchObject({ code: 0 });
    drilled = await Drilled.of(archived);
    host = new RestoredHost(archived, drilled.place);
    await sql(
      `CREATE TABLE bulk AS SELECT n, repeat(md5(n::text), 8) AS text FROM generate_series(1, ${rows}) n; CREATE TABLE trace (what text);`,
    );
    await eventually(async () => {
      expect((await archived.judgement()).newestGood).toBeDefined();
    }, 240);
    expect(await archived.program('run', 'full')).toMatchObject({ code: 0 });
  }, 900_000);
  afterAll(async () => {
    host.remove();
    await drilled.remove();
    await archived.remove();
  }, 60_000);

  const sql = (statement: string): Promise<string> => archived.runtime.asRoot(statement, 'postgres');
  const traced = (): Promise<string> => sql("SELECT string_agg(what, ' ' ORDER BY what) FROM trace");
  const sent = async (): Promise<void> => {
    await sql('SELECT pg_switch_wal()');
    const written = await sql('SELECT pg_walfile_name(pg_current_wal_lsn() - 1)');
    await eventually(async () => {
      expect(await sql(`SELECT last_archived_wal >= '${written}' FROM pg_stat_archiver`)).toBe('t');
    }, 60);
  };

  it('is brought to a moment between two transactions, and is backed up on from there without a gap', async () => {
    await sql("INSERT INTO trace VALUES ('a: before');");
    const moment = await sql('SELECT clock_timestamp()');
    await sql("INSERT INTO trace VALUES ('b: behind');");
    await sent();
    const at = new Date(`${moment.replace(' ', 'T')}:00`);
    expect(await host.restore({ kind: 'time', at })).toMatchObject({ serves: true, keeps: true });
    expect(await traced()).toBe('a: before');
    expect(await sql('SELECT count(*) FROM bulk')).toBe(String(rows));
    expect(await archived.program('run', 'full')).toMatchObject({ code: 0 });
    const { newestGood, gaps, alarms } = await archived.judgement();
    expect(newestGood).toMatchObject({ type: 'full', good: true });
    expect(newestGood?.log.start).toMatch(/^00000002/);
    expect([gaps, alarms]).toEqual([[], []]);
  }, 600_000);

  it('is had again as it was last, along the timeline of that restore, where its server does not come up any more', async () => {
    await sql("INSERT INTO trace VALUES ('c: last');");
    await sent();
    await archived.runtime.compose('stop', 'postgres');
    await expect(host.restore({ kind: 'end' })).rejects.toThrow('--without-backup test-cogni');
    const restored = await host.restore({ kind: 'end' }, undefined, true);
    expect(restored).toMatchObject({ serves: true, keeps: true });
    expect(await traced()).toBe('a: before c: last');
    await sql("INSERT INTO trace VALUES ('d: on the third timeline');");
    expect(await host.undo(restored.id)).toMatchObject({ serves: true });
    expect(await traced()).toBe('a: before c: last');
    expect(await archived.program('run', 'full')).toMatchObject({ code: 0 });
    expect((await archived.judgement()).alarms).toEqual([]);
  }, 600_000);
});
