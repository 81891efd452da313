import { commandFailure } from '../../foundation/process';
import { layout } from '../rolling/layout';
import { place as sourcecred } from '../sourcecred/request';
import type { Transport } from '../transport';
import { askWhichAreHeld } from './one-at-a-time';
import { readLock, type LockState } from './status';

/** Every lock under which a host is changed. Neither kind of run waits for the other. */
export interface HostLocks {
  /** Of deploys, and of what else changes runtime and edge. */
  readonly deploys: LockState;
  /** Of `./cogni sourcecred apply`. */
  readonly sourcecred: LockState;
  /** What Docker Compose is at work at, of a run that goes on or of one that was killed. */
  readonly compose: readonly string[];
}

/** Where Docker Compose works one at a time, by the lock that it then holds. */
const composed: Readonly<Record<string, string>> = {
  [layout.runtime.atWork]: 'the runtime',
  [layout.edge.atWork]: 'the edge',
  [sourcecred.atWork]: 'SourceCred',
};

/**
 * At what Docker Compose is at work on a host. Takes no lock, but for a moment one that is free, and beside others.
 *
 * @throws Failure when the host does not say
 */
export async function readComposeAtWork(
  transport: Transport,
  environment: string,
): Promise<readonly string[]> {
  const question = askWhichAreHeld(...Object.keys(composed));
  const output = await transport.run(question);
  if (output.code === 0) return output.stdout.split('\n').flatMap((lock) => composed[lock] ?? []);
  throw commandFailure({ ...question, argv: ['flock'] }, output, {
    what: `${transport.describe()} does not say whether Docker Compose is at work there`,
    next: `./cogni host check ${environment}`,
  });
}

/** What there is to say of it where no run holds the lock. */
export const composeLeft = (at: string): string =>
  `Docker Compose is at work at ${at}, for a run that goes on or that was killed: the next run waits for its end`;

/** @throws Failure when the host does not say */
export async function readLocks(transport: Transport, environment: string): Promise<HostLocks> {
  const [deploys, ofSourcecred, compose] = await Promise.all([
    readLock(transport, environment),
    readLock(transport, environment, { ...sourcecred.lock, name: 'its lock of SourceCred' }),
    readComposeAtWork(transport, environment),
  ]);
  return { deploys, sourcecred: ofSourcecred, compose };
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
  if (found === undefined) return [...now.compose, ...earlier.compose].map(composeLeft)[0];
  return (found.state === 'held' ? found.says : found.last) ?? 'a run that does not say whose';
}

const lastOf = (lock: LockState): string | undefined => (lock.state === 'free' ? lock.last : undefined);
