import { ExitCode, Failure } from '../../foundation/failure';
import { layout } from '../rolling/layout';
import type { RemoteCommand, Transport } from '../transport';
import { holdersFunction } from './holders-script';
import { readLock, type LockState } from './status';

/** What came of releasing a lock. */
export interface LockRelease {
  /** `ended`: the run that held it was ended. `free`: nobody held it. */
  readonly outcome: 'ended' | 'free';
  /** What was seen before. */
  readonly before: LockState;
}

/** What the script ends with when the lock is not that run's. */
const another = 76;

/**
 * Ends the processes that hold the lock, provided that the named one is among them: gently, and after five seconds for
 * sure. Fixed; the lock's file and the holder's id are its arguments.
 */
const ending = `${holdersFunction}
ids() { holders "$1" | while read -r pid start program; do echo "$pid-$start"; done; }
found=$(ids "$1")
echo "$found" | grep -q -x -F -- "$2" || exit ${another}
left() { ids "$1" | grep -x -F "$found"; }
for signal in TERM KILL; do
  for id in $(left "$1"); do kill -s "$signal" "\${id%-*}" 2>/dev/null; done
  tries=0
  while [ "$tries" -lt 50 ]; do
    [ -z "$(left "$1")" ] && exit 0
    sleep 0.1
    tries=$((tries + 1))
  done
done
exit 1`;

/** The command as data. */
export const endHolder = (id: string, lock: string = layout.deploy.lock): RemoteCommand => ({
  argv: ['sh', '-c', ending, 'sh', lock, id],
  deadline: 30_000,
});

/**
 * Frees the deploy lock of a host: never by itself from a run that lives. A lock is held by a process on the connection of the
 * run, so it is free as soon as that run or its connection has ended; what is held has a living holder.
 *
 * @param endTheRun id of the holder that may be ended, as {@link readLock} gives it. The run notices before its next step, does
 *   nothing more, and takes nothing back.
 * @throws Failure with exit code 3 when the lock is held and no holder, or another one, was named; with 1 when the holder
 *   could not be ended
 */
export async function releaseLock(
  transport: Transport,
  environment: string,
  endTheRun?: string,
): Promise<LockRelease> {
  const before = await readLock(transport, environment);
  if (before.state === 'free') return { outcome: 'free', before };
  if (before.id === undefined || before.id !== endTheRun) {
    throw refusal(transport.describe(), environment, before, endTheRun);
  }
  const { code, stderr } = await transport.run(endHolder(before.id));
  if (code === 0) return { outcome: 'ended', before };
  if (code === another) {
    throw refusal(transport.describe(), environment, await readLock(transport, environment), endTheRun);
  }
  throw new Failure({
    what: `the holder ${before.id} of the deploy lock on ${transport.describe()} could not be ended: ${stderr.trim() || `exit code ${code ?? 'none'}`}`,
    state: 'the lock may still be held; nothing else was touched',
    next: `./cogni lock status ${environment}`,
  });
}

function refusal(
  where: string,
  environment: string,
  lock: LockState,
  endTheRun: string | undefined,
): Failure {
  if (lock.state === 'free') {
    return new Failure({
      what: `the run ${endTheRun ?? ''} has ended by itself meanwhile, and the deploy lock on ${where} is free`,
      next: `./cogni lock status ${environment}`,
      exitCode: ExitCode.refused,
    });
  }
  const again = `./cogni lock release ${environment} --end-the-run ${lock.id ?? '<holder id>'}`;
  return new Failure({
    what:
      endTheRun === undefined
        ? `the deploy lock on ${where} is held by a run that lives, and is not taken from it`
        : `the deploy lock on ${where} is not held by ${endTheRun}`,
    faults: [
      `held by: ${lock.says ?? 'a run that said nothing of itself'}`,
      ...(lock.since === undefined ? [] : [`since: ${lock.since}`]),
      lock.id === undefined
        ? 'its process belongs to another user of the host: only somebody who is logged in there can end it'
        : `holder id: ${lock.id}`,
      'a lock is free by itself when its run, or the connection of that run, has ended; a lost connection is noticed within a minute or so',
      'a run that is ended stops before its next step, and takes nothing back: the next deploy converges from what is there',
    ],
    next:
      lock.id === undefined
        ? `wait until that run has ended, then ./cogni lock status ${environment}`
        : `wait until that run has ended; or, when it must not go on, ${again}`,
    exitCode: ExitCode.refused,
  });
}
