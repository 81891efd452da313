import type { LoadReport } from './load';

/** The value that this part of them does not exceed (nearest rank): 0.99 for the 99th percentile. NaN where there are none. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}

/** Milliseconds of the fast requests that were sent in these seconds (Unix time), all together. */
export const fastIn = (report: LoadReport, isAmong: (second: number) => boolean): readonly number[] =>
  Object.entries(report.fastBySecond).flatMap(([second, values]) => (isAmong(Number(second)) ? values : []));
