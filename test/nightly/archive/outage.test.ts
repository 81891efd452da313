import { policyOf } from '../../../services';
import { archive as example } from '../../unit/services/archive/archive';
import { eventually } from '../../contract/images/harness';
import { ArchivedRuntime } from '../../tool/services/archive/archived-runtime';
import { Drilled } from '../../tool/services/archive/drilled';
import { askOffHost } from '../../tool/services/archive/off-host';

/** The object storage is gone for longer than the log that waits for it may grow. */
describe('an archive that is away for too long', () => {
  let archived: ArchivedRuntime;

  // One story, in order: each part begins where the one before ended.
  beforeAll(async () => {
    archived = await ArchivedRuntime.prepare();
    expect(await archived.runtime.up('postgres')).toMatchObject({ code: 0 });
    expect(await archived.runtime.up('backup')).toMatchObject({ code: 0 });
    await eventually(async () => {
      expect((await archived.judgement()).newestGood).toBeDefined();
    }, 120);
  }, 900_000);
  afterAll(() => archived.remove(), 60_000);

  const sql = (statement: string): Promise<string> => archived.runtime.asRoot(statement, 'postgres');
  const waiting = async (): Promise<number> =>
    Number(await sql("SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'"));
  let started: string;

  it('lets the database serve on, without a restart, while log waits', async () => {
    started = await sql('SELECT pg_postmaster_start_time()');
    await sql('CREATE TABLE load (number int)');
    await archived.storage('stop');
    for (let segment = 1; segment <= 20; segment++) {
      await sql(`INSERT INTO load VALUES (${segment}); SELECT pg_switch_wal();`);
    }
    expect(await waiting()).toBeGreaterThanOrEqual(16);
    // At least one attempt has failed by then, in a process of its own.
    await eventually(async () => {
      expect(Number(await sql('SELECT failed_count FROM pg_stat_archiver'))).toBeGreaterThan(0);
    }, 120);
    expect(await sql('SELECT pg_postmaster_start_time()')).toBe(started);
    expect((await archived.runtime.compose('logs', '--no-color', 'postgres')).stdout).not.toMatch(
      /reinitializing|was not properly shut down/,
    );
  });

  it('drops what is over the limit, so that the disk does not fill', async () => {
    await eventually(async () => {
      expect(await waiting()).toBeLessThan(16);
    }, 240);
    expect(await sql('SELECT count(*) FROM load')).toBe('20');
  });

  it('leaves a gap, which is named, and behind which no moment is offered', async () => {
    await archived.storage('start');
    await eventually(async () => {
      await sql('INSERT INTO load VALUES (0); SELECT pg_switch_wal();');
      const { gaps, newestGood, alarms } = await archived.judgement();
      expect(gaps).toEqual([expect.objectContaining({ closed: false })]);
      expect(alarms.join('\n')).toMatch(/segments of the log are missing or damaged between/);
      expect(newestGood?.until).toEqual(gaps[0]?.from);
    }, 120);
  });

  it('is closed by a full backup, which what makes backups knows to be due', async () => {
    const due = await archived.program('due');
    const already = (await archived.judgement()).gaps.every(({ closed }) => closed);
    expect(already ? 'full\n' : due.stdout).toBe('full\n');
    expect([0, 4]).toContain((await archived.program('run', 'full')).code);
    await eventually(async () => {
      const { gaps, alarms, newestGood } = await archived.judgement();
      expect(gaps).toEqual([expect.objectContaining({ closed: true })]);
      expect(newestGood?.type).toBe('full');
      expect(alarms).toEqual([]);
    }, 120);
    expect(await sql('SELECT pg_postmaster_start_time()')).toBe(started);
  });
});

/** As an environment has it that says nothing of it. */
const { timeout, backlog } = policyOf(example);

/** Pieces of log that are begun in an hour, also where little is written. */
const piecesOfAnHour = 3600 / timeout;

describe(`an archive that is away for an hour, with the usual backlog of ${backlog} MiB`, () => {
  let archived: ArchivedRuntime;

  // One story, in order: each part begins where the one before ended.
  beforeAll(async () => {
    archived = await ArchivedRuntime.prepare({ timeout, backlog });
    expect(await archived.runtime.up('postgres')).toMatchObject({ code: 0 });
    expect(await archived.runtime.up('backup')).toMatchObject({ code: 0 });
    await eventually(async () => {
      expect((await archived.judgement()).newestGood).toBeDefined();
    }, 120);
    await sql('CREATE TABLE load (number int)');
    await archived.ship();
  }, 900_000);
  afterAll(() => archived.remove(), 60_000);

  const sql = (statement: string): Promise<string> => archived.runtime.asRoot(statement, 'postgres');
  const waiting = async (): Promise<number> =>
    Number(await sql("SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'"));
  const failures = async (): Promise<number> =>
    Number(await sql('SELECT failed_count FROM pg_stat_archiver'));
  let newest: string | undefined;
  let started: string;

  it('keeps all pieces of that hour, and goes on serving', async () => {
    newest = (await archived.judgement()).newestGood?.label;
    started = await sql('SELECT pg_postmaster_start_time()');
    await archived.storage('stop');
    const atOnce = 20;
    for (let piece = 1; piece <= piecesOfAnHour; piece += atOnce) {
      await sql(`DO $$ BEGIN FOR piece IN ${piece}..${piece + atOnce - 1} LOOP
        INSERT INTO load VALUES (piece); PERFORM pg_switch_wal(); COMMIT; END LOOP; END $$`);
    }
    // Whether to drop is decided at each attempt: two more have failed since the last piece was written.
    const failed = await failures();
    await eventually(async () => expect(await failures()).toBeGreaterThan(failed + 1), 300);
    expect(await waiting()).toBeGreaterThanOrEqual(piecesOfAnHour);
    expect(await sql('SELECT count(*) FROM load')).toBe(`${piecesOfAnHour}`);
    expect(await sql('SELECT pg_postmaster_start_time()')).toBe(started);
  }, 900_000);

  it('gets all of it when it is back, so that there is no gap and no full backup is needed', async () => {
    await archived.storage('start');
    await eventually(async () => expect(await waiting()).toBeLessThan(3), 300);
    await archived.ship();
    await sql('INSERT INTO load VALUES (0)');
    await archived.ship();
    expect(await archived.program('look')).toMatchObject({ code: 0 });
    const { gaps, alarms, newestGood } = await archived.judgement();
    expect({ gaps, alarms, newest: newestGood?.label }).toEqual({ gaps: [], alarms: [], newest });
    const drilled = await Drilled.of(archived);
    const { answer } = await askOffHost(drilled, undefined, 'SELECT count(*) FROM load');
    expect(answer.trim()).toBe(`${piecesOfAnHour + 1}`);
    await drilled.remove();
    expect(await sql('SELECT pg_postmaster_start_time()')).toBe(started);
  }, 900_000);
});
