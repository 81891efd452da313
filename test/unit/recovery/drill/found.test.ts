import { comparisonChecks, migrationCheck, readFound } from '../../../../recovery/drill/found';
import type { Checkpoint } from '../../../../deploy/backup/checkpoint';

const printed = (...lines: readonly object[]): string =>
  ['P00   INFO: restore', ...lines.map((line) => JSON.stringify(line))].join('\n');
const compared = (number: number, wrong = 0): object => ({
  kind: 'compared',
  number,
  tables: 2,
  rows: 10,
  unread: 1,
  wrong,
});
const checkpoint: Checkpoint = {
  backup: 'label',
  system: '1',
  timeline: 1,
  postgres: '15.20',
  databases: [
    { name: 'cogni', point: 'one', at: new Date(0), tables: 2 },
    { name: 'litellm', point: 'two', at: new Date(0), tables: 2 },
  ],
};
const migrations = (...hashes: readonly string[]): string =>
  printed({ kind: 'migrations', table: 'schema_migrations', hashes });

describe('what a copy was found to hold', () => {
  it('passes for each database that was compared and is the same', () => {
    expect(comparisonChecks(readFound(printed(compared(1), compared(2))), checkpoint, true)).toEqual([
      {
        name: 'rows of cogni',
        outcome: 'passed',
        says: '10 rows in 2 tables are as at one, 1 tables were too large to be recorded',
      },
      expect.objectContaining({ name: 'rows of litellm', outcome: 'passed' }),
    ]);
  });

  it('fails where a table differs, and where a database was not compared at all', () => {
    expect(comparisonChecks(readFound(printed(compared(1, 1))), checkpoint, true)).toEqual([
      { name: 'rows of cogni', outcome: 'failed', says: '1 of 2 tables are not as at one' },
      { name: 'rows of litellm', outcome: 'failed', says: 'they were not compared' },
    ]);
  });

  it('fails where nothing was recorded to compare with', () => {
    expect(comparisonChecks(readFound(''), undefined, false)).toEqual([
      expect.objectContaining({ outcome: 'failed' }),
    ]);
  });

  it('passes where there was nothing to compare when it was recorded, and says so', () => {
    expect(comparisonChecks(readFound(''), { ...checkpoint, databases: [] }, true)).toEqual([
      expect.objectContaining({ name: 'rows', outcome: 'passed' }),
    ]);
  });

  it('has the migrations of the release that serves, all of them and no other but of one that was here', () => {
    const wanted = { release: 'preview-1', files: { '0001_a.sql': 'aa', '0002_b.sql': 'bb' } };
    const check = (...hashes: readonly string[]): object =>
      migrationCheck(readFound(migrations(...hashes)), wanted);
    expect(check('aa', 'bb')).toMatchObject({ outcome: 'passed' });
    expect(check('aa')).toMatchObject({
      outcome: 'failed',
      says: expect.stringContaining('0002_b.sql missing'),
    });
    expect(check('aa', 'bb', 'cc')).toMatchObject({
      outcome: 'failed',
      says: expect.stringContaining('1 that'),
    });
    expect(
      migrationCheck(readFound(migrations('aa', 'bb', 'cc')), { ...wanted, others: ['cc'] }),
    ).toMatchObject({ outcome: 'passed', says: expect.stringContaining('1 of another release') });
    expect(migrationCheck(readFound(''), wanted)).toMatchObject({ outcome: 'failed' });
    expect(migrationCheck(readFound(migrations()), { unknown: 'no host' })).toEqual({
      name: 'migrations',
      outcome: 'not made',
      says: 'no host',
    });
  });
});
