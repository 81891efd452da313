import { silent } from '../../foundation/progress';
import { Secret } from '../../foundation/secret';
import { carryOutPlan } from '../carry-out';
import { waitUntilFree } from '../lock/one-at-a-time';
import { redactor } from '../redact';
import { watchedAdapters, withHost, type DeployAdapters } from '../rolling/deploy';
import type { StepResult } from '../plan-adapters';
import type { SshHost } from '../ssh';
import type { Transport } from '../transport';
import { planSourcecred, type SourcecredPlan } from './plan';
import { applyCommand, place, type SourcecredRequest } from './request';
import { limits } from './start';
import { surveySourcecred } from './survey';

export interface SourcecredResult {
  /** `unchanged`: it was what is rendered, and healthy; nothing was done, but {@link removed}. */
  readonly outcome: 'applied' | 'unchanged';
  /** Paths of what a run that was cut off had left, where that was all there was to do; else undefined. */
  readonly removed?: readonly string[];
  /** Where the edge shows it. */
  readonly url: string;
  readonly steps: readonly StepResult[];
  /** Id of the run in the journal of the host; undefined where nothing was done. */
  readonly run?: string;
  readonly journalProblem?: string;
}

/**
 * Brings SourceCred on a host to what is rendered ({@link planSourcecred}). It holds a lock of its own: deploys go on
 * meanwhile, and a deploy that is under way is no reason to wait.
 *
 * @throws Failure when the host cannot be asked or has no folder for it (exit code 3), when another change of it is under
 *   way (4), and when a step failed and was taken back (1) or could not be (5)
 */
export async function applySourcecred(
  request: SourcecredRequest,
  host: SshHost,
  adapters: DeployAdapters = {},
): Promise<SourcecredResult> {
  const watched = watchedAdapters(adapters);
  return withPlan(request, host, watched, async (plan, transport) => {
    const url = `https://${request.domain}/sourcecred/`;
    if (plan.steps.length === 0) return { outcome: 'unchanged', url, steps: [] };
    const secrets = request.settings.entries().map(([, value]) => value);
    const carriedOut = await carryOutPlan(
      plan,
      {
        ...request,
        command: 'sourcecred apply',
        result: 'applied',
        redact: redactor(secrets.filter((value): value is Secret => value instanceof Secret)),
      },
      transport,
      watched,
    );
    if (plan.sweeps.length > 0) return { outcome: 'unchanged', url, removed: plan.sweeps, ...carriedOut };
    return { outcome: 'applied', url, ...carriedOut };
  });
}

/**
 * The plan that {@link applySourcecred} would run now, for `--dry-run`: it looks at the host, and changes nothing.
 *
 * @throws Failure as {@link applySourcecred} does before its first step
 */
export const planSourcecredChange = (
  request: SourcecredRequest,
  host: SshHost,
  adapters: DeployAdapters = {},
): Promise<SourcecredPlan> => withPlan(request, host, adapters, (plan) => Promise.resolve(plan));

const withPlan = <T>(
  request: SourcecredRequest,
  host: SshHost,
  adapters: DeployAdapters,
  use: (plan: SourcecredPlan, transport: Transport) => Promise<T>,
): Promise<T> =>
  withHost(host, adapters, async (transport) => {
    const { progress = silent } = adapters;
    const plan = await progress.step(
      'look at SourceCred',
      async () => {
        // What a run that was killed has left at work makes another container of the one that would be looked at.
        const atWork = { program: 'Docker Compose', deadline: limits.make, next: applyCommand(request) };
        await waitUntilFree(transport, place.atWork, atWork, adapters);
        return planSourcecred(request, await surveySourcecred(transport, request));
      },
      {
        why: 'what its files say, and whether it is healthy',
        describe: ({ steps, sweeps }) =>
          sweeps.length > 0
            ? 'as rendered, and a run that was cut off has left files'
            : steps.length === 0
              ? 'as rendered'
              : 'differs',
      },
    );
    return use(plan, transport);
  });
