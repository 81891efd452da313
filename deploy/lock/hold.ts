import { taken } from '../behind-a-lock';
import { quick } from '../rolling/commands';
import { layout } from '../rolling/layout';
import type { HoldAction } from '../step';

/** What has become of a plan, where the host is another by the time that its lock is taken (`RunAction.overtaken`). */
export const overtaken =
  'another run has changed what serves since this one looked at the host, and has let the lock go: this plan fits no more';

/** A lock on a host: its file, and the one that says who holds it or held it last. */
export interface HostLock {
  readonly lock: string;
  readonly holder: string;
}

/**
 * Takes a lock of the host until the plan has ended: it is free again when this connection ends, however it ends.
 *
 * @param says who holds it and what for, for whoever finds it taken; made one line
 * @param of which one; that of deploys unless said otherwise
 */
export function holdLock(says: string, { lock: file, holder }: HostLock = layout.deploy): HoldAction {
  return {
    do: 'hold',
    command: {
      argv: ['flock', '--nonblock', '--conflict-exit-code', String(taken), file, 'tee', holder],
      stdin: `${oneLine(says)}\n`,
      deadline: quick,
    },
    until: 'end of plan',
    taken: { exit: taken, by: { argv: ['cat', '--', holder], deadline: quick } },
  };
}

const oneLine = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
