import type { Clock } from '../../../foundation/clock';

/** A clock that moves only when somebody sleeps, and then at once. */
export function fakeClock(
  start = '2026-11-21T08:00:00.000Z',
): Clock & { advance(milliseconds: number): void } {
  let passed = 0;
  return {
    now: () => new Date(Date.parse(start) + passed),
    monotonic: () => passed,
    sleep: (milliseconds, signal) => {
      if (signal?.aborted) return Promise.reject(new Error('aborted'));
      passed += milliseconds;
      return Promise.resolve();
    },
    advance: (milliseconds) => (passed += milliseconds),
  };
}
