import type { LockRelease } from '../deploy/lock/release';
import { composeLeft } from '../deploy/lock/of-host';
import type { LockState } from '../deploy/lock/status';

/**
 * The state of a host's deploy lock, for a person.
 *
 * @param compose what Docker Compose is at work at. @default - it was not asked for
 */
export function lockText(lock: LockState, compose: readonly string[] = []): string {
  if (lock.state === 'free') {
    const free = lock.last === undefined ? 'free' : `free; held last by ${lock.last}`;
    return [free, ...compose.map(composeLeft)].join('\n');
  }
  return [
    `held by ${lock.says ?? 'a run that said nothing of itself'}`,
    ...(lock.since === undefined ? [] : [`since     ${lock.since}`]),
    `holder id ${lock.id ?? 'unknown: its process belongs to another user of the host'}`,
    ...lock.processes.map(({ pid, program }) => `process   ${pid} ${program}`),
  ].join('\n');
}

/** What came of releasing it. */
export const lockReleaseText = ({ outcome, before }: LockRelease): string =>
  outcome === 'free'
    ? lockText(before)
    : `ended ${before.state === 'held' ? (before.says ?? before.id ?? '') : ''}: the lock is free, and that run stops before its next step`;
