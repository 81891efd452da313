import { ExitCode, Failure } from '../../foundation/failure';
import type { Output } from '../../foundation/process';
import { silent, type Progress } from '../../foundation/progress';
import { quick } from '../rolling/commands';
import type { RunAction } from '../step';
import type { RemoteCommand, Transport } from '../transport';
import { taken } from '../behind-a-lock';

/**
 * A command that waits until another one under the same lock has ended. The lock of a run is free as soon as that run is gone, but what
 * it had begun on the host goes on: whatever must not work beside its like has a lock for itself as well. Its processes inherit the
 * lock, so it is free when the last of them has ended.
 *
 * The bound stands behind the lock: nobody is left there who would send a signal once the connection or flock is gone, and what does
 * not end by itself would keep every later run waiting.
 *
 * @param lock file on the host, made where it is missing
 * @returns the command, which waits for as long as it may itself take (its deadline becomes twice that and {@link lastWords}), and
 *   then ends with the exit code of {@link busy}
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
      'timeout',
      `--kill-after=${lastWords / 1000}`,
      String(Math.ceil(deadline / 1000)),
      ...argv,
    ],
  ],
  ...(stdin === undefined ? {} : { stdin }),
  deadline: 2 * deadline + lastWords,
});

/** Milliseconds that a program has to end after it was told to. */
const lastWords = 5_000;

/** A command that only looks, and ends with the exit code of {@link busy} instead where somebody is at work under the lock. */
export const unlessAtWork = ({ argv, ...more }: RemoteCommand, lock: string): RemoteCommand => ({
  argv: ['flock', '--shared', '--nonblock', '--conflict-exit-code', String(taken), lock, ...argv],
  ...more,
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
    says: stillAtWork(program),
    leaves: `${at} is as that one leaves it: this step has done nothing to it`,
  },
});

/** Fixed; prints those of its arguments under which somebody works. A lock that is free is taken for a moment, beside others. */
const whichAreHeld = `for lock in "$@"; do
  [ -e "$lock" ] || continue
  flock --shared --nonblock --conflict-exit-code ${taken} "$lock" true && continue
  [ "$?" -eq ${taken} ] || exit 1
  echo "$lock"
done`;

/** Asks under which of some such locks somebody works: a line each. */
export const askWhichAreHeld = (...locks: readonly string[]): RemoteCommand => ({
  argv: ['sh', '-c', whichAreHeld, 'sh', ...locks],
  deadline: quick,
});

const stillAtWork = (program: string): string =>
  `an earlier run has left ${program} at work on the host, and it has not ended`;

/** Fixed; waits `$2` seconds at most (0: not at all) until nobody works under the lock `$1`. Where there is no such file, none is made. */
const untilFree = `[ ! -e "$1" ] || exec flock --shared --timeout "$2" --conflict-exit-code ${taken} "$1" true`;

/**
 * Waits until nobody works under such a lock, and says so where it has to wait: what is looked at meanwhile is not what it will be.
 *
 * @param deadline milliseconds to wait at most
 * @param next the command that was to look
 * @param signal aborted: it waits no longer, and its reason is thrown
 * @throws Failure with exit code 4 where somebody still works by then
 */
export async function waitUntilFree(
  transport: Transport,
  lock: string,
  { program, deadline, next }: { readonly program: string; readonly deadline: number; readonly next: string },
  { signal, progress = silent }: { readonly signal?: AbortSignal; readonly progress?: Progress } = {},
): Promise<void> {
  const atMost = Math.ceil(deadline / 1000);
  const wait = async (seconds: number): Promise<Output> => {
    const argv = ['sh', '-c', untilFree, 'sh', lock, String(seconds)] as const;
    const ended = await transport.run({ argv, deadline: seconds * 1000 + quick }, signal ? { signal } : {});
    signal?.throwIfAborted();
    return ended;
  };
  let ended = await wait(0);
  if (ended.code === taken) {
    progress.note(
      `another run's ${program} is at work on the host: its end is waited for, ${atMost} s at most`,
    );
    ended = await wait(atMost);
  }
  const { code, stderr } = ended;
  if (code === 0) return;
  const state = 'nothing was changed';
  if (code === taken)
    throw new Failure({
      what: stillAtWork(program),
      state,
      next: `wait until it has ended (./cogni lock status and ./cogni status say so), then ${next}`,
      exitCode: ExitCode.locked,
    });
  throw new Failure({
    what: `${transport.describe()} does not say whether ${lock} is free: ${stderr.trim() || `exit code ${code ?? 'none'}`}`,
    state,
    next,
  });
}
