import type { RunAction } from '../step';
import type { RemoteCommand } from '../transport';
import { taken } from './hold';

/**
 * A command that waits until another one under the same lock has ended. The lock of a run is free as soon as that run is gone, but what
 * it had begun on the host goes on: whatever must not work beside its like has a lock for itself as well. Its processes inherit the
 * lock, so it is free when the last of them has ended.
 *
 * @param lock file on the host, made where it is missing
 * @returns the command, which waits for as long as it may itself take (its deadline becomes twice that), and then ends with the exit
 *   code of {@link busy}
 */
export const oneAtATime = ({ argv, stdin, deadline }: RemoteCommand, lock: string): RemoteCommand => ({
  argv: [
    'flock',
    ...[
      '--timeout',
      String(Math.ceil(deadline / 1000)),
      '--conflict-exit-code',
      String(taken),
      lock,
      ...argv,
    ],
  ],
  ...(stdin === undefined ? {} : { stdin }),
  deadline: 2 * deadline,
});

/**
 * How such a command says that it waited in vain.
 *
 * @param program that is still at work, such as `Docker Compose`
 * @param at what, such as `the edge`
 */
export const busy = (program: string, at: string): Pick<RunAction, 'taken'> => ({
  taken: {
    exit: taken,
    says: `an earlier run has left ${program} at work on the host, and it has not ended`,
    leaves: `${at} is as that one leaves it: this run has done nothing to it`,
  },
});
