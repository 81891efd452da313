import type { Measured } from './bench-compose-report';
import { median } from './figures';

/** Milliseconds by the clock for 1,000 services. */
const longest = 1_000;
/** How many times the processor time of a service among few one among many may take: where growth is not linear, it takes more. */
const mostGrowth = 2;

/** What of the measured figures of `compose` is beyond its bounds, in sentences. Amounts that were not measured are not judged. */
export function beyondBounds(byAmount: Measured['byAmount']): readonly string[] {
  const amounts = [...byAmount].map(([count, { compose = [] }]) => ({
    count,
    clock: median(compose.map(({ milliseconds }) => milliseconds)),
    // Of the processor, since other work on the machine does not count there.
    each: median(compose.map(({ processor }) => processor / count)),
  }));
  const [fewest, ...more] = amounts.sort((one, other) => one.count - other.count);
  const thousand = amounts.find(({ count }) => count === 1_000);
  const faults: string[] = [];
  if (thousand !== undefined && thousand.clock > longest) {
    faults.push(
      `1,000 services took ${thousand.clock.toFixed(1)} ms by the clock, at most ${longest} ms is allowed`,
    );
  }
  for (const { count, each } of more) {
    const growth = each / (fewest?.each ?? Number.NaN);
    if (growth > mostGrowth) {
      const [many, few] = [count, fewest?.count].map((amount) => amount?.toLocaleString('en'));
      faults.push(
        `a service among ${many} took ${growth.toFixed(2)} times the processor time of one among ${few}, at most ${mostGrowth} times is allowed`,
      );
    }
  }
  return faults;
}
