import type { PlanAdapters } from '../../../../deploy/plan-adapters';
import { runPlan } from '../../../../deploy/run-plan';
import type { Plan, Step } from '../../../../deploy/step';
import { ConnectionLost, type RemoteCommand } from '../../../../deploy/transport';
import { Failure } from '../../../../foundation/failure';
import { progressTo, type ProgressEvent } from '../../../../foundation/progress';
import { fakeClock } from '../fake-clock';
import type { FakeTransport } from '../fake-transport';

export const command = (...argv: [string, ...string[]]): RemoteCommand => ({ argv, deadline: 1000 });
export const runs = (...argv: [string, ...string[]]): Step['actions'][number] => ({
  do: 'run',
  command: command(...argv),
});
export const step = (id: string, more: Partial<Step> = {}): Step => ({
  id,
  name: `do ${id}`,
  why: 'it must be done',
  actions: [runs(id)],
  leaves: `${id} is half done`,
  next: `cogni again ${id}`,
  ...more,
});
export const lock: Step = step('lock', {
  actions: [
    {
      do: 'hold',
      command: command('flock'),
      until: 'end of plan',
      taken: { exit: 75, by: command('cat', 'holder') },
    },
  ],
});
export const planOf = (...steps: Step[]): Plan => ({ title: 'deploy', steps });

export const lost = (): ConnectionLost =>
  new ConnectionLost({ what: 'the connection was lost', next: 'look' });

/** What became of a plan, and what was said meanwhile. */
export interface Ran {
  readonly transport: FakeTransport;
  readonly events: ProgressEvent[];
  readonly failure: Failure | undefined;
  readonly outcomes: string[];
}

/** Runs a plan on a host that is a fake. */
export async function ran(
  plan: Plan,
  transport: FakeTransport,
  more: Partial<PlanAdapters> = {},
): Promise<Ran> {
  const events: ProgressEvent[] = [];
  const clock = fakeClock();
  const adapters: PlanAdapters = {
    transport,
    clock,
    progress: progressTo((event) => void events.push(event), clock),
    https: () => Promise.reject(new Error('no gate was to be asked')),
    redact: (text) => text.replaceAll('s3cret', '[masked]'),
    ...more,
  };
  const result = await runPlan(plan, adapters).then(
    (steps) => ({ outcomes: steps.map(({ outcome }) => outcome), failure: undefined }),
    (failure: unknown) => ({ outcomes: [], failure: failure as Failure }),
  );
  if (result.failure && !(result.failure instanceof Failure)) throw result.failure as Error;
  return { transport, events, ...result };
}
