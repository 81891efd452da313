import { setTimeout as delay } from 'node:timers/promises';

/** Time, injected everywhere: tests hand in one that never sleeps. */
export interface Clock {
  now(): Date;
  /** Milliseconds that only ever grow: for measuring and for deadlines. */
  monotonic(): number;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonic: () => performance.now(),
  sleep: async (milliseconds, signal) => {
    await delay(milliseconds, undefined, signal ? { signal } : {});
  },
};
