import { memoryProp } from '../services/memory-limits';
import { committedRunnerLock, requireRunner, type RunnerLock } from '../services/sourcecred/runner-lock';
import type { SourcecredProps } from '../services/sourcecred/sourcecred';
import type { Environment } from './environment';

/**
 * What an environment's SourceCred is rendered from, or undefined where it has none.
 *
 * @throws Failure when no runner was released yet: nothing runs by a tag
 */
export function requireSourcecred(
  environment: Pick<Environment, 'sourcecred' | 'runtime'>,
  lock: RunnerLock = committedRunnerLock(),
): SourcecredProps | undefined {
  const { sourcecred, runtime } = environment;
  return (
    sourcecred && {
      image: requireRunner(lock),
      instance: sourcecred,
      ...memoryProp(runtime.memory, 'sourcecred'),
    }
  );
}

/**
 * The same for everybody but the command that brings it: undefined also while no runner was released. A side project stands
 * in nobody's way ({@link sourcecredNotes} says that it is left out).
 */
export const sourcecredPropsOf = (
  environment: Pick<Environment, 'sourcecred' | 'runtime'>,
  lock: RunnerLock = committedRunnerLock(),
): SourcecredProps | undefined => (lock.release === null ? undefined : requireSourcecred(environment, lock));

/** What to say where an environment asks for SourceCred and no runner was released. */
export const sourcecredNotes = (
  { name, sourcecred }: Pick<Environment, 'name' | 'sourcecred'>,
  lock: RunnerLock = committedRunnerLock(),
): readonly string[] =>
  sourcecred === undefined || lock.release !== null
    ? []
    : [
        `SourceCred of ${name} is left out: no runner of it was released yet (./cogni sourcecred release --help)`,
      ];
