import { quick } from '../rolling/commands';
import { layout } from '../rolling/layout';
import type { HoldAction } from '../step';

/** What flock(1) ends with when somebody else has the lock. */
const taken = 75;

/**
 * Takes the lock of the host until the plan has ended: it is free again when this connection ends, however it ends.
 *
 * @param says who holds it and what for, for whoever finds it taken; made one line
 */
export function holdLock(says: string): HoldAction {
  const { lock: file, holder } = layout.deploy;
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
