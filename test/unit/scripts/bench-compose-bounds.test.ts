import { beyondBounds } from '../../../scripts/bench-compose-bounds';
import type { Figures, Writers } from '../../../scripts/bench-compose-report';

/** Runs of our writer, each of so many milliseconds by the clock and of processor time. */
const ours = (...runs: readonly (readonly [milliseconds: number, processor: number])[]): Writers => ({
  compose: runs.map(([milliseconds, processor]): Figures => ({ milliseconds, processor, bytes: 1, peak: 1 })),
});

describe('the bounds of the compose library’s figures', () => {
  it('hold for 1,000 services in a second, and growth that is twice as steep at the most', () => {
    const measured = new Map([
      [1_000, ours([1_000, 1_500])],
      [10_000, ours([9_000, 30_000])],
    ]);
    expect(beyondBounds(measured)).toEqual([]);
  });

  it('are broken by the median by the clock, told with its value', () => {
    expect(beyondBounds(new Map([[1_000, ours([900, 1], [1_001, 1], [1_300, 1])]]))).toEqual([
      '1,000 services took 1001.0 ms by the clock, at most 1000 ms is allowed',
    ]);
    expect(beyondBounds(new Map([[1_000, ours([900, 1], [1_000, 1], [5_000, 1])]]))).toEqual([]);
  });

  it('are broken by each amount of which a service takes more than twice what it takes among the fewest', () => {
    const measured = new Map([
      [10_000, ours([1, 40_000])],
      [1_000, ours([1, 1_000])],
      [5_000, ours([1, 10_500])],
    ]);
    expect(beyondBounds(measured)).toEqual([
      'a service among 5,000 took 2.10 times the processor time of one among 1,000, at most 2 times is allowed',
      'a service among 10,000 took 4.00 times the processor time of one among 1,000, at most 2 times is allowed',
    ]);
  });

  it('are those of our writer alone, and say nothing of amounts that were not measured', () => {
    const others = ours([9_000, 9_000])['compose'] ?? [];
    expect(beyondBounds(new Map([[1_000, { ...ours([1, 1]), cdk8s: others }]]))).toEqual([]);
    expect(beyondBounds(new Map([[2_000, ours([9_000, 9_000])]]))).toEqual([]);
    expect(beyondBounds(new Map())).toEqual([]);
  });
});
