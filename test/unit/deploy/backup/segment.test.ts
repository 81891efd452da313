import fc from 'fast-check';
import {
  gapsOf,
  isAllSent,
  joined,
  segmentsBefore,
  type ArchivedRun,
  type Gap,
} from '../../../../deploy/backup/segment';
import { alone } from './log';

const name = (timeline: number, position: number): string =>
  [timeline, Math.floor(position / 256), position % 256]
    .map((part) => part.toString(16).toUpperCase().padStart(8, '0'))
    .join('');
const run = (from: number, to: number, timeline = 1): string[] =>
  Array.from({ length: to - from + 1 }, (_, step) => name(timeline, from + step));
type Server = Parameters<typeof gapsOf>[1];
const server = (current: number, waiting: readonly string[] = []): Server => ({
  current: name(1, current),
  waiting,
});
const archivedOf = (names: readonly string[]): readonly ArchivedRun[] =>
  names.map((each, index) => alone(each, new Date(index)));
/** Of segments one by one. */
const gaps = (names: readonly string[], asked: Server): readonly Gap[] => gapsOf(archivedOf(names), asked);

describe('what is left to send', () => {
  const sent = archivedOf(run(1, 9));

  it('is nothing where the archive has all up to the segment that is written', () => {
    expect(isAllSent(sent, { current: name(1, 10), waiting: [] })).toBe(true);
    expect(isAllSent(sent, { current: name(1, 9), waiting: [] })).toBe(true);
  });

  it('is what waits, what was dropped, and all of a new timeline', () => {
    expect(isAllSent(sent, { current: name(1, 10), waiting: [name(1, 5)] })).toBe(false);
    expect(isAllSent(sent, { current: name(1, 12), waiting: [] })).toBe(false);
    expect(isAllSent(sent, { current: name(2, 10), waiting: [] })).toBe(false);
    expect(isAllSent([], { current: name(1, 1), waiting: [] })).toBe(false);
  });
});

describe('the gaps of an archive', () => {
  it('are none where every segment follows the one before, also from one log to the next', () => {
    expect(gaps(run(250, 260), server(261))).toEqual([]);
  });

  it('are named by the segments around them, with how many are missing', () => {
    expect(gaps([...run(1, 5), ...run(9, 12)], server(13))).toEqual([
      { after: name(1, 5), before: name(1, 9), missing: 3 },
    ]);
  });

  it('are not what the server still waits to send: several are sent at once, in any order', () => {
    const archived = [...run(1, 5), ...run(7, 8)];
    expect(gaps(archived, server(9, [name(1, 6)]))).toEqual([]);
    expect(gaps([...run(1, 5), ...run(9, 9)], server(10, run(6, 7)))).toEqual([
      { after: name(1, 5), before: name(1, 9), missing: 1 },
    ]);
  });

  it('are not behind what the server had begun when it was asked', () => {
    expect(gaps([...run(1, 5), ...run(7, 8)], server(6))).toEqual([]);
  });

  it('are not where a new timeline begins in the middle of the one before', () => {
    const archived = [...run(1, 8), ...run(6, 9, 2)];
    expect(gaps(archived, undefined)).toEqual([]);
    expect(gaps([...run(1, 8), ...run(11, 12, 2)], undefined)).toMatchObject([{ missing: 2 }]);
  });

  it('hold exactly the segments that were taken out, wherever they were', () => {
    const taken = fc.uniqueArray(fc.integer({ min: 1, max: 598 }), { maxLength: 40 });
    fc.assert(
      fc.property(taken, (positions) => {
        const archived = run(0, 599).filter((_, position) => !positions.includes(position));
        const missing = gaps(archived, server(600)).reduce((sum, gap) => sum + gap.missing, 0);
        expect(missing).toBe(positions.length);
      }),
    );
  });
});

describe('the log of an archive', () => {
  it('is put together where it is without a break, whatever the order, and each timeline by itself', () => {
    const names = [...run(250, 260), ...run(262, 263), ...run(258, 259, 2)];
    expect(joined(archivedOf([...names].reverse())).map(({ first, last }) => [first, last])).toEqual([
      [name(1, 250), name(1, 260)],
      [name(1, 262), name(1, 263)],
      [name(2, 258), name(2, 259)],
    ]);
    const [one] = joined([
      { ...alone(name(1, 5), new Date(5)), last: name(1, 9), to: new Date(9) },
      { ...alone(name(1, 7), new Date(7)), last: name(1, 8), to: new Date(8) },
    ]);
    expect(one).toEqual({ first: name(1, 5), last: name(1, 9), from: new Date(5), to: new Date(9) });
  });

  it('is counted up to a segment as if each were listed', () => {
    const names = [...run(1, 5), ...run(8, 12), ...run(10, 14, 2)];
    for (const until of [name(1, 1), name(1, 4), name(1, 7), name(1, 9), name(2, 11), name(3, 1)])
      expect(segmentsBefore(archivedOf(names), until)).toBe(names.filter((each) => each < until).length);
  });
});
