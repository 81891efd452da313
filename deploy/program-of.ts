import type { RemoteCommand } from './transport';

/** The program that a command is about, for failures: flock(1) in front of it is only how it waits for its like. */
export function programOf({ argv }: RemoteCommand): string {
  const option = argv[0] === 'flock' ? argv.indexOf('--conflict-exit-code') : -1;
  // Behind the exit code and the lock.
  return (option === -1 ? undefined : argv[option + 3]) ?? argv[0];
}
