import { ExitCode, Failure } from '../foundation/failure';
import type { Progress } from '../foundation/progress';
import { accountFacts } from '../infra/cherry/account-facts';
import { judgePreflight, judgeProject, replacementFault } from '../infra/cherry/preflight';
import { applyPlan } from '../infra/plan/apply-plan';
import type { Import } from '../infra/plan/imports';
import { shortHash } from '../infra/plan/manifest';
import { readSealedPlan } from '../infra/plan/sealed-plan';
import { idsOfType, type StateFacts } from '../infra/plan/state-facts';
import { wordFaults } from '../infra/plan/words';
import { readPlan } from '../review';
import { checkoutState } from './checkout-state';
import { cherryApiHere, leftBehind, wantedBy } from './cherry-account';
import { checkout } from './context';
import { backupGuardOf } from './known-backups';
import { judgeHere } from './judge-plan';
import { alone, planKeysOf, planTarget, synthesizeHere, type PlanTarget } from './plan-target';

export interface ApplyRequest {
  readonly wipe: readonly string[];
  readonly reviewed?: string;
  readonly withoutBackup: readonly string[];
  readonly dryRun?: boolean;
}

export interface ApplyResult {
  readonly document: {
    readonly stack: string;
    readonly plan: string;
    readonly applied: boolean;
    readonly outputs: Readonly<Record<string, unknown>>;
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
  const target = planTarget(name);
  const { environment, stack, at } = target;
  const api = cherryApiHere(at.signal);
  return alone(`cogni apply ${name}`, async () => {
    const [keys, state] = await Promise.all([planKeysOf(environment), checkoutState(checkout)]);
    await progress.step('synthesize', synthesizeHere);
    const { manifest, applied, outputs } = await applyPlan({
      environment: environment.name,
      stack,
      at,
      plan,
      keys,
      checkout: state,
      onlyCommitted: environment.policies.protected && environment.sandbox === undefined,
      words,
      backup: backupGuardOf(environment),
      judge: judgeHere({ environment, commit: state?.commit }),
      preflight: (facts, json) => accountReasons(target, api, facts, json),
      leftBehind: (facts) => leftBehind(api, target, facts),
      onOutput: linesTo((line) => progress.note(line)),
      dryRun: request.dryRun ?? false,
      progress,
    });
    const lines = Object.entries(outputs).map(
      ([output, value]) => `  ${output} = ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
    return {
      document: { stack, plan: manifest.plan.sha256, applied, outputs },
      text: applied
        ? [`plan ${shortHash(manifest)} is applied to ${stack}`, ...lines].join('\n')
        : `plan ${shortHash(manifest)} would be applied to ${stack}: nothing speaks against it`,
    };
  });
}

/** Why the account cannot give what this plan orders. */
async function accountReasons(
  target: PlanTarget,
  api: ReturnType<typeof cherryApiHere>,
  state: StateFacts,
  json: string,
): Promise<readonly string[]> {
  const changes = readPlan(json).resource_changes ?? [];
  const imports = changes.flatMap(({ address, change }): Import[] =>
    change.importing?.id === undefined ? [] : [{ address, id: change.importing.id }],
  );
  const wanted = wantedBy(target, state, imports);
  const account = await accountFacts(api, wanted);
  if (target.kind === 'address') return judgeProject(target.host.projectId, account.projects).faults;
  const replaced = changes.some(
    ({ type, change }) =>
      type === 'cherryservers_server' &&
      change.actions.includes('delete') &&
      change.actions.includes('create'),
  );
  // A plan that removes the host needs nothing of what a host is made of.
  const ordersOrKeeps =
    idsOfType(state, 'cherryservers_server').length === 0 ||
    changes.some(({ type, change }) => type === 'cherryservers_server' && change.actions[0] !== 'delete');
  const fault = replaced ? replacementFault(wanted, account) : undefined;
  return [
    ...(ordersOrKeeps ? judgePreflight(wanted, account).faults : []),
    ...(fault === undefined ? [] : [fault]),
  ];
}

/** Whole lines out of chunks; empty ones are left out. */
function linesTo(print: (line: string) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') print(line);
  };
}
