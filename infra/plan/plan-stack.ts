import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../foundation/clock';
import { ExitCode, Failure } from '../../foundation/failure';
import type { Progress } from '../../foundation/progress';
import { seal } from '../../foundation/age';
import { forgetImports, writeImports, type Import } from './imports';
import { manifestFormat, sha256Of, type PlanManifest } from './manifest';
import { withMemoryFolder } from './memory-folder';
import { requireTrustedSigner, type PlanKeys } from './plan-keys';
import { writeSealedPlan } from './sealed-plan';
import { signManifest } from './signature';
import type { StateFacts } from './state-facts';
import { hashesAt, initAt, planAt, showAt, stateAt, toolAt, type TerraformAt } from './terraform-run';
import type { Judged } from './words';

/** What a plan is read by: handed in, since what changes mean is known elsewhere (`review/`). */
export interface Judgement extends Judged {
  readonly counts: Readonly<Record<string, number>>;
}

/** What a plan was made from, for a report. */
export interface PlanFacts {
  /** Terraform's plan in JSON: secrets in clear. */
  readonly json: string;
  /** Messages of `plan -json`. */
  readonly messages: string;
  /** SHA-256 of the plan file, in hex. */
  readonly hash: string;
  readonly state: PlanManifest['state'];
}

export interface PlanStackProps<J extends Judgement> {
  readonly environment: string;
  readonly stack: string;
  readonly at: TerraformAt;
  readonly keys: PlanKeys;
  readonly checkout: { readonly commit: string; readonly dirty: boolean } | undefined;
  readonly madeBy: string;
  /** Milliseconds for which it may be applied. */
  readonly validFor: number;
  /** Where it is kept, by its manifest. */
  readonly file: (manifest: PlanManifest) => string;
  readonly imports: readonly Import[];
  /** Asked before anything is planned. @throws Failure with every fault */
  readonly preflight: (state: StateFacts) => Promise<void>;
  readonly judge: (facts: PlanFacts) => J | Promise<J>;
  /** Asked about what was planned, before it is kept. @throws Failure to keep nothing */
  readonly accept?: (judged: J, planJson: string) => void;
  readonly progress: Progress;
}

export interface KeptPlan<J extends Judgement> {
  readonly manifest: PlanManifest;
  readonly file: string;
  readonly judged: J;
}

/**
 * Plans a synthesized stack and keeps the plan: encrypted, and signed together with what it was made from. In clear the
 * plan is only ever in memory.
 *
 * @throws Failure when the preflight or Terraform refuses, or when the plan cannot be kept: then nothing of it is left
 */
export async function planStack<J extends Judgement>(props: PlanStackProps<J>): Promise<KeptPlan<J>> {
  const { at, keys, progress } = props;
  const clock = at.clock ?? systemClock;
  requireTrustedSigner(props.environment, keys);
  const tool = await toolAt(at);
  await progress.step('initialise Terraform', () => initAt(at));
  const state = await stateAt(at);
  await progress.step('ask the account whether it can be had', () => props.preflight(state));
  return withMemoryFolder(async (folder) => {
    const planFile = join(folder, 'plan');
    const messages = await progress.step('plan', () => withImports(props, () => planAt(at, planFile)));
    const json = await showAt(at, planFile);
    await requireSameState(at, state);
    const bytes = readFileSync(planFile);
    const hash = sha256Of(bytes);
    const judged = await props.judge({ json, messages, hash, state: state.version });
    props.accept?.(judged, json);
    const sealed = await seal(bytes, keys.recipients);
    const now = clock.now();
    const manifest: PlanManifest = {
      format: manifestFormat,
      environment: props.environment,
      stack: props.stack,
      commit: props.checkout?.commit ?? null,
      clean: props.checkout?.dirty === false,
      tool,
      state: state.version,
      ...hashesAt(at),
      plan: { sha256: hash, bytes: bytes.length },
      sealed: { sha256: sha256Of(sealed) },
      verdict: judged.verdict,
      severity: judged.severity,
      counts: { ...judged.counts },
      losses: [...judged.losses],
      madeAt: now.toISOString(),
      expiresAt: new Date(now.getTime() + props.validFor).toISOString(),
      madeBy: props.madeBy,
    };
    const file = props.file(manifest);
    writeSealedPlan(file, { manifest, signature: signManifest(manifest, keys.signer), sealed });
    return { manifest, file, judged };
  });
}

async function withImports<T>(
  { at, imports }: { readonly at: TerraformAt; readonly imports: readonly Import[] },
  work: () => Promise<T>,
): Promise<T> {
  if (imports.length === 0) return work();
  writeImports(at.folder, imports);
  try {
    return await work();
  } finally {
    forgetImports(at.folder);
  }
}

/** What was planned from must be what was written down. */
async function requireSameState(at: TerraformAt, before: StateFacts): Promise<void> {
  const after = await stateAt(at);
  if (before.version?.serial === after.version?.serial && before.version?.lineage === after.version?.lineage)
    return;
  throw new Failure({
    what: 'the state was changed by another run while this one planned',
    state: 'nothing was changed by this run, and no plan was kept',
    next: 'run this again',
    exitCode: ExitCode.locked,
  });
}
