import { runtimeServices } from '../../services';
import { change, end } from './change-services';
import type { PlanContext } from './plan';
import type { RollingStep } from './step-names';

/** Services that an environment may have or not, and that keep nothing. */
const optional = ['litellm', 'alloy'] as const;

const names = { litellm: 'LiteLLM', alloy: 'Alloy' } as const;

/**
 * Ends what the environment has no more: its memory is counted no longer, and its files are gone. What served before may have asked it to
 * its last request, so this comes after that has ended.
 */
export const endSteps = ({ request, facts, release, again }: PlanContext): readonly RollingStep[] =>
  optional
    .filter(
      (id) =>
        request.runtime[id] === undefined &&
        facts.containers.some(({ service }) => service === runtimeServices[id]),
    )
    .map((id): RollingStep => ({
      id,
      name: `end ${names[id]}`,
      why: 'the environment has none any more',
      actions: [change(end(runtimeServices[id]))],
      spends: 'start',
      leaves: `${release.tag} serves; ${names[id]} may still run, without its files`,
      next: again,
    }));
