import type { Judgement, PlanFacts } from '../infra/plan/plan-stack';
import {
  readDiagnostics,
  readPlan,
  reviewPlan,
  type HostFacts,
  type Review,
  type RuntimeFacts,
} from '../review';
import type { Environment } from '../stacks/environment';
import { withoutKnownSecrets } from './known-secrets';
import { maskingFor, readable } from './review-file';

/** A plan as reviewed, and what of that decides whether it may be applied. */
export interface ReviewedPlan extends Judgement {
  readonly review: Review;
}

/** Reviews plans of an environment. Without messages (at apply) their warnings are not known; the manifest holds what they led to. */
export const judgeHere =
  (about: {
    readonly environment: Pick<Environment, 'name'>;
    /** What the report goes by: each has its own comment on a pull request. @default - the environment's name */
    readonly stack?: string;
    readonly commit: string | undefined;
    /** What is known of its hosts. @default - nothing */
    readonly hosts?: Readonly<Record<string, HostFacts>>;
    /** What runs on them. @default - not known */
    readonly runtimes?: Readonly<Record<string, RuntimeFacts>> | undefined;
  }) =>
  ({
    json,
    messages,
    hash,
    state,
  }: Omit<PlanFacts, 'messages'> & { readonly messages?: string }): ReviewedPlan => {
    const review = readable('the plan that Terraform made', () =>
      reviewPlan({
        plan: readPlan(json),
        planHash: hash,
        environment: about.stack ?? about.environment.name,
        ...(about.hosts === undefined ? {} : { hosts: about.hosts }),
        ...(about.runtimes === undefined ? {} : { runtimes: about.runtimes }),
        ...(about.commit === undefined ? {} : { commit: about.commit }),
        ...(messages === undefined ? {} : { diagnostics: readDiagnostics(messages) }),
        ...(state === null ? {} : { state }),
        masking: maskingFor(withoutKnownSecrets(about.environment.name, undefined)),
        now: Date.now(),
      }),
    );
    return {
      review,
      verdict: review.verdict,
      severity: review.severity,
      counts: review.counts,
      // A disk that is lost outranks it, and would be lost for an apply that then fails.
      doomed: review.changes.some(({ findings }) => findings.some(({ verdict }) => verdict === 'DOOMED')),
      losses: review.changes.flatMap(({ loss, verdict, address }) =>
        loss === undefined ? [] : [{ ...loss, verdict, address }],
      ),
    };
  };
