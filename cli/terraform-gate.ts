import { systemClock, type Clock } from '../foundation/clock';
import { reportThrown, type OutputOptions } from './output';

/**
 * Milliseconds between the last line of a failed gate and its end. cdktf runs Terraform in a pseudo-terminal and closes
 * it 200 ms after Terraform has ended, read to its end or not (node-pty, `DESTROY_SOCKET_TIMEOUT_MS`): on a busy
 * machine the lines that say what to do are the ones that get lost.
 */
const timeToBeRead = 1_000;

/** Whether this process is the provisioner of Terraform's gate (`infra/bootstrap-gate.ts`). */
const isGate = (): boolean => process.env['COGNI_USER_DATA'] !== undefined;

/**
 * Runs the work of a gate. When it fails in Terraform's hands, its report is printed at once and the process ends
 * {@link timeToBeRead} later, with the exit code of the failure; anywhere else the failure goes its usual way.
 */
export async function readableToItsEnd(
  options: OutputOptions,
  work: () => Promise<void>,
  clock: Pick<Clock, 'sleep'> = systemClock,
): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    if (!isGate()) throw thrown;
    process.exitCode = reportThrown(thrown, options);
    await clock.sleep(timeToBeRead);
  }
}
