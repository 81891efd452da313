import fc from 'fast-check';
import { keptBy, type Keep } from '../../../../services';
import { keepFaults } from '../../../../services/archive/keep';

const at = (text: string): Date => new Date(`${text}Z`);
const kept = (times: readonly string[], keep: Keep): readonly (readonly string[])[] =>
  keptBy(times.map(at), keep);

describe('a retention in restic’s words', () => {
  it('keeps the newest so many with "last"', () => {
    const times = ['2026-01-01T01:00', '2026-01-01T03:00', '2026-01-01T02:00'];
    expect(kept(times, { last: 2 })).toEqual([[], ['last'], ['last']]);
  });

  it('keeps the newest of each day, by UTC', () => {
    const times = ['2026-01-01T23:59', '2026-01-02T00:01', '2026-01-02T22:00', '2026-01-03T00:00'];
    expect(kept(times, { daily: 2 })).toEqual([[], [], ['daily'], ['daily']]);
  });

  it('begins weeks on Monday, also across a year', () => {
    // 2026-12-28 is a Monday, 2027-01-03 the Sunday of the same week.
    const times = ['2026-12-27T12:00', '2026-12-28T12:00', '2027-01-03T12:00', '2027-01-04T12:00'];
    expect(kept(times, { weekly: 3 })).toEqual([['weekly'], [], ['weekly'], ['weekly']]);
  });

  it('skips periods that have none: a host that was off loses nothing by it', () => {
    const times = ['2024-05-01T12:00', '2026-01-01T12:00'];
    expect(kept(times, { monthly: 2, yearly: 1 })).toEqual([['monthly'], ['monthly', 'yearly']]);
  });

  it('keeps no more than it was told, and the newest always, whatever the times are', () => {
    const times = fc.array(
      fc.date({ min: at('2020-01-01T00:00'), max: at('2030-01-01T00:00'), noInvalidDate: true }),
      {
        minLength: 1,
        maxLength: 60,
      },
    );
    const count = fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined });
    const policy = fc.record({
      last: fc.integer({ min: 1, max: 8 }),
      daily: count,
      weekly: count,
      monthly: count,
    });
    fc.assert(
      fc.property(times, policy, (dates, { last, daily, weekly, monthly }) => {
        const keep: Keep = {
          last,
          ...(daily === undefined ? {} : { daily }),
          ...(weekly === undefined ? {} : { weekly }),
          ...(monthly === undefined ? {} : { monthly }),
        };
        const rules = keptBy(dates, keep);
        for (const name of ['last', 'daily', 'weekly', 'monthly'] as const) {
          expect(rules.filter((of) => of.includes(name)).length).toBeLessThanOrEqual(keep[name] ?? 0);
        }
        const newest = Math.max(...dates.map(Number));
        expect(rules.some((of, index) => Number(dates[index]) === newest && of.includes('last'))).toBe(true);
      }),
    );
  });

  it('is refused when it would keep nothing, or a number is none', () => {
    expect(keepFaults({})).toEqual(['names no rule: nothing would be kept']);
    expect(keepFaults({ daily: 0, weekly: 1.5 })).toEqual([
      'daily is 0, not a whole number from 1 to 1000',
      'weekly is 1.5, not a whole number from 1 to 1000',
    ]);
    expect(keepFaults({ daily: 7, yearly: 1 })).toEqual([]);
  });
});
