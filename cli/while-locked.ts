import { systemClock, type Clock } from '../foundation/clock';
import { ExitCode, Failure } from '../foundation/failure';
import type { Progress } from '../foundation/progress';

/** Milliseconds for which another run is waited for. */
const patience = 90 * 60_000;

/**
 * Does something again and again while another run holds what it needs: one that was killed leaves Terraform to end by itself, and its lock
 * with it.
 *
 * @throws Failure as the work does; also the one of a lock (exit code 4), when it is held for too long
 */
export async function whileLocked<T>(
  progress: Progress,
  signal: AbortSignal,
  work: () => Promise<T>,
  clock: Pick<Clock, 'monotonic' | 'sleep'> = systemClock,
): Promise<T> {
  const until = clock.monotonic() + patience;
  for (let said = false; ; said = true) {
    try {
      return await work();
    } catch (thrown) {
      const isLocked = thrown instanceof Failure && thrown.exitCode === ExitCode.locked;
      if (!isLocked || clock.monotonic() > until) throw thrown;
      if (!said) progress.note(`${thrown.what}: waiting until it has ended`);
      await clock.sleep(5_000, signal);
    }
  }
}
