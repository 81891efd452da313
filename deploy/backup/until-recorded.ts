import type { Clock } from '../../foundation/clock';
import { backupUnderWay } from '../../services';
import type { Transport } from '../transport';
import { lookNow } from './commands';

/** Milliseconds. Everything in the archive is read back first, which may take long: whoever waits does without it then. */
const patience = 15 * 60_000;
const pause = 3_000;

/**
 * Waits until what the newest backup holds is recorded beside it: a backup counts as good right before that, and a drill that comes
 * in between has nothing to compare with. What the host would do at its next look is done now where that has not begun.
 *
 * @returns why it is not recorded; undefined where it is, or where nothing of it is left to be done
 * @throws the signal's reason, when it is aborted
 */
export async function untilRecorded(
  transport: Transport,
  clock: Clock,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const given = clock.now().getTime() + patience;
  for (;;) {
    const { code, stderr, timedOut } = await transport.run(lookNow, signal ? { signal } : {});
    signal?.throwIfAborted();
    if (code === 0) return undefined;
    if (code !== backupUnderWay) {
      const cut = timedOut || code === null ? 'its look was cut off' : `its look ended with ${code}`;
      return stderr.trim().split('\n').at(-1) || cut;
    }
    if (clock.now().getTime() > given) return 'a backup is still under way, or being read back';
    await clock.sleep(pause, signal);
  }
}
