import { waitBudgets } from '../../services';
import type { RunAction } from '../step';
import type { RemoteCommand } from '../transport';
import type { EdgeRequest } from './request';
import type { EdgeDifference, EdgeFacts } from './survey';

/** What every step of a change of the edge is made from. */
export interface EdgeContext {
  readonly request: EdgeRequest;
  readonly facts: EdgeFacts;
  readonly difference: EdgeDifference;
}

/** Milliseconds. `stop` is what the old container has to end, and what making the new one takes. */
export const limits = {
  pull: 10 * 60_000,
  validate: 60_000,
  stop: 90_000,
  start: waitBudgets.caddy.toMilliseconds(),
  load: 60_000,
  gate: 30_000,
} as const;

/** The state that a step leaves before the container is touched, or where it never is. */
export const before = ({ facts }: Pick<EdgeContext, 'facts'>): string =>
  facts.running ? 'the edge serves as before' : 'the edge does not run, as before';

export const run = (command: RemoteCommand): RunAction => ({ do: 'run', command });
