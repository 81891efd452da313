import { shownAttributes, type ShownAttribute } from './attributes';
import { classify, type Classified, type Finding } from './classify';
import { consequenceOf, type Consequence, type HostFacts } from './consequence';
import { costLines, type CostLine } from './cost';
import type { Diagnostic } from './diagnostics';
import { documentDiff, type DocumentDiff } from './document';
import { classifyDrift } from './drift';
import { isEncoded } from './encoding';
import { gapsIn, unknownPartsIn } from './gaps';
import { shown, type Masking, type Shown } from './masking';
import { configuredResources, withoutKeys, type Plan, type ResourceChange } from './plan';
import { rulesFor } from './rules/tables';
import { runtimeReviews, type RuntimeFacts, type RuntimeReview } from './runtime';
import { isObject, marksAny, maskOf, partOf } from './tree';
import {
  rankOf,
  reviewExitCodes,
  severityOf,
  verdicts,
  worstOf,
  type Severity,
  type Verdict,
} from './verdict';

/** What a review is made of. Only the plan is needed; what is not handed in is said to be unknown. */
export interface ReviewInput {
  readonly plan: Plan;
  /** Undefined = they were not handed in, which is said. */
  readonly diagnostics?: readonly Diagnostic[];
  readonly environment?: string;
  readonly commit?: string;
  readonly state?: { readonly serial?: number; readonly lineage?: string };
  /** SHA-256 of the plan's JSON, in hex. */
  readonly planHash?: string;
  /** Versions of providers that are known from elsewhere, by `namespace/type`. */
  readonly providerVersions?: Readonly<Record<string, string>>;
  /** By address of the resource or by the host name of the server. */
  readonly hosts?: Readonly<Record<string, HostFacts>>;
  /** What runs on hosts, by host name. Undefined = not handed in, which is said. */
  readonly runtimes?: Readonly<Record<string, RuntimeFacts>>;
  readonly masking?: Partial<Masking>;
  /** Milliseconds since 1970: for the age of backups. */
  readonly now: number;
}

/** What will happen to one resource. */
export interface ReviewedChange {
  readonly verdict: Verdict;
  readonly address: string;
  readonly previousAddress?: string;
  readonly type: string;
  /** As the plan names them. */
  readonly actions: readonly string[];
  readonly findings: readonly Finding[];
  readonly attributes: readonly ShownAttribute[];
  readonly documents: readonly DocumentDiff[];
  readonly consequence: Consequence;
  /** What is gone afterwards; only where something is. */
  readonly loss?: Loss;
}

/** Something that a change wipes, replaces or destroys, by the name that people have for it. */
export interface Loss {
  /** Host name of a server; the address of anything else. */
  readonly name: string;
  /** Whether a disk goes with it, or may: what is not known counts as one. */
  readonly disk: boolean;
}

export interface ReviewedOutput {
  readonly name: string;
  readonly actions: readonly string[];
  readonly before: Shown;
  readonly after: Shown;
}

/** A review: nothing in it is secret, so it may be printed, posted and kept. */
export interface Review {
  readonly verdict: Verdict;
  readonly severity: Severity;
  readonly exitCode: number;
  readonly environment: string | undefined;
  readonly commit: string | undefined;
  readonly state: { readonly serial?: number; readonly lineage?: string } | undefined;
  readonly planHash: string | undefined;
  readonly terraformVersion: string | undefined;
  readonly counts: Readonly<Record<Verdict, number>>;
  /** Worst first; what does not change is only counted. */
  readonly changes: readonly ReviewedChange[];
  /** What was changed besides Terraform; worst first. */
  readonly drift: readonly ReviewedChange[];
  readonly outputs: readonly ReviewedOutput[];
  /** What makes the whole plan less than safe, whatever its changes are. */
  readonly doubts: readonly string[];
  /** Undefined = not handed in. */
  readonly diagnostics: readonly Diagnostic[] | undefined;
  /** What would become of what runs on the hosts; undefined = not handed in. The verdict is about the plan alone. */
  readonly runtime: readonly RuntimeReview[] | undefined;
  readonly cost: readonly CostLine[];
  /** Addresses that depend on one that changes: pairs from, to. Addresses without instance keys. */
  readonly touches: readonly (readonly [string, string])[];
}

/** Reviews a plan: a pure function. */
export function reviewPlan(input: ReviewInput): Review {
  const { plan } = input;
  const masking: Masking = {
    secretNames: input.masking?.secretNames ?? [],
    redact: input.masking?.redact ?? ((text) => text),
  };
  const rules = rulesFor(plan, input.providerVersions);
  const configured = configuredResources(plan);
  const reviewed = (resource: ResourceChange, classified: Classified): ReviewedChange =>
    reviewedChange(resource, classified, input, masking);
  const all = (plan.resource_changes ?? []).map((resource) =>
    reviewed(
      resource,
      classify(resource, rules(resource.provider_name), configured.get(withoutKeys(resource.address))),
    ),
  );
  const changes = worstFirst(all);
  const drift = worstFirst(
    (plan.resource_drift ?? []).map((resource) =>
      reviewed(resource, classifyDrift(resource, rules(resource.provider_name))),
    ),
  );
  const outputs = reviewedOutputs(plan, masking);
  const doubts = doubtsOf(plan, changes, drift, input.diagnostics).map(masking.redact);
  const verdict = worstOf([
    ...changes.map((change) => change.verdict),
    ...outputs.map(verdictOnOutput),
    ...(doubts.length > 0 ? (['REVIEW'] as const) : []),
  ]);
  const severity = severityOf(verdict);
  return {
    verdict,
    severity,
    exitCode: reviewExitCodes[severity],
    environment: input.environment,
    commit: input.commit,
    state: input.state,
    planHash: input.planHash,
    terraformVersion: plan.terraform_version,
    counts: countsOf(all),
    changes,
    drift,
    outputs,
    doubts,
    diagnostics: input.diagnostics?.map((diagnostic) => withoutSecrets(diagnostic, masking)),
    runtime: runtimeReviews(
      plan,
      all.map((change) => change.verdict),
      input.runtimes,
      masking,
    ),
    cost: costLines(plan.resource_changes ?? []).map((line) => ({
      ...line,
      address: masking.redact(line.address),
    })),
    touches: touchesOf(plan, changes).map(
      ([from, to]) => [masking.redact(from), masking.redact(to)] as const,
    ),
  };
}

function reviewedChange(
  resource: ResourceChange,
  { verdict, findings, changed, holds }: Classified,
  { hosts, now }: ReviewInput,
  masking: Masking,
): ReviewedChange {
  const { change, address, deposed, previous_address: previous } = resource;
  const nothing = verdict === 'NO-OP';
  return {
    verdict,
    address: masking.redact(deposed === undefined ? address : `${address} (deposed ${deposed})`),
    ...(previous === undefined || previous === address ? {} : { previousAddress: masking.redact(previous) }),
    type: resource.type,
    actions: change.actions,
    findings,
    attributes: nothing ? [] : shownAttributes(change, changed, masking),
    documents: nothing ? [] : documentsOf(resource, changed, masking),
    consequence: consequenceOf(verdict, holds, factsOf(resource, hosts ?? {}), now),
    ...(['WIPE', 'REPLACE', 'DESTROY'].includes(verdict) ? { loss: lossOf(resource, holds, masking) } : {}),
  };
}

function lossOf({ address, change }: ResourceChange, holds: Classified['holds'], { redact }: Masking): Loss {
  const names = ['hostname', 'name']
    .filter((each) => !marksAny(maskOf(change.before_sensitive, each)))
    .map((each) => partOf(change.before, each));
  const name = names.find((each) => typeof each === 'string' && /^[\w.-]+$/.test(each));
  return {
    name: redact(holds === 'disk' && typeof name === 'string' ? name : address),
    disk: holds === 'disk' || holds === undefined,
  };
}

/** Documents for the machine that differ, where both sides are known and may be shown. */
function documentsOf(
  { change }: ResourceChange,
  changed: Classified['changed'],
  masking: Masking,
): readonly DocumentDiff[] {
  return changed
    .filter(({ rule, before, after }) => rule?.document || isEncoded(before) || isEncoded(after))
    .map(({ name, before, after, unknown }): DocumentDiff => {
      const sensitive = [change.before_sensitive, change.after_sensitive].some((mask) =>
        marksAny(maskOf(mask, name)),
      );
      if (sensitive || masking.secretNames.includes(name))
        return { path: name, diff: '', note: 'not shown: it is sensitive' };
      if (unknown) return { path: name, diff: '', note: 'not shown: it is only known after apply' };
      return documentDiff(name, before, after, masking);
    });
}

function factsOf(
  { address, change }: ResourceChange,
  hosts: Readonly<Record<string, HostFacts>>,
): HostFacts | undefined {
  const names = [address, partOf(change.before, 'hostname')];
  const known = names.find((name) => typeof name === 'string' && Object.hasOwn(hosts, name));
  return typeof known === 'string' ? hosts[known] : undefined;
}

function worstFirst(changes: readonly ReviewedChange[]): readonly ReviewedChange[] {
  return changes
    .filter(({ verdict }) => verdict !== 'NO-OP')
    .sort(
      (one, other) =>
        rankOf(one.verdict) - rankOf(other.verdict) ||
        (one.address < other.address ? -1 : one.address > other.address ? 1 : 0),
    );
}

/** One that is made says nothing of what is there already. */
export const verdictOnOutput = ({ actions }: ReviewedOutput): Verdict =>
  actions.length === 1 && actions[0] === 'create' ? 'CREATE' : 'UPDATE';

function reviewedOutputs(plan: Plan, masking: Masking): readonly ReviewedOutput[] {
  return (plan.output_changes ?? [])
    .filter(([, change]) => change.actions.some((action) => action !== 'no-op'))
    .map(([name, change]) => ({
      name: masking.redact(name),
      actions: change.actions,
      before: shown(
        change.before,
        { unknown: undefined, sensitive: collapsed(change.before_sensitive) },
        [name],
        masking,
      ),
      after: shown(
        change.after,
        { unknown: change.after_unknown, sensitive: collapsed(change.after_sensitive) },
        [name],
        masking,
      ),
    }));
}

/** An output is sensitive as a whole. */
const collapsed = (mask: unknown): unknown => (marksAny(mask) ? true : mask);

function doubtsOf(
  plan: Plan,
  changes: readonly ReviewedChange[],
  drift: readonly ReviewedChange[],
  diagnostics: readonly Diagnostic[] | undefined,
): readonly string[] {
  const drifted = drift.filter(({ verdict }) => !['safe', 'nothing'].includes(severityOf(verdict)));
  const deferred = plan.deferred_changes?.length ?? 0;
  return [
    ...(plan.errored ? ['planning failed half-way: what the plan holds is not all'] : []),
    ...(plan.complete === false ? ['the plan is not complete: another plan has to follow it'] : []),
    ...(deferred > 0 ? [`${deferred} changes are deferred: what they do is not known yet`] : []),
    ...gapsIn(plan),
    ...unknownPartsIn(plan),
    ...(drifted.length > 0
      ? [`${drifted.length} resources were changed outside Terraform in a way that has to be looked at`]
      : []),
    ...((diagnostics ?? []).some(({ severity }) => severity !== 'warning')
      ? ['Terraform gave an error while it planned']
      : []),
    ...unexplained(diagnostics ?? [], changes),
  ];
}

/** A warning of something lost must not be outvoted by rules that know nothing of it. */
function unexplained(
  diagnostics: readonly Diagnostic[],
  changes: readonly ReviewedChange[],
): readonly string[] {
  const explained = changes.filter(({ verdict }) => !['safe', 'nothing'].includes(severityOf(verdict)));
  const warned = diagnostics.filter(
    ({ summary, detail, address }) =>
      /\b(wip|eras|los[est]|delet|destroy|re-?install)/i.test(`${summary} ${detail}`) &&
      !explained.some((change) => address === undefined || change.address === address),
  );
  return warned.length === 0 ? [] : ['a diagnostic speaks of something that is lost'];
}

const withoutSecrets = (
  { severity, summary, detail, address }: Diagnostic,
  { redact }: Masking,
): Diagnostic => ({
  severity,
  summary: redact(summary),
  detail: redact(detail),
  ...(address === undefined ? {} : { address: redact(address) }),
});

function countsOf(changes: readonly ReviewedChange[]): Readonly<Record<Verdict, number>> {
  const counts = Object.fromEntries(verdicts.map((verdict) => [verdict, 0])) as Record<Verdict, number>;
  for (const { verdict } of changes) counts[verdict] += 1;
  return counts;
}

/** Which resources of the configuration refer to one that changes, as far as the configuration says. */
function touchesOf(plan: Plan, changes: readonly ReviewedChange[]): readonly (readonly [string, string])[] {
  const changing = new Set(changes.map(({ address }) => withoutKeys(address)));
  const pairs: (readonly [string, string])[] = [];
  for (const [address, { expressions }] of configuredResources(plan)) {
    const module = /^(?:module\.[^.]+\.)*/.exec(address)?.[0] ?? '';
    for (const reference of new Set(referencesIn(expressions))) {
      const target = module + reference;
      if (target !== address && changing.has(target)) pairs.push([target, address]);
    }
  }
  return pairs;
}

function referencesIn(expression: unknown): readonly string[] {
  if (Array.isArray(expression)) return expression.flatMap(referencesIn);
  if (!isObject(expression)) return [];
  const { references, ...rest } = expression;
  const own = Array.isArray(references) ? references.filter((each) => typeof each === 'string') : [];
  return [...own, ...Object.values(rest).flatMap(referencesIn)];
}
