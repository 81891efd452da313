import { memoryProp } from '../services/memory-limits';
import { requireRunner } from '../services/sourcecred/runner-lock';
import type { SourcecredProps } from '../services/sourcecred/sourcecred';
import type { Environment } from './environment';

/**
 * What an environment's SourceCred is rendered from, or undefined where it has none.
 *
 * @throws Failure when no runner was released yet: nothing runs by a tag
 */
export function sourcecredPropsOf({ sourcecred, runtime }: Environment): SourcecredProps | undefined {
  return (
    sourcecred && {
      image: requireRunner(),
      instance: sourcecred,
      ...memoryProp(runtime.memory, 'sourcecred'),
    }
  );
}
