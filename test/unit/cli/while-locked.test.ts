import { whileLocked } from '../../../cli/while-locked';
import { ExitCode, Failure } from '../../../foundation/failure';
import { progressTo, type ProgressEvent } from '../../../foundation/progress';
import { fakeClock } from '../deploy/fake-clock';

const held = new Failure({ what: 'the state is held', next: 'wait', exitCode: ExitCode.locked });

/** Does something that is held that many times first. */
function attempt(times: number, thrown: Error = held, signal = new AbortController().signal) {
  const told: ProgressEvent[] = [];
  const clock = fakeClock();
  let tries = 0;
  const work = (): Promise<string> =>
    (tries += 1) > times ? Promise.resolve('done') : Promise.reject(thrown);
  const result = whileLocked(
    progressTo((event) => told.push(event)),
    signal,
    work,
    clock,
  );
  return { result, told, tries: () => tries };
}

describe('what another run holds', () => {
  it('is waited for, and said once', async () => {
    const { result, told, tries } = attempt(3);
    await expect(result).resolves.toBe('done');
    expect(tries()).toBe(4);
    expect(told).toEqual([{ kind: 'note', text: 'the state is held: waiting until it has ended' }]);
  });

  it('is not waited for when it is no lock that stands in the way', async () => {
    const { result, tries } = attempt(3, new Failure({ what: 'it broke', next: 'mend it' }));
    await expect(result).rejects.toThrow('it broke');
    expect(tries()).toBe(1);
  });

  it('is not waited for without end, and not by a run that was cancelled', async () => {
    await expect(attempt(Number.POSITIVE_INFINITY).result).rejects.toThrow('the state is held');
    const cancelled = attempt(3, held, AbortSignal.abort());
    await expect(cancelled.result).rejects.toThrow('aborted');
    expect(cancelled.tries()).toBe(1);
  });
});
