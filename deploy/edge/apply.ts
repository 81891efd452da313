import { silent } from '../../foundation/progress';
import { carryOutPlan } from '../carry-out';
import { watchedAdapters, withHost, type DeployAdapters } from '../rolling/deploy';
import type { StepResult } from '../plan-adapters';
import type { SshHost } from '../ssh';
import type { Transport } from '../transport';
import { planEdge, type EdgePlan } from './plan';
import type { EdgeRequest } from './request';
import { surveyEdge } from './survey';

/** Where the edge is, and how its site is asked from outside. */
export interface EdgeSite {
  readonly host: SshHost;
  /** As of a deploy (`DeployRequest`). */
  readonly extraCa?: string;
  readonly dnsServer?: string;
}

export interface EdgeResult {
  /** `unchanged`: the edge was what is rendered; nothing was done. */
  readonly outcome: 'applied' | 'unchanged';
  readonly url: string;
  /** Which files were put in place. */
  readonly files: readonly string[];
  readonly steps: readonly StepResult[];
  /** Milliseconds in which the site did not answer at most: as long as its container was replaced; else 0. */
  readonly closedAtMost: number;
  /** Id of the run in the journal of the host; undefined where nothing was done. */
  readonly run?: string;
  readonly journalProblem?: string;
}

/**
 * Brings the running edge to what is rendered ({@link planEdge}): what it costs is noted before, the lock of deploys is
 * held, and the journal of the host tells of it.
 *
 * @throws Failure when the host cannot be asked, the container has to be replaced and nobody said so (exit code 3), a
 *   deploy is under way (4), and when a step failed and was taken back (1) or could not be (5)
 */
export async function applyEdge(
  request: EdgeRequest,
  site: EdgeSite,
  adapters: DeployAdapters = {},
): Promise<EdgeResult> {
  const watched = watchedAdapters(adapters);
  const { progress = silent } = watched;
  return withPlan(request, site, watched, async (plan, transport) => {
    const url = `https://${request.domain}`;
    if (plan.steps.length === 0) {
      return { outcome: 'unchanged', url, files: [], steps: [], closedAtMost: 0 };
    }
    for (const cost of plan.costs) progress.note(`what this costs: ${cost}`);
    const errand = { ...request, ...site, command: 'edge apply', result: 'applied' } as const;
    const carriedOut = await carryOutPlan(plan, errand, transport, watched);
    const { compose, caddyfile } = plan.difference;
    return {
      outcome: 'applied',
      url,
      files: [...(compose ? ['compose.yaml'] : []), ...(caddyfile ? ['caddy/Caddyfile'] : [])],
      closedAtMost: Math.round(carriedOut.steps.find(({ id }) => id === 'replace')?.milliseconds ?? 0),
      ...carriedOut,
    };
  });
}

/**
 * The plan that {@link applyEdge} would run now, for `--dry-run`: it looks at the host, and changes nothing.
 *
 * @throws Failure as {@link applyEdge} does before its first step
 */
export const planEdgeChange = (
  request: EdgeRequest,
  site: EdgeSite,
  adapters: DeployAdapters = {},
): Promise<EdgePlan> => withPlan(request, site, adapters, (plan) => Promise.resolve(plan));

const withPlan = <T>(
  request: EdgeRequest,
  { host }: EdgeSite,
  adapters: DeployAdapters,
  use: (plan: EdgePlan, transport: Transport) => Promise<T>,
): Promise<T> =>
  withHost(host, adapters, async (transport) => {
    const { progress = silent } = adapters;
    const plan = await progress.step(
      'look at the edge',
      async () => planEdge(request, await surveyEdge(transport, request)),
      {
        why: 'what is rendered, what its files say, and what it serves',
        describe: ({ steps }) => (steps.length === 0 ? 'as rendered' : 'differs'),
      },
    );
    return use(plan, transport);
  });
