import { Attempts, keepTrying } from '../../../deploy/attempts';
import { fakeClock } from './fake-clock';

const failing = (...reasons: (string | undefined)[]): (() => Promise<string | undefined>) => {
  const left = [...reasons];
  return () => Promise.resolve(left.length > 1 ? left.shift() : left[0]);
};

const reasonsOf = async (work: Promise<void>): Promise<readonly string[]> => {
  const thrown: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(thrown instanceof Attempts)) throw new Error(`not Attempts: ${String(thrown)}`);
  return thrown.reasons;
};

describe('trying again', () => {
  test('ends at the first success', async () => {
    const clock = fakeClock();
    await keepTrying(failing('no', 'no', undefined), { every: 1000, within: 60_000 }, clock);
    expect(clock.monotonic()).toBe(2000);
  });

  test('wants as many successes in a row as are asked for', async () => {
    const clock = fakeClock();
    const attempt = failing(undefined, undefined, 'flaky', undefined);
    await keepTrying(attempt, { every: 1000, within: 60_000, inARow: 3 }, clock);
    expect(clock.monotonic()).toBe(5000);
  });

  test('keeps every reason, equal ones in a row as one line with times', async () => {
    const attempt = failing('502', '502', '502', 'wrong version', '502');
    expect(await reasonsOf(keepTrying(attempt, { every: 2000, within: 9000 }, fakeClock()))).toEqual([
      '3 times, 0 s to 4 s: 502',
      'after 6 s: wrong version',
      'after 8 s: 502',
    ]);
  });

  test('tries once even when there is no time at all', async () => {
    expect(await reasonsOf(keepTrying(failing('no'), { every: 1, within: 0 }, fakeClock()))).toEqual([
      'after 0 s: no',
    ]);
  });

  test('never sleeps past its end', async () => {
    const clock = fakeClock();
    await reasonsOf(keepTrying(failing('no'), { every: 4000, within: 10_000 }, clock));
    expect(clock.monotonic()).toBe(8000);
  });

  test('tells each attempt how long it may take, so that none goes on past the end', async () => {
    const clock = fakeClock();
    const given: number[] = [];
    const hangs = (left: () => number): Promise<string> => {
      given.push(left());
      clock.advance(Math.min(4000, left()));
      return Promise.resolve(left() === 0 ? 'ended with the time' : 'hung');
    };
    expect(await reasonsOf(keepTrying(hangs, { every: 1000, within: 12_000 }, clock))).toEqual([
      '2 times, 0 s to 5 s: hung',
      'after 10 s: ended with the time',
    ]);
    expect(given).toEqual([12_000, 7000, 2000]);
    expect(clock.monotonic()).toBe(12_000);
  });

  test('ends with the reason of the signal when it is cancelled', async () => {
    const abort = new AbortController();
    const attempt = (): Promise<string> => {
      abort.abort(new Error('Ctrl-C'));
      return Promise.resolve('no');
    };
    await expect(
      keepTrying(attempt, { every: 1000, within: 60_000 }, fakeClock(), abort.signal),
    ).rejects.toThrow('Ctrl-C');
  });
});
