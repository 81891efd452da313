import { join } from 'node:path';
import { ExitCode, Failure } from '../foundation/failure';
import type { Progress } from '../foundation/progress';
import { accountFacts } from '../infra/cherry/account-facts';
import { judgePreflight, judgeProject, replacementFault, type AccountFacts } from '../infra/cherry/preflight';
import { parseImports } from '../infra/plan/imports';
import { shortHash, type PlanManifest } from '../infra/plan/manifest';
import { planStack } from '../infra/plan/plan-stack';
import { neededWords } from '../infra/plan/words';
import { jsonReport, type JsonReport, type RuntimeFacts } from '../review';
import { environmentFolder } from '../stacks/here';
import { checkoutState } from './checkout-state';
import { cherryApiHere, wantedBy } from './cherry-account';
import { checkout } from './context';
import { hostFactsOf } from './host-facts';
import { judgeHere, type ReviewedPlan } from './judge-plan';
import { backupsOf, type KnownBackups } from './known-backups';
import { operator } from './operator';
import { alone, planKeysOf, planTarget, synthesizeHere } from './plan-target';
import { reviewText, writeReports } from './review-file';
import { runtimeFactsOf } from './runtime-facts';

export interface PlanRequest {
  readonly out?: string;
  readonly comment?: string;
  readonly summary?: string;
  readonly import: readonly string[];
  /** Hours. */
  readonly validFor: number;
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
  const target = planTarget(name);
  const { environment, host, stack, at } = target;
  const api = cherryApiHere(at.signal);
  const notes: string[] = [];
  let account: AccountFacts | undefined;
  let runtimes: Readonly<Record<string, RuntimeFacts>> = {};
  let replaced = (): string | undefined => undefined;
  return alone(`cogni plan ${name}`, async () => {
    const [keys, state] = await Promise.all([planKeysOf(environment), checkoutState(checkout)]);
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
        const wanted = wantedBy(target, facts, imports);
        const there = Object.keys(facts.ids).some((address) => address.startsWith('cherryservers_server.'));
        [account, runtimes] = await Promise.all([
          accountFacts(api, wanted),
          // An address by itself changes nothing of what runs anywhere.
          target.kind === 'host' ? runtimeFactsOf(environment, { there, signal: at.signal }) : {},
        ]);
        const judged =
          target.kind === 'host'
            ? judgePreflight(wanted, account)
            : judgeProject(host.projectId, account.projects);
        notes.push(...judged.notes);
        const { projects } = account;
        replaced = () => (account === undefined ? undefined : replacementFault(wanted, account));
        if (judged.faults.length > 0) throw unfit(stack, judged.faults, 'trouble' in projects);
      },
      judge: async (facts) => {
        const judgeWith = (backups?: KnownBackups): ReviewedPlan =>
          judgeHere({
            environment,
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
        notes.push(
          standing.kind === 'verified'
            ? `newest verified backup: ${standing.description}`
            : standing.kind === 'none'
              ? `no fresh backup: ${standing.why}`
              : `whether there is a fresh backup is not known here: ${standing.why}`,
        );
        return judgeWith(backups);
      },
      accept: ({ review }) => {
        const isReplaced = review.changes.some(
          ({ type, verdict }) => type === 'cherryservers_server' && verdict === 'REPLACE',
        );
        const fault = isReplaced ? replaced() : undefined;
        if (fault !== undefined) throw unfit(stack, [fault], false);
      },
      progress,
    });
    const { judged, manifest, file } = kept;
    writeReports(judged.review, request);
    const apply = ['./cogni apply', stack, file, ...neededWords(judged, manifest.plan.sha256)].join(' ');
    return {
      document: { report: jsonReport(judged.review), plan: { file, manifest, apply }, notes },
      text: [
        reviewText(judged.review),
        ...notes.map((note) => `note: ${note}`),
        `kept:  ${file} (plan ${shortHash(manifest)}, encrypted, until ${manifest.expiresAt})`,
        ...(judged.doomed
          ? ['next:  it would fail: mend what is said above, and plan again']
          : [`next:  ${apply}`]),
      ].join('\n'),
      exitCode: judged.review.exitCode,
    };
  });
}

const unfit = (stack: string, faults: readonly string[], unknown: boolean): Failure =>
  new Failure({
    what: unknown
      ? `${stack} is not planned: the account cannot be asked`
      : `${stack} is not planned: what it needs cannot be had`,
    faults,
    next: 'mend it, then run this again',
    exitCode: unknown ? ExitCode.failed : ExitCode.refused,
  });
