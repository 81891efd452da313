import type { Clock } from '../foundation/clock';
import type { Retry } from './step';

/** Tries that came to nothing, one line for each run of equal reasons: all of them are kept for the error. */
export class Attempts extends Error {
  override readonly name = 'Attempts';

  constructor(readonly reasons: readonly string[]) {
    super(reasons.at(-1) ?? 'no attempt was made');
  }
}

/**
 * Tries until it comes out right as often in a row as is asked for.
 *
 * @param attempt gives why it did not come out right, or undefined when it did. It may take as long as `left` says,
 *   in milliseconds: none is to go on past the end.
 * @throws Attempts with every reason when time is over; the signal's reason when that is aborted.
 */
export async function keepTrying(
  attempt: (left: () => number) => Promise<string | undefined>,
  retry: Retry,
  clock: Clock,
  signal?: AbortSignal,
): Promise<void> {
  const started = clock.monotonic();
  const left = (): number => Math.max(0, Math.ceil(started + retry.within - clock.monotonic()));
  const tries: { reason: string; at: number }[] = [];
  let inARow = 0;
  for (;;) {
    signal?.throwIfAborted();
    const at = clock.monotonic() - started;
    const reason = await attempt(left);
    inARow = reason === undefined ? inARow + 1 : 0;
    if (inARow >= (retry.inARow ?? 1)) return;
    tries.push({ reason: reason ?? 'came out as expected', at });
    if (clock.monotonic() - started + retry.every > retry.within) throw new Attempts(condensed(tries));
    await clock.sleep(retry.every, signal).catch((thrown: unknown) => {
      signal?.throwIfAborted();
      throw thrown;
    });
  }
}

/** `3 times, 0 s to 4 s: reason` */
function condensed(tries: readonly { reason: string; at: number }[]): string[] {
  const runs: { reason: string; times: number; from: number; to: number }[] = [];
  for (const { reason, at } of tries) {
    const last = runs.at(-1);
    if (last?.reason === reason) {
      last.times += 1;
      last.to = at;
    } else runs.push({ reason, times: 1, from: at, to: at });
  }
  return runs.map(({ reason, times, from, to }) =>
    times === 1
      ? `after ${seconds(from)}: ${reason}`
      : `${times} times, ${seconds(from)} to ${seconds(to)}: ${reason}`,
  );
}

const seconds = (milliseconds: number): string => `${Math.round(milliseconds / 1000)} s`;
