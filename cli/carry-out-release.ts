import {
  planJson,
  planText,
  type DeployAdapters,
  type DeployPlan,
  type DeployResult,
  type Timeline,
} from '../deploy';
import { betweenHooks, hooksText, type HookFacts } from '../deploy/hooks';
import { findEnvironment } from '../stacks/here';
import { cancelledBySignals } from './cancel';
import { deployedText } from './deployed-text';
import { printResult, progressOn, type OutputOptions } from './output';
import { showTimeline } from './show-timeline';

/** What every command that brings a release to a host can be told. */
export interface ReleaseOptions {
  /** File for the picture of where the time went. */
  readonly timeline?: string;
  /** File that the chart of it is appended to. */
  readonly summary?: string;
  readonly dryRun?: boolean;
}

/** A deploy, or the way back from one. */
export interface ReleaseErrand<Request extends Pick<HookFacts, 'environment' | 'domain' | 'by'>> {
  readonly command: HookFacts['command'];
  /** The release, in the words of whoever asks for it; absent where they leave that open. */
  readonly asked?: string;
  readonly request: Request;
  readonly plan: (request: Request, adapters: DeployAdapters) => Promise<DeployPlan>;
  readonly carryOut: (request: Request, adapters: DeployAdapters) => Promise<DeployResult>;
}

/**
 * Prints the steps, or carries them out between the hooks of the environment and prints what came of it.
 *
 * @throws Failure as the errand does, and where a hook fails
 */
export async function carryOutRelease<Request extends Pick<HookFacts, 'environment' | 'domain' | 'by'>>(
  { command, asked, request, plan, carryOut }: ReleaseErrand<Request>,
  given: ReleaseOptions,
  options: OutputOptions,
): Promise<void> {
  const { environment, domain, by } = request;
  const { hooks = {} } = findEnvironment(environment);
  const progress = progressOn(options);
  const adapters = {
    progress,
    signal: cancelledBySignals(),
    onTimeline: (timeline: Timeline) => showTimeline(timeline, options, progress, given),
  };
  if (given.dryRun) {
    const planned = await plan(request, adapters);
    printResult(options, { ...Object(planJson(planned)), hooks }, planText(planned) + hooksText(hooks));
    return;
  }
  const facts = { command, environment, domain, by, ...(asked === undefined ? {} : { asked }) };
  const result = await betweenHooks(hooks, facts, adapters, (onPlanned) =>
    carryOut(request, { ...adapters, onPlanned }),
  );
  printResult(options, result, deployedText(result));
}
