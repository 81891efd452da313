import { silent } from '../../foundation/progress';
import { carryOutPlan } from '../carry-out';
import { waitUntilFree } from '../lock/one-at-a-time';
import { layout } from '../rolling/layout';
import { watchedAdapters, withHost, type DeployAdapters } from '../rolling/deploy';
import type { StepResult } from '../plan-adapters';
import type { SshHost } from '../ssh';
import type { Transport } from '../transport';
import { planEdge, type EdgePlan } from './plan';
import { atWorkAtMost } from './replace';
import { applyCommand, type EdgeRequest } from './request';
import { surveyEdge } from './survey';
import { findWaiting, planSweep } from './sweep';

/** Where the edge is, and how its site is asked from outside. */
export interface EdgeSite {
  readonly host: SshHost;
  /** As of a deploy (`DeployRequest`). */
  readonly extraCa?: string;
  readonly dnsServer?: string;
}

export interface EdgeResult {
  /** `unchanged`: the edge was what is rendered; nothing was done, but {@link removed}. */
  readonly outcome: 'applied' | 'unchanged';
  readonly url: string;
  /** Which files were put in place. */
  readonly files: readonly string[];
  /** Paths of files that a run that was cut off had left, where those were all there was to do; else undefined. */
  readonly removed?: readonly string[];
  readonly steps: readonly StepResult[];
  /** Milliseconds in which the site did not answer at most: as long as its container was replaced; else 0. */
  readonly closedAtMost: number;
  /** Id of the run in the journal of the host; undefined where nothing was done. */
  readonly run?: string;
  readonly journalProblem?: string;
}

/**
 * Brings the running edge to what is rendered ({@link planEdge}), or removes what an earlier run of this has left that was cut
 * off ({@link planSweep}): what it costs is noted before, the lock of deploys is held, and the journal of the host tells of it.
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
    const { compose, caddyfile } = plan.difference;
    const unchanged = { outcome: 'unchanged', url, files: [], closedAtMost: 0 } as const;
    if (plan.steps.length === 0) return { ...unchanged, steps: [] };
    for (const cost of plan.costs) progress.note(`what this costs: ${cost}`);
    const errand = { ...request, ...site, command: 'edge apply', result: 'applied' } as const;
    const carriedOut = await carryOutPlan(plan, errand, transport, watched);
    if (plan.waiting.length > 0) return { ...unchanged, removed: plan.waiting, ...carriedOut };
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
): Promise<EdgeErrand> => withPlan(request, site, adapters, (plan) => Promise.resolve(plan));

/** What is to be done: a change, or else the removal of what one has left that was cut off. */
interface EdgeErrand extends EdgePlan {
  /** Paths of what is removed. */
  readonly waiting: readonly string[];
}

async function findErrand(
  transport: Transport,
  request: EdgeRequest,
  adapters: DeployAdapters,
): Promise<EdgeErrand> {
  // What a run that was killed has left at work makes another container of the one that would be looked at.
  const atWork = { program: 'Docker Compose', deadline: atWorkAtMost, next: applyCommand(request) };
  await waitUntilFree(transport, layout.edge.atWork, atWork, adapters);
  const facts = await surveyEdge(transport, request);
  const plan = planEdge(request, facts);
  const waiting = plan.steps.length > 0 ? [] : await findWaiting(transport, request);
  return { ...plan, waiting, ...(waiting.length > 0 ? planSweep(request, waiting, facts) : {}) };
}

const withPlan = <T>(
  request: EdgeRequest,
  { host }: EdgeSite,
  adapters: DeployAdapters,
  use: (plan: EdgeErrand, transport: Transport) => Promise<T>,
): Promise<T> =>
  withHost(host, adapters, async (transport) => {
    const { progress = silent } = adapters;
    const plan = await progress.step('look at the edge', () => findErrand(transport, request, adapters), {
      why: 'what is rendered, what its files say, and what it serves',
      describe: ({ steps, waiting }) =>
        waiting.length > 0
          ? 'as rendered, and a run that was cut off has left files'
          : steps.length === 0
            ? 'as rendered'
            : 'differs',
    });
    return use(plan, transport);
  });
