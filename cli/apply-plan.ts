import { ExitCode, Failure } from '../foundation/failure';
import type { Progress } from '../foundation/progress';
import { applyPlan } from '../infra/plan/apply-plan';
import { shortHash } from '../infra/plan/manifest';
import { readSealedPlan } from '../infra/plan/sealed-plan';
import { wordFaults } from '../infra/plan/words';
import { checkoutState } from './checkout-state';
import { accountGateOf, plannedChanges } from './cherry-account';
import { checkout } from './context';
import { backupGuardOf } from './known-backups';
import { judgeHere } from './judge-plan';
import { alone, environmentOfStack, planKeysOf, planTarget, synthesizeHere } from './plan-target';
import { provisioningVariables } from './provisioning-variables';

export interface ApplyRequest {
  readonly wipe: readonly string[];
  readonly reviewed?: string;
  readonly withoutBackup: readonly string[];
  readonly dryRun?: boolean;
  /** Where the settings are read from, where somebody named that. */
  readonly settings?: string;
}

export interface ApplyResult {
  readonly document: {
    readonly stack: string;
    readonly plan: string;
    readonly applied: boolean;
    readonly outputs: Readonly<Record<string, unknown>>;
    readonly notes: readonly string[];
  };
  readonly text: string;
}

/** `cogni apply`: applies a kept plan, those very bytes, or refuses with every reason. */
export async function applyKept(
  name: string,
  file: string,
  request: ApplyRequest,
  progress: Progress,
): Promise<ApplyResult> {
  const words = {
    wipe: request.wipe,
    reviewed: request.reviewed,
    withoutBackup: request.withoutBackup,
  };
  const malformed = wordFaults(words);
  if (malformed.length > 0) {
    throw new Failure({
      what: 'the command line is wrong',
      faults: malformed,
      next: './cogni apply --help',
      exitCode: ExitCode.usage,
    });
  }
  const plan = readSealedPlan(file);
  provisioningVariables(environmentOfStack(name), request.settings);
  const target = planTarget(name);
  const { environment, stack, at } = target;
  const account = accountGateOf(target);
  return alone(`cogni apply ${name}`, async () => {
    const [keys, state] = await Promise.all([
      planKeysOf(environment, request.settings),
      checkoutState(checkout),
    ]);
    await progress.step('synthesize', synthesizeHere);
    const { manifest, applied, outputs, notes } = await applyPlan({
      environment: environment.name,
      stack,
      at,
      plan,
      keys,
      checkout: state,
      onlyCommitted: environment.policies.protected && environment.sandbox === undefined,
      words,
      backup: backupGuardOf(environment),
      judge: judgeHere({ environment, stack, commit: state?.commit }),
      preflight: (facts, json, { review }) => account.beforeApplying(facts, plannedChanges(review, json)),
      leftBehind: (facts) => account.leftBehind(facts),
      notDone: (facts) => account.afterApplying(facts),
      onOutput: linesTo((line) => progress.note(line)),
      dryRun: request.dryRun ?? false,
      progress,
    });
    const lines = Object.entries(outputs).map(
      ([output, value]) => `  ${output} = ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
    return {
      document: { stack, plan: manifest.plan.sha256, applied, outputs, notes },
      text: applied
        ? [
            `plan ${shortHash(manifest)} is applied to ${stack}`,
            ...lines,
            ...notes.map((note) => `note: ${note}`),
          ].join('\n')
        : `plan ${shortHash(manifest)} would be applied to ${stack}: nothing speaks against it`,
    };
  });
}

/** Whole lines out of chunks; empty ones are left out. */
export function linesTo(print: (line: string) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') print(line);
  };
}
