import { silent } from '../foundation/progress';
import { runId, type RunBegun, type StepEvent } from './journal/event';
import { defaultHttps, suffixOf, type WatchedAdapters } from './rolling/deploy';
import { journalled, type JournalledRun } from './rolling/journalled';
import type { StepResult } from './plan-adapters';
import { runPlan } from './run-plan';
import type { Plan } from './step';
import type { Transport } from './transport';

/** What a plan that is no release is carried out for. */
export interface Errand {
  readonly command: RunBegun['command'];
  readonly environment: string;
  readonly by: RunBegun['by'];
  /** What the journal says when it is done. */
  readonly result: JournalledRun<unknown>['result'];
  /** How the site is asked from outside, as of a deploy (`DeployRequest`). */
  readonly extraCa?: string;
  readonly dnsServer?: string;
  /** Takes secrets out of what programs print. @default nothing is taken out: none of its commands has seen one */
  readonly redact?: (text: string) => string;
}

export interface CarriedOut {
  /** Id of the run in the journal of the host. */
  readonly run: string;
  readonly steps: readonly StepResult[];
  /** Steps whose work failed after the plan had reached what it is for. */
  readonly problems: readonly string[];
  /** Why the journal lacks something of it. */
  readonly journalProblem?: string;
}

/**
 * Carries a plan out over an open connection, while the journal of the host tells of it.
 *
 * @throws Failure as `runPlan` does
 */
export async function carryOutPlan(
  plan: Plan,
  { command, environment, by, result, redact = (text) => text, ...site }: Errand,
  transport: Transport,
  adapters: WatchedAdapters,
): Promise<CarriedOut> {
  const { clock, watch, signal, progress = silent } = adapters;
  const run = runId(clock.now(), suffixOf(adapters));
  const problems = new Set<string>();
  const https = adapters.https ?? defaultHttps(site, adapters);
  const { value: steps, ...journal } = await journalled(
    {
      run,
      begun: { kind: 'run-begun', command, environment, title: plan.title, by },
      plan,
      work: (tell, recorded) => {
        const observe = (event: StepEvent): void => {
          if (event.kind === 'step-problem') problems.add(event.step);
          tell(event);
        };
        return runPlan(plan, { transport, https, clock, progress, redact, signal, observe, recorded });
      },
      result,
    },
    { transport, clock, progress, redact, watch, signal },
  );
  return { run, steps, problems: [...problems], ...journal };
}
