import { fastIn, quantile } from '../../../../sandbox/load/latency';
import type { LoadReport } from '../../../../sandbox/load/load';

describe('the quantile of measured times', () => {
  it.each([
    [0.5, 50],
    [0.99, 99],
    [1, 100],
    [0, 1],
  ])('at %s is the value that this part of them does not exceed', (part, expected) => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(quantile(values, part)).toBe(expected);
  });

  it('of nothing is no number, which fails every comparison', () => {
    expect(quantile([], 0.99)).toBeNaN();
  });
});

it('times of chosen seconds are taken together, whenever they were measured', () => {
  const report = { fastBySecond: { 10: [1, 2], 11: [3], 12: [4] } } as unknown as LoadReport;
  expect(fastIn(report, (second) => second !== 11)).toEqual([1, 2, 4]);
});
