import { runtimeServices } from '../../services';
import { change, end } from './change-services';
import { quick, remove, upstreamsOfEdge } from './commands';
import { runJob } from './job';
import { layout } from './layout';
import type { PlanContext } from './plan';
import type { RollingStep } from './step-names';
import type { Target } from './target';

/** What served before ends its last requests, and then itself. Whatever goes wrong here, the release serves. */
export function drainSteps(context: PlanContext): readonly RollingStep[] {
  const { old } = context;
  return [...(old ? [drain(context, old), retire(context, old)] : []), ...settle(context)];
}

/** The edge lists an upstream that it no longer uses for as long as requests are on their way there. */
function drain({ limits, release, again }: PlanContext, old: Target): RollingStep {
  const address = `${old.upstream}:${old.port}`;
  return {
    id: 'drain',
    name: 'let what served before end its requests',
    why: 'no new ones go there; what is still open after the limit (streams, above all) has the grace of its stop left',
    actions: [
      // Most have ended by then, and had the processors to themselves: entering the edge's container takes some time of them.
      { do: 'run', command: { argv: ['sleep', '1'], deadline: 10_000 } },
      {
        do: 'run',
        command: { argv: upstreamsOfEdge(address), deadline: 10_000 },
        expect: { stdout: { listWithout: { address } } },
        retry: { every: 100, within: limits.drain },
      },
    ],
    spends: 'drain',
    leaves: `${release.tag} serves`,
    next: again,
    interruptible: true,
  };
}

function retire({ release, again }: PlanContext, { service }: Target): RollingStep {
  return {
    id: 'retire',
    name: 'stop what served before',
    why: 'nobody is sent there any more; going back is a deploy of the release before, from images that are still here',
    actions: [change(end(service))],
    spends: 'drain',
    leaves: `${release.tag} serves, and ${service} may still run beside it`,
    next: again,
  };
}

/** With settings that have changed, the login that served before still has its old password, or its old name. */
function settle({ resettled, limits, release, again }: PlanContext): readonly RollingStep[] {
  if (!resettled) return [];
  const { unsettled } = layout.runtime;
  const { actions, ...job } = runJob('current', runtimeServices.provision, limits.provision);
  return [
    {
      id: 'settle',
      name: 'provision the database again',
      why: 'nobody logs in with the old settings any more: their passwords and names stop working',
      ...job,
      // Whoever deploys the same again is told by this that it was not done.
      actions: [
        { do: 'run', command: { argv: ['touch', '--', unsettled], deadline: quick } },
        ...actions,
        { do: 'run', command: remove(unsettled) },
      ],
      leaves: `${release.tag} serves; a login of the old settings may still work`,
      next: again,
    },
  ];
}
