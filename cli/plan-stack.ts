import { join } from 'node:path';
import type { Progress } from '../foundation/progress';
import { parseImports } from '../infra/plan/imports';
import { shortHash, type PlanManifest } from '../infra/plan/manifest';
import { planStack } from '../infra/plan/plan-stack';
import { jsonReport, type JsonReport, type RuntimeFacts } from '../review';
import { environmentFolder } from '../stacks/here';
import { checkoutState } from './checkout-state';
import { accountGateOf, plannedChanges } from './cherry-account';
import { checkout } from './context';
import { hostFactsOf } from './host-facts';
import { judgeHere, type ReviewedPlan } from './judge-plan';
import { backupsOf, type KnownBackups } from './known-backups';
import { operator } from './operator';
import { applyCommand, planText } from './plan-text';
import { alone, environmentOfStack, planKeysOf, planTarget, synthesizeHere } from './plan-target';
import { provisioningVariables } from './provisioning-variables';
import { writeReports } from './review-file';
import { runtimeFactsOf } from './runtime-facts';

export interface PlanRequest {
  readonly out?: string;
  readonly comment?: string;
  readonly summary?: string;
  readonly import: readonly string[];
  /** Hours. */
  readonly validFor: number;
  /** Where the settings are read from, where somebody named that. */
  readonly settings?: string;
}

export interface PlanResult {
  readonly document: {
    readonly report: JsonReport;
    readonly plan: { readonly file: string; readonly manifest: PlanManifest; readonly apply: string };
    readonly notes: readonly string[];
  };
  readonly text: string;
  readonly exitCode: number;
}

/** `cogni plan`: synthesizes, looks at the account, plans, reviews, and keeps the plan. */
export async function planEnvironment(
  name: string,
  request: PlanRequest,
  progress: Progress,
): Promise<PlanResult> {
  const imports = parseImports(request.import);
  provisioningVariables(environmentOfStack(name), request.settings);
  const target = planTarget(name);
  const { environment, stack, at } = target;
  const account = accountGateOf(target);
  let runtimes: Readonly<Record<string, RuntimeFacts>> = {};
  return alone(`cogni plan ${name}`, async () => {
    const [keys, state] = await Promise.all([
      planKeysOf(environment, request.settings),
      checkoutState(checkout),
    ]);
    await progress.step('synthesize', synthesizeHere);
    const kept = await planStack({
      environment: environment.name,
      stack,
      at,
      keys,
      checkout: state,
      madeBy: operator().who,
      validFor: request.validFor * 60 * 60_000,
      file: (manifest) =>
        request.out ??
        join(environmentFolder(environment.name), 'plans', `${stack}-${shortHash(manifest)}.plan`),
      imports,
      preflight: async (facts) => {
        const there = Object.keys(facts.ids).some((address) => address.startsWith('cherryservers_server.'));
        // At once; nothing of either goes on when the other one fails.
        const asking = account.beforePlanning(facts, imports);
        // An address by itself changes nothing of what runs anywhere.
        const looking: Promise<typeof runtimes> =
          target.kind === 'host'
            ? runtimeFactsOf(environment, { there, signal: at.signal })
            : Promise.resolve({});
        await Promise.allSettled([asking, looking]);
        await asking;
        runtimes = await looking;
      },
      judge: async (facts) => {
        const judgeWith = (backups?: KnownBackups): ReviewedPlan =>
          judgeHere({
            environment,
            stack,
            commit: state?.commit,
            hosts: hostFactsOf(environment, backups),
            runtimes,
          })(facts);
        const judged = judgeWith();
        if (!judged.losses.some(({ disk }) => disk)) return judged;
        const backups = await progress.step(
          'ask for the newest backup that was read back',
          () => backupsOf(environment),
          { why: 'the plan takes a disk' },
        );
        const { standing } = backups;
        account.notes.push(
          standing.kind === 'verified'
            ? `newest verified backup: ${standing.description}`
            : standing.kind === 'none'
              ? `no fresh backup: ${standing.why}`
              : `whether there is a fresh backup is not known here: ${standing.why}`,
        );
        return judgeWith(backups);
      },
      accept: ({ review }, json) => account.afterPlanning(plannedChanges(review, json)),
      progress,
    });
    const { judged, manifest, file } = kept;
    const { notes } = account;
    writeReports(judged.review, request);
    return {
      document: {
        report: jsonReport(judged.review),
        plan: { file, manifest, apply: applyCommand(kept, stack, request.settings) },
        notes,
      },
      text: planText(kept, stack, request.settings, notes),
      exitCode: judged.review.exitCode,
    };
  });
}
