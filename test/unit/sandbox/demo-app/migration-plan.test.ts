import { sandboxSource } from '../../../../sandbox/sources';
import { planMigrations, readMigrations } from './demo-app';

const folder = sandboxSource('demo-app', 'migrations');
const all = readMigrations(folder);
const recorded = all.map(({ name, checksum }) => ({ name, checksum }));

describe('the plan of migrations', () => {
  it('is all of them, in the order of their names, for an empty database', () => {
    expect(planMigrations(all, [])).toEqual({ pending: all, faults: [], unknown: [] });
    expect(all.map(({ name }) => name)).toEqual([...all.map(({ name }) => name)].sort());
    expect(all.length).toBeGreaterThanOrEqual(2);
  });

  it('is what is not recorded yet', () => {
    expect(planMigrations(all, recorded.slice(0, 1)).pending).toEqual(all.slice(1));
    expect(planMigrations(all, recorded)).toEqual({ pending: [], faults: [], unknown: [] });
  });

  it('goes on where a newer version has run: an older one may come back', () => {
    const newer = { name: '0099_newer.sql', checksum: 'x' };
    expect(planMigrations(all, [...recorded, newer])).toEqual({
      pending: [],
      faults: [],
      unknown: [newer.name],
    });
  });

  it('is refused for a migration that was changed after it had been applied', () => {
    const changed = recorded.map((row, index) => (index === 0 ? { ...row, checksum: 'other' } : row));
    expect(planMigrations(all, changed).faults).toEqual([
      `${all[0]?.name} was changed after it had been applied`,
    ]);
  });

  it('is refused for a migration that was put before one that is applied', () => {
    expect(planMigrations(all, recorded.slice(1)).faults).toEqual([
      `${all[0]?.name} comes before ${all.at(-1)?.name}, which is applied`,
    ]);
  });

  it('ends with the one that goes wrong on purpose, when that is asked for', () => {
    expect(readMigrations(folder, 'fail').at(-1)?.name).toBe('9999_demo_fail.sql');
    expect(readMigrations(folder, 'hang').slice(0, -1)).toEqual(all);
  });
});
