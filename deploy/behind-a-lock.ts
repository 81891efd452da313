import type { Output } from '../foundation/process';
import type { RemoteCommand } from './transport';

/** What flock(1) ends with when somebody else has the lock. */
export const taken = 75;

/** The program that a command is about, for failures: flock(1) and timeout(1) in front of it are only how it waits for its like. */
export function programOf({ argv }: Pick<RemoteCommand, 'argv'>): string {
  const behind = behindItsLock(argv);
  if (behind === undefined) return argv[0];
  return (behind[0] === 'timeout' ? behind[3] : behind[0]) ?? argv[0];
}

/** How the program of a command ended: timeout(1) behind a lock tells by its exit code that there was no time left. */
export function endOf({ argv }: Pick<RemoteCommand, 'argv'>, output: Output): Output {
  const timedOut = behindItsLock(argv)?.[0] === 'timeout' && outOfTime.some((code) => code === output.code);
  return timedOut ? { ...output, timedOut } : output;
}

/** What timeout(1) ends with where the program had to be told to end, and where it did not hear that. */
const outOfTime = [124, 137] as const;

/** Whether another run is at work under the lock of a command, which was not begun then. */
export const isKeptOut = ({ argv }: Pick<RemoteCommand, 'argv'>, { code }: Output): boolean =>
  code === taken && behindItsLock(argv) !== undefined;

/** What flock(1) runs: behind the exit code and the lock. */
function behindItsLock(argv: RemoteCommand['argv']): readonly string[] | undefined {
  const option = argv[0] === 'flock' ? argv.indexOf('--conflict-exit-code') : -1;
  return option === -1 ? undefined : argv.slice(option + 3);
}
