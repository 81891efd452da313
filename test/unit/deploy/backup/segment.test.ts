import fc from 'fast-check';
import { gapsOf } from '../../../../deploy/backup/segment';

const name = (timeline: number, position: number): string =>
  [timeline, Math.floor(position / 256), position % 256]
    .map((part) => part.toString(16).toUpperCase().padStart(8, '0'))
    .join('');
const run = (from: number, to: number, timeline = 1): string[] =>
  Array.from({ length: to - from + 1 }, (_, step) => name(timeline, from + step));
const server = (current: number, waiting: readonly string[] = []): Parameters<typeof gapsOf>[1] => ({
  current: name(1, current),
  waiting,
});

describe('the gaps of an archive', () => {
  it('are none where every segment follows the one before, also from one log to the next', () => {
    expect(gapsOf(run(250, 260), server(261))).toEqual([]);
  });

  it('are named by the segments around them, with how many are missing', () => {
    expect(gapsOf([...run(1, 5), ...run(9, 12)], server(13))).toEqual([
      { after: name(1, 5), before: name(1, 9), missing: 3 },
    ]);
  });

  it('are not what the server still waits to send: several are sent at once, in any order', () => {
    const archived = [...run(1, 5), ...run(7, 8)];
    expect(gapsOf(archived, server(9, [name(1, 6)]))).toEqual([]);
    expect(gapsOf([...run(1, 5), ...run(9, 9)], server(10, run(6, 7)))).toEqual([
      { after: name(1, 5), before: name(1, 9), missing: 1 },
    ]);
  });

  it('are not behind what the server had begun when it was asked', () => {
    expect(gapsOf([...run(1, 5), ...run(7, 8)], server(6))).toEqual([]);
  });

  it('are not where a new timeline begins in the middle of the one before', () => {
    const archived = [...run(1, 8), ...run(6, 9, 2)];
    expect(gapsOf(archived, undefined)).toEqual([]);
    expect(gapsOf([...run(1, 8), ...run(11, 12, 2)], undefined)).toMatchObject([{ missing: 2 }]);
  });

  it('hold exactly the segments that were taken out, wherever they were', () => {
    const taken = fc.uniqueArray(fc.integer({ min: 1, max: 598 }), { maxLength: 40 });
    fc.assert(
      fc.property(taken, (positions) => {
        const archived = run(0, 599).filter((_, position) => !positions.includes(position));
        const missing = gapsOf(archived, server(600)).reduce((sum, gap) => sum + gap.missing, 0);
        expect(missing).toBe(positions.length);
      }),
    );
  });
});
