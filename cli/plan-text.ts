import { shortHash } from '../infra/plan/manifest';
import type { KeptPlan } from '../infra/plan/plan-stack';
import { neededWords } from '../infra/plan/words';
import type { ReviewedPlan } from './judge-plan';
import { reviewText } from './review-file';

/** The command that applies a kept plan, with the words that it needs. */
export const applyCommand = ({ judged, manifest, file }: KeptPlan<ReviewedPlan>, stack: string): string =>
  ['./cogni apply', stack, file, ...neededWords(judged, manifest.plan.sha256)].join(' ');

/**
 * What `cogni plan` prints of a plan that it kept.
 *
 * @param notes what should be known of the account
 */
export const planText = (kept: KeptPlan<ReviewedPlan>, stack: string, notes: readonly string[]): string =>
  [
    reviewText(kept.judged.review),
    ...notes.map((note) => `note: ${note}`),
    `kept:  ${kept.file} (plan ${shortHash(kept.manifest)}, encrypted, until ${kept.manifest.expiresAt})`,
    kept.judged.doomed
      ? 'next:  it would fail: mend what is said above, and plan again'
      : `next:  ${applyCommand(kept, stack)}`,
  ].join('\n');
