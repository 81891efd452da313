import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../foundation/clock';
import { ExitCode, Failure, messageOf } from '../../foundation/failure';
import type { Progress } from '../../foundation/progress';
import { open } from '../../foundation/age';
import { knownTrouble, withoutTrace } from './known-trouble';
import { sha256Of, shortHash, type Loss, type PlanManifest, type Severity } from './manifest';
import { withMemoryFolder } from './memory-folder';
import type { PlanKeys } from './plan-keys';
import type { Judgement, PlanFacts } from './plan-stack';
import { refusals } from './refusals';
import type { SealedPlan } from './sealed-plan';
import { signatureFault } from './signature';
import type { StateFacts } from './state-facts';
import { isLocked, lockAdvice } from './state-lock';
import {
  applyAt,
  hashesAt,
  initAt,
  outputsAt,
  showAt,
  stateAt,
  toolAt,
  type TerraformAt,
} from './terraform-run';
import { wordRefusals, type BackupGuard, type Words } from './words';

export interface ApplyPlanProps<J extends Judgement = Judgement> {
  readonly environment: string;
  readonly stack: string;
  readonly at: TerraformAt;
  readonly plan: SealedPlan;
  readonly keys: Pick<PlanKeys, 'trusted' | 'identities'>;
  readonly checkout: { readonly commit: string; readonly dirty: boolean } | undefined;
  /** Whether only what is committed may be applied. */
  readonly onlyCommitted: boolean;
  readonly words: Words;
  readonly backup: BackupGuard;
  readonly judge: (facts: Pick<PlanFacts, 'json' | 'hash' | 'state'>) => J;
  /** Reasons of the account not to begin; also for what the plan itself orders or replaces. */
  readonly preflight: (state: StateFacts, planJson: string, judged: J) => Promise<readonly string[]>;
  /** After an apply that failed: what the API has and the state does not, each with the way back. Never throws. */
  readonly leftBehind: (state: StateFacts) => Promise<readonly string[]>;
  /** After an apply that Terraform calls done: what is not. Never throws. */
  readonly notDone: (state: StateFacts) => Promise<readonly string[]>;
  /** Terraform's words as they come. */
  readonly onOutput: (chunk: string) => void;
  /** Look at everything, apply nothing. */
  readonly dryRun: boolean;
  readonly progress: Progress;
}

export interface Applied {
  readonly manifest: PlanManifest;
  /** False after a dry run. */
  readonly applied: boolean;
  /** Outputs that are not sensitive. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** What is not done although Terraform says so. */
  readonly notes: readonly string[];
}

/**
 * Applies a kept plan: those very bytes, or nothing.
 *
 * @throws Failure (exit code 3) with every reason not to; (1 or 5) when Terraform fails half-way, with what is left
 */
export async function applyPlan<J extends Judgement>(props: ApplyPlanProps<J>): Promise<Applied> {
  const { at, plan, progress } = props;
  const { manifest } = plan;
  requireGenuine(props);
  const tool = await toolAt(at);
  await progress.step('initialise Terraform', () => initAt(at));
  const state = await stateAt(at);
  const reasons = [
    ...refusals(manifest, {
      environment: props.environment,
      stack: props.stack,
      commit: props.checkout?.commit ?? null,
      clean: props.checkout?.dirty === false,
      tool,
      state: state.version,
      ...hashesAt(at),
      now: (at.clock ?? systemClock).now(),
      onlyCommitted: props.onlyCommitted,
    }),
  ];
  const bytes = await unsealed(props);
  if (bytes instanceof Uint8Array) {
    return withMemoryFolder(async (folder) => {
      const planFile = join(folder, 'plan');
      writeFileSync(planFile, bytes, { mode: 0o600 });
      reasons.push(...(await reasonsInside(props, planFile, state, reasons.length === 0)));
      if (reasons.length > 0) throw refused(props, reasons);
      if (props.dryRun) return { manifest, applied: false, outputs: {}, notes: [] };
      await progress.step(`apply plan ${shortHash(manifest)}`, () => carryOut(props, planFile, folder));
      return { manifest, applied: true, ...(await readAfterwards(props)) };
    });
  }
  throw refused(props, [...reasons, bytes]);
}

/**
 * What there is to say after an apply that Terraform calls done. What cannot be read by then is a note and no failure: that would say
 * that nothing was changed.
 */
async function readAfterwards({
  at,
  stack,
  notDone,
}: Pick<ApplyPlanProps, 'at' | 'stack' | 'notDone'>): Promise<Pick<Applied, 'outputs' | 'notes'>> {
  const unread = (thrown: unknown): string =>
    `${thrown instanceof Failure ? thrown.what : messageOf(thrown)}: the plan is applied all the same; look at what there is: ./cogni plan ${stack}`;
  const notes = await stateAt(at).then(notDone, (thrown: unknown) => [unread(thrown)]);
  try {
    return { outputs: await outputsAt(at), notes };
  } catch (thrown) {
    return { outputs: {}, notes: [...notes, unread(thrown)] };
  }
}

/** Nothing of a file is believed, nor even unpacked, before its signature was looked at. */
function requireGenuine({
  plan,
  keys,
  environment,
  stack,
}: Pick<ApplyPlanProps, 'plan' | 'keys' | 'environment' | 'stack'>): void {
  const faults = [
    signatureFault(plan.manifest, plan.signature, keys.trusted),
    sha256Of(plan.sealed) === plan.manifest.sealed.sha256
      ? undefined
      : 'its encrypted part is not the one that was signed: it was changed, or is from another plan',
  ].filter((fault) => fault !== undefined);
  if (faults.length === 0) return;
  const { stack: other } = plan.manifest;
  const itself = other === stack ? [] : [`it says of itself that it is a plan for ${other}`];
  throw refused({ environment, stack, plan }, [...faults, ...itself]);
}

async function unsealed({ plan, keys }: Pick<ApplyPlanProps, 'plan' | 'keys'>): Promise<Uint8Array | string> {
  let bytes: Uint8Array;
  try {
    bytes = await open(plan.sealed, keys.identities);
  } catch (cause) {
    return `it cannot be decrypted with the identity here (${messageOf(cause)}): set COGNI_PLAN_IDENTITY to one of a recipient`;
  }
  const { sha256, bytes: length } = plan.manifest.plan;
  return bytes.length === length && sha256Of(bytes) === sha256
    ? bytes
    : 'what it holds, decrypted, is not the plan that was signed';
}

/**
 * What only the plan itself can say: it is judged anew, and has to do what the manifest says.
 *
 * @param current whether nothing spoke against it so far: an outdated plan says nothing of the account
 */
async function reasonsInside<J extends Judgement>(
  props: ApplyPlanProps<J>,
  planFile: string,
  state: StateFacts,
  current: boolean,
): Promise<readonly string[]> {
  const { manifest } = props.plan;
  const hash = manifest.plan.sha256;
  let json: string;
  try {
    json = await showAt(props.at, planFile);
  } catch (thrown) {
    if (!(thrown instanceof Failure) || current) throw thrown;
    // Another version of the program, say, which is among the reasons already.
    return [];
  }
  const judged = props.judge({ json, hash, state: state.version });
  const same =
    JSON.stringify(lossNames(judged.losses)) === JSON.stringify(lossNames(manifest.losses)) &&
    // Warnings, which only planning gives, may have made it worse.
    rank(judged.severity) <= rank(manifest.severity);
  return [
    ...(same
      ? []
      : [`the plan does something else (${judged.verdict}) than its manifest says (${manifest.verdict})`]),
    ...(await wordRefusals(
      { ...judged, verdict: manifest.verdict, severity: worse(judged.severity, manifest.severity) },
      hash,
      props.words,
      props.backup,
    )),
    ...(current ? await props.preflight(state, json, judged) : []),
  ];
}

const severities: readonly Severity[] = ['nothing', 'safe', 'needs-review', 'destructive'];
const rank = (severity: Severity): number => severities.indexOf(severity);
const worse = (one: Severity, other: Severity): Severity => (rank(one) > rank(other) ? one : other);
const lossNames = (losses: readonly Loss[]): readonly string[] =>
  losses.map(({ name, verdict, address }) => `${verdict} ${name} ${address}`).sort();

const refused = (
  { environment, stack, plan }: Pick<ApplyPlanProps, 'environment' | 'stack' | 'plan'>,
  reasons: readonly string[],
): Failure =>
  new Failure({
    what: `plan ${shortHash(plan.manifest)} is not applied to ${stack}: ${reasons.length === 1 ? 'one reason' : `${reasons.length} reasons`}`,
    faults: reasons,
    next: `./cogni plan ${plan.manifest.environment === environment ? stack : environment}    (a new one, when this one is out of date)`,
    exitCode: ExitCode.refused,
  });

async function carryOut(
  props: Omit<ApplyPlanProps, 'judge' | 'preflight'>,
  planFile: string,
  folder: string,
): Promise<void> {
  const { at, stack } = props;
  const { code, said, timedOut } = await applyAt(at, planFile, join(folder, 'log'), props.onOutput);
  if (code === 0) return;
  const state = await stateAt(at).catch(() => undefined);
  const left = state === undefined ? [] : await props.leftBehind(state);
  const lost = props.plan.manifest.losses.length > 0;
  const lock = isLocked(said) ? lockAdvice(at, said) : undefined;
  const trouble = lock || timedOut ? undefined : knownTrouble(said, `./cogni plan ${stack}`);
  throw new Failure({
    what: `applying plan ${shortHash(props.plan.manifest)} to ${stack} ${
      timedOut
        ? 'did not end in time'
        : lock
          ? `did not begin: ${lock.what}`
          : `failed${trouble === undefined ? '' : `: ${trouble.cause}`}`
    }`,
    faults: left,
    state: lock
      ? 'nothing was changed'
      : state === undefined
        ? 'some of it may be done, and the state cannot be read'
        : `what was done by then is in the state (serial ${state.version?.serial ?? 'none'})${
            left.length > 0 ? ', except what is listed above' : ''
          }; the plan is used up`,
    next:
      lock?.next ??
      (left.length > 0
        ? `decide on each of them as said above, then: ./cogni plan ${stack}`
        : (trouble?.next ?? `read what Terraform says above, then: ./cogni plan ${stack}`)),
    output: withoutTrace(said).split('\n').slice(-60).join('\n'),
    exitCode: lock ? ExitCode.locked : lost ? ExitCode.degraded : ExitCode.failed,
  });
}
