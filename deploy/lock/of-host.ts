import { place as sourcecred } from '../sourcecred/request';
import type { Transport } from '../transport';
import { readLock, type LockState } from './status';

/** Every lock under which a host is changed. Neither kind of run waits for the other. */
export interface HostLocks {
  /** Of deploys, and of what else changes runtime and edge. */
  readonly deploys: LockState;
  /** Of `./cogni sourcecred apply`. */
  readonly sourcecred: LockState;
}

/** @throws Failure when the host does not say */
export async function readLocks(transport: Transport, environment: string): Promise<HostLocks> {
  const [deploys, ofSourcecred] = await Promise.all([
    readLock(transport, environment),
    readLock(transport, environment, { ...sourcecred.lock, name: 'its lock of SourceCred' }),
  ]);
  return { deploys, sourcecred: ofSourcecred };
}

/**
 * What a run says of itself that changes the host, or that began after an earlier look and may have ended since: it has changed
 * what was looked at meanwhile. Undefined where there is none. Pure.
 */
export function whoIsAtWork(now: HostLocks, earlier: HostLocks = now): string | undefined {
  const pairs = [
    [now.deploys, earlier.deploys],
    [now.sourcecred, earlier.sourcecred],
  ] as const;
  const held = pairs.find(([lock]) => lock.state === 'held');
  const [found] = held ?? pairs.find(([lock, before]) => lastOf(lock) !== lastOf(before)) ?? [];
  if (found === undefined) return undefined;
  return (found.state === 'held' ? found.says : found.last) ?? 'a run that does not say whose';
}

const lastOf = (lock: LockState): string | undefined => (lock.state === 'free' ? lock.last : undefined);
