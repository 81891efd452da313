import { shortHash } from '../infra/plan/manifest';
import type { KeptPlan } from '../infra/plan/plan-stack';
import { neededWords } from '../infra/plan/words';
import type { ReviewedPlan } from './judge-plan';
import { reviewText } from './review-file';

/**
 * The command that applies a kept plan, with the words that it needs.
 *
 * @param settings where those of the plan were read from, where somebody named that
 */
export const applyCommand = (
  { judged, manifest, file }: KeptPlan<ReviewedPlan>,
  stack: string,
  settings: string | undefined,
): string =>
  [
    './cogni apply',
    stack,
    file,
    ...neededWords(judged, manifest.plan.sha256),
    ...(settings === undefined ? [] : ['--settings', settings]),
  ].join(' ');

/**
 * What `cogni plan` prints of a plan that it kept.
 *
 * @param settings as of {@link applyCommand}
 * @param notes what should be known of the account
 */
export const planText = (
  kept: KeptPlan<ReviewedPlan>,
  stack: string,
  settings: string | undefined,
  notes: readonly string[],
): string =>
  [
    reviewText(kept.judged.review),
    ...notes.map((note) => `note: ${note}`),
    `kept:  ${kept.file} (plan ${shortHash(kept.manifest)}, encrypted, until ${kept.manifest.expiresAt})`,
    kept.judged.doomed
      ? 'next:  it would fail: mend what is said above, and plan again'
      : `next:  ${applyCommand(kept, stack, settings)}`,
  ].join('\n');
