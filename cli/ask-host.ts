import { ExitCode, Failure } from '../foundation/failure';
import type { RuntimeFacts } from '../review';
import { findEnvironment } from '../stacks/here';
import { cancelledBySignals } from './cancel';
import { runtimeFactsOf } from './runtime-facts';

/**
 * What runs on the host of an environment, for the review of a plan from anywhere.
 *
 * @throws Failure when no environment is named, or it cannot be rendered; a host that does not answer is unknown
 */
export async function askedRuntimes(
  env: string | undefined,
): Promise<Readonly<Record<string, RuntimeFacts>>> {
  if (env === undefined) {
    throw new Failure({
      what: '--ask-host asks the host of an environment, and none is named',
      next: './cogni review <plan.json> --env <env> --ask-host',
      exitCode: ExitCode.usage,
    });
  }
  return runtimeFactsOf(findEnvironment(env), { there: true, signal: cancelledBySignals() });
}
