import type { Shown } from '../masking';
import type { Review, ReviewedChange } from '../review';
import type { RuntimeChange, RuntimeReview } from '../runtime';
import { verdicts, type Severity, type Verdict } from '../verdict';

/** The words that every form of the report shares. */

/** What is seen first. */
export const signs: Readonly<Record<Severity, string>> = {
  destructive: '🛑',
  'needs-review': '⚠️',
  safe: '✅',
  nothing: '✅',
};

const singular: Readonly<Record<Verdict, string>> = {
  WIPE: 'resource will be WIPED: its disk is emptied',
  DOOMED: 'change will FAIL at apply',
  REPLACE: 'resource will be REPLACED: destroyed and made anew',
  DESTROY: 'resource will be DESTROYED',
  ARMED: 'resource will be ARMED: the next change may empty its disk',
  'IMPORT-WIPE': 'import lays a trap: a later plan will want to empty the disk',
  REVIEW: 'change has to be REVIEWED: what it does is not known',
  UPDATE: 'resource will be changed in place',
  CREATE: 'resource will be made',
  'NO-OP': 'resource stays as it is',
};

const plural: Readonly<Record<Verdict, string>> = {
  WIPE: 'resources will be WIPED: their disks are emptied',
  DOOMED: 'changes will FAIL at apply',
  REPLACE: 'resources will be REPLACED: destroyed and made anew',
  DESTROY: 'resources will be DESTROYED',
  ARMED: 'resources will be ARMED: the next change may empty their disks',
  'IMPORT-WIPE': 'imports lay a trap: a later plan will want to empty the disk',
  REVIEW: 'changes have to be REVIEWED: what they do is not known',
  UPDATE: 'resources will be changed in place',
  CREATE: 'resources will be made',
  'NO-OP': 'resources stay as they are',
};

const count = (verdict: Verdict, number: number): string =>
  `${number} ${number === 1 ? singular[verdict] : plural[verdict]}`;

/** The first line of every report. It holds nothing of the plan but numbers. */
export function headline(review: Review): string {
  const of = review.counts[review.verdict];
  if (review.verdict === 'NO-OP') return 'the plan changes nothing';
  if (of > 0) return count(review.verdict, of);
  if (review.verdict === 'REVIEW') return 'the plan has to be REVIEWED';
  const worst = review.changes[0]?.verdict;
  return worst === undefined
    ? 'only outputs change'
    : `${count(worst, review.counts[worst])}, and outputs change`;
}

/** One line for each verdict that occurs, worst first. */
export const countLines = (review: Review): readonly { readonly verdict: Verdict; readonly text: string }[] =>
  verdicts
    .filter((verdict) => review.counts[verdict] > 0)
    .map((verdict) => ({ verdict, text: count(verdict, review.counts[verdict]) }));

const kinds: Readonly<Record<RuntimeChange['of'], string>> = {
  container: 'containers',
  image: 'images',
  network: 'networks',
  file: 'files',
  setting: 'settings, by name',
};

/** What is said where nothing of what runs on the hosts was handed in. */
export const noRuntime = 'not known: it was not handed in, so there may be any change';

/** The outcome of one host in a sentence, without its name. */
export function runtimeText({ outcome, why, changes }: RuntimeReview): string {
  switch (outcome) {
    case 'all-new':
      return why ?? 'everything on it is new';
    case 'all-gone':
      return why ?? 'everything on it is gone';
    case 'unknown':
      return `not known, so there may be any change: ${why ?? 'nothing was found out'}`;
    case 'compared':
      return changes.length === 0
        ? 'it has and runs what is rendered: nothing changes'
        : 'applying the plan leaves it as it is; the next deploy (or ./cogni edge apply) changes:';
  }
}

/** The changes of one host by their kind, in the order of the kinds. */
export const runtimeGroups = ({
  changes,
}: RuntimeReview): readonly { readonly title: string; readonly changes: readonly RuntimeChange[] }[] =>
  (Object.keys(kinds) as RuntimeChange['of'][])
    .map((kind) => ({ title: kinds[kind], changes: changes.filter(({ of }) => of === kind) }))
    .filter((group) => group.changes.length > 0);

/** What stands in the place of a value. */
export function shownText(value: Shown): string {
  switch (value.kind) {
    case 'absent':
      return '(none)';
    case 'unknown':
      return '(known after apply)';
    case 'sensitive':
      return '(sensitive)';
    case 'secret':
      return `(secret ${value.name})`;
    case 'value':
      return value.text;
  }
}

/** What is said of a change besides its attributes: title and sentences. */
export const consequenceParts = ({
  consequence,
}: ReviewedChange): readonly (readonly [title: string, sentences: readonly string[]])[] =>
  (
    [
      ['Lost', consequence.lost],
      ['Stays', consequence.stays],
      ['First', consequence.first],
    ] as const
  ).filter(([, sentences]) => sentences.length > 0);

/** What a price says: `0.03 EUR hourly`. */
export function costText(review: Review): readonly (readonly [string, string, string])[] {
  const price = (amount: number | null | undefined, currency: string | undefined, cycle: string): string =>
    amount === null
      ? 'nothing'
      : amount === undefined
        ? 'not in the plan'
        : `${Number(amount.toFixed(4))} ${currency ?? ''} ${cycle}`.replaceAll('  ', ' ');
  return review.cost.map(({ address, before, after, currency, cycle }) => [
    address,
    price(before, currency, cycle),
    price(after, currency, cycle),
  ]);
}
