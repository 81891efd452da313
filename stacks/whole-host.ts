import type { RuntimeProps } from '../services';
import { requireFit } from '../services/whole-host';
import type { Environment } from './environment';
import { sourcecredPropsOf } from './sourcecred';
import { edgePropsOf } from './user-data';

/**
 * Holds everything that runs on an environment's host against each other, and against the memory of its plan. The hosts of
 * a sandbox are all of one size, whatever plan they play: there it is not asked.
 *
 * @throws Failure with every fault (exit code 3)
 */
export function requireFitOf(environment: Environment, { hostGibibytes, ...runtime }: RuntimeProps): void {
  const sourcecred = sourcecredPropsOf(environment);
  requireFit(environment.name, {
    ...(environment.host.kind === 'cherry' ? { edge: edgePropsOf(environment) } : {}),
    runtime: environment.sandbox || hostGibibytes === undefined ? runtime : { ...runtime, hostGibibytes },
    ...(sourcecred ? { sourcecred } : {}),
  });
}
