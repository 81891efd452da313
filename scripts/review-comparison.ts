import {
  readDiagnostics,
  readPlan,
  reviewPlan,
  severityOf,
  verdictOnOutput,
  verdicts,
  worstOf,
  type Review,
  type Verdict,
} from '../review';
import { table } from './figures';
import { deservedIn, type Recorded } from './review-corpus';
import { actionCounts, planText, textVerdict, type ActionCounts, type TextVerdict } from './review-rivals';

/** One plan of the corpus: what it deserved, and what everybody says of it. */
export interface Compared {
  readonly scenario: string;
  /** By what applying it did. */
  readonly deserved: Verdict;
  /** What the review says of its changes. */
  readonly review: Verdict;
  readonly text: TextVerdict;
  readonly counts: ActionCounts;
  /** Addresses whose disk the review says is emptied. */
  readonly wiped: readonly string[];
  /** Whether the provider gave a warning with the plan, which a tool may print. */
  readonly warned: boolean;
}

/** The review of a recorded plan, with the messages that came with it. */
export const reviewOf = ({ plan, diagnostics }: Recorded): Review =>
  reviewPlan({
    plan: readPlan(JSON.stringify(plan)),
    ...(diagnostics.length === 0
      ? {}
      : { diagnostics: readDiagnostics(diagnostics.map((line) => JSON.stringify(line)).join('\n')) }),
    now: 0,
  });

/** The verdict on what a plan does, without what makes a whole plan doubtful. */
export const verdictOnChanges = ({ changes, outputs }: Review): Verdict =>
  worstOf([...changes.map(({ verdict }) => verdict), ...outputs.map(verdictOnOutput)]);

/** Everybody on every plan. */
export const compared = (corpus: readonly Recorded[]): readonly Compared[] =>
  corpus.map((each) => {
    const review = reviewOf(each);
    return {
      scenario: each.scenario,
      deserved: deservedIn(corpus, each),
      review: verdictOnChanges(review),
      text: textVerdict(planText(each.plan)),
      counts: actionCounts(each.plan),
      wiped: review.changes.filter(({ verdict }) => verdict === 'WIPE').map(({ address }) => address),
      warned: each.diagnostics.length > 0,
    };
  });

const destroys = (verdict: Verdict): boolean => severityOf(verdict) === 'destructive';
const isWipe = ({ deserved }: Compared): boolean => deserved === 'WIPE';

/** Plans that lose something or fail, of which a way of reading plans gives no sign of a deletion. */
export const missedBy = (all: readonly Compared[], sees: (each: Compared) => boolean): readonly Compared[] =>
  all.filter((each) => destroys(each.deserved) && !sees(each));

/** Plans that lose nothing, of which it warns all the same. */
export const alarmedBy = (all: readonly Compared[], sees: (each: Compared) => boolean): readonly Compared[] =>
  all.filter((each) => !destroys(each.deserved) && sees(each));

export const seenByText = ({ text }: Compared): boolean => text.warnsOfDeletion;
export const seenByCounts = ({ counts }: Compared): boolean => counts.destroy > 0;
export const seenByReview = ({ review }: Compared): boolean => destroys(review);

/** Whether a machine whose disk is emptied is among what the text lists as deleted or replaced. */
export const namedByText = ({ wiped, text }: Compared): boolean =>
  wiped.some((address) => text.deleted.includes(address));

/** The comparison as a report of Markdown: computed from the corpus, nothing else. */
export function comparisonReport(all: readonly Compared[]): string {
  const counted = (of: readonly Compared[], sees: (each: Compared) => boolean): string =>
    String(of.filter(sees).length);
  const deserving = verdicts
    .map((verdict) => ({ verdict, plans: all.filter(({ deserved }) => deserved === verdict) }))
    .filter(({ plans }) => plans.length > 0);
  const tools = [
    ['text matching (tfcmt)', seenByText],
    ['action counts', seenByCounts],
    ['review', seenByReview],
  ] as const;
  const missed = missedBy(all, seenByText);
  const warned = missed.filter((each) => each.warned);
  return [
    '# What text matching and action counts see of a plan',
    '',
    'Made by `npm run review-figures` from the corpus of plans in `test/contract/review/corpus`: real plans of Terraform through the',
    'stand-in provider, each recorded together with what applying it then did to disk, address and state. What a plan deserved is told',
    'by that, not by a table. Nothing here is typed by hand; a test fails when this page is not what the corpus gives.',
    '',
    '- **text matching**: what tfcmt makes of the text of a plan: its label "destroy" and its banner of a deletion, by the words',
    '  `N to destroy` in the line `Plan: …`.',
    '- **action counts**: how many resources are added, changed and destroyed, as most plan comments show them; a warning is any',
    '  number to destroy.',
    '- **review**: `cogni review` of the same plan.',
    '',
    `## ${all.length} plans`,
    '',
    table(
      [
        'deserved',
        'plans',
        ...tools.map(([tool]) => `${tool}: warns of a loss`),
        'review: names exactly this',
      ],
      deserving.map(({ verdict, plans }) => [
        verdict,
        String(plans.length),
        ...tools.map(([, sees]) => counted(plans, sees)),
        counted(plans, ({ review }) => review === verdict),
      ]),
    ),
    '',
    table(
      ['', ...tools.map(([tool]) => tool)],
      [
        [
          `plans that lose something or fail (${all.filter(({ deserved }) => destroys(deserved)).length}): not seen`,
          ...tools.map(([, sees]) => String(missedBy(all, sees).length)),
        ],
        [
          `disks emptied in place (${all.filter(isWipe).length}): not seen`,
          ...tools.map(([, sees]) => String(missedBy(all, sees).filter(isWipe).length)),
        ],
        [
          `disks emptied in place (${all.filter(isWipe).length}): the machine is named as one that loses something`,
          counted(all.filter(isWipe), namedByText),
          'counts name nothing',
          counted(all.filter(isWipe), ({ wiped }) => wiped.length > 0),
        ],
        [
          `plans that lose nothing (${all.filter(({ deserved }) => !destroys(deserved)).length}): alarm all the same`,
          ...tools.map(([, sees]) => String(alarmedBy(all, sees).length)),
        ],
      ],
    ),
    '',
    'Where text matching and counts do warn of a plan that empties a disk, they warn of something else in it, such as a key that is',
    'replaced.',
    '',
    `Of the ${missed.length} that text matching does not see, the provider gave a warning with ${warned.length}: a tool that is handed the output of`,
    '`terraform plan` prints it, below the label "add-or-update"; one that reads the plan in JSON never gets it.',
    '',
    '## Not seen by text matching',
    '',
    table(
      ['scenario', 'deserved', 'what it goes by', 'label', 'a warning came with the plan'],
      missed.map(({ scenario, deserved, text, warned: came }) => [
        scenario,
        deserved,
        `\`${text.line}\``,
        text.label,
        came ? 'yes' : 'no',
      ]),
    ),
    '',
    '## Alarms about nothing',
    '',
    table(
      ['scenario', 'deserved', 'text matching', 'action counts', 'review'],
      all
        .filter((each) => tools.some(([, sees]) => alarmedBy([each], sees).length > 0))
        .map((each) => [
          each.scenario,
          each.deserved,
          ...[seenByText, seenByCounts].map((sees) => (sees(each) ? 'warns' : '')),
          each.review,
        ]),
    ),
    '',
  ].join('\n');
}
