import type { Review, ReviewedChange } from '../review';
import type { RuntimeReview } from '../runtime';
import { cut } from '../masking';
import { code, fenced, plain, visible } from './escape';
import { fit, type Block, type Section } from './fit';
import { mermaidPicture } from './mermaid';
import { commentMarker } from './no-report';
import {
  consequenceParts,
  costText,
  countLines,
  headline,
  noRuntime,
  runtimeGroups,
  runtimeText,
  shownText,
  signs,
} from './words';

/** Longest body of a comment that GitHub takes. */
export const commentLimit = 65_536;
/** Longest summary of a job's step that GitHub takes, in bytes; in characters a third of it is always enough. */
export const summaryLimit = Math.floor((1024 * 1024) / 3);

/** The comment on a pull request: one an environment, found by {@link commentMarker}, replaced by the next. */
export const renderComment = (review: Review): string =>
  fit(`${commentMarker(review.environment)}\n${head(review)}`, sections(review), commentLimit);

/** The report for the summary of a job. */
export const renderSummary = (review: Review): string => fit(head(review), sections(review), summaryLimit);

function head(review: Review): string {
  const where = review.environment === undefined ? '' : `${code(review.environment)}: `;
  const known = [
    ...(review.commit === undefined ? [] : [`commit ${code(cut(review.commit, 40))}`]),
    ...(review.planHash === undefined ? [] : [`plan ${code(review.planHash.slice(0, 16))}`]),
    ...(review.state?.serial === undefined ? [] : [`state serial ${review.state.serial}`]),
    ...(review.state?.lineage === undefined ? [] : [`lineage ${code(cut(review.state.lineage, 64))}`]),
    ...(review.terraformVersion === undefined ? [] : [`Terraform ${code(cut(review.terraformVersion, 40))}`]),
  ];
  return [
    `## ${signs[review.severity]} ${where}${headline(review)}`,
    '',
    `Verdict **${review.verdict}** (${review.severity}, exit code ${review.exitCode})`,
    '',
    ...countLines(review).map(({ verdict, text }) => `- **${verdict}**: ${text}`),
    ...review.doubts.map((doubt) => `- **REVIEW**: ${plain(doubt)}`),
    ...(known.length > 0 ? ['', known.join(' · ')] : []),
  ].join('\n');
}

function sections(review: Review): readonly Section[] {
  const complete = 'the report in JSON has all of them';
  return [
    {
      opening: '| verdict | resource | why |\n| --- | --- | --- |',
      blocks: review.changes.map((change) => () => row(change)),
      closing: '',
      omitted: (count) => `\n…and ${count} more resources, counted above; ${complete}.`,
      reserve: 20_000,
    },
    {
      opening: '### What Terraform said',
      blocks: diagnosticBlocks(review),
      closing: '',
      omitted: (count) => `\n…and ${count} more messages; ${complete}.`,
      reserve: 10_000,
    },
    {
      opening: '### In detail',
      blocks: review.changes.filter(hasDetail).map((change) => () => detail(change)),
      closing: '',
      omitted: (count) => `\n…and ${count} more resources in detail; ${complete}.`,
      reserve: 10_000,
    },
    {
      opening: '### Changed outside Terraform',
      blocks: review.drift.map((change) => () => detail(change)),
      closing: '',
      omitted: (count) => `\n…and ${count} more; ${complete}.`,
      reserve: 4_000,
    },
    {
      opening: '### What runs on the hosts\n',
      blocks: runtimeBlocks(review),
      closing: '',
      omitted: (count) => `\n…and ${count} more about what runs on the hosts; ${complete}.`,
      reserve: 4_000,
    },
    {
      opening: '### Outputs\n\n| output | before | after |\n| --- | --- | --- |',
      blocks: review.outputs.map(
        ({ name, before, after }) =>
          () =>
            `| ${code(name)} | ${code(shownText(before))} | ${code(shownText(after))} |`,
      ),
      closing: '',
      omitted: (count) => `\n…and ${count} more outputs; ${complete}.`,
      reserve: 2_000,
    },
    {
      opening: '### Cost\n\n| resource | before | after |\n| --- | --- | --- |',
      blocks: costText(review).map((cells) => () => `| ${cells.map(code).join(' | ')} |`),
      closing: '',
      omitted: (count) => `\n…and ${count} more prices; ${complete}.`,
      reserve: 2_000,
    },
    {
      opening: '### What it touches\n',
      blocks: [mermaidPicture(review)]
        .filter((text) => text !== '')
        .map((text) => () => fenced('mermaid', text)),
      closing: '',
      omitted: () => '\nThe picture is too large to be shown here.',
      reserve: 3_000,
    },
    {
      opening: '<details>\n<summary>The full plan</summary>\n',
      blocks: review.changes.map((change) => () => fenced('diff', planText(change))),
      closing: '\n</details>',
      omitted: (count) => `\n…and ${count} more resources of the full plan; ${complete}.`,
      reserve: 6_000,
    },
  ];
}

const row = ({ verdict, address, findings }: ReviewedChange): string =>
  `| **${verdict}** | ${code(cut(address, 300))} | ${findings[0] ? plain(findings[0].why) : ''} |`;

/** What is merely made says nothing that the full plan does not. */
const hasDetail = ({ verdict }: ReviewedChange): boolean => verdict !== 'CREATE';

function detail(change: ReviewedChange): string {
  const { verdict, address, previousAddress, findings, attributes, documents } = change;
  const moved = previousAddress === undefined ? '' : ` (was ${code(previousAddress)})`;
  return [
    `\n#### ${verdict}: ${code(address)}${moved}`,
    '',
    ...findings.map((finding) => `- **${finding.verdict}**: ${plain(finding.why)}`),
    ...consequenceParts(change).map(
      ([title, sentences]) => `- ${title}: ${sentences.map((sentence) => plain(sentence)).join('; ')}`,
    ),
    ...(attributes.length === 0
      ? []
      : [
          '',
          '| attribute | before | after |',
          '| --- | --- | --- |',
          ...attributes.map(
            ({ path, before, after, forcesReplacement }) =>
              `| ${code(path)}${forcesReplacement ? ' (forces replacement)' : ''} | ${code(short(shownText(before)))} | ${code(short(shownText(after)))} |`,
          ),
        ]),
    ...documents.flatMap(({ path, diff, note }) => [
      '',
      `${code(path)}, decoded${note === undefined ? '' : ` (${plain(note)})`}:`,
      ...(diff === '' ? [] : ['', fenced('diff', cut(diff, 20_000))]),
    ]),
    '',
  ].join('\n');
}

function runtimeBlocks({ runtime }: Review): readonly Block[] {
  if (runtime === undefined) return [() => `Of what runs on them: ${noRuntime}.`];
  return runtime.flatMap((host): Block[] => [
    () => `- ${code(host.host)}: ${plain(runtimeText(host))}`,
    ...runtimeGroups(host).map(
      ({ title, changes }) =>
        () =>
          `  - ${title}: ${changes.map((change) => runtimeItem(change, host)).join('; ')}`,
    ),
  ]);
}

/** That everything is new is said once. */
const runtimeItem = ({ name, what }: RuntimeReview['changes'][number], { outcome }: RuntimeReview): string =>
  outcome === 'all-new' ? code(short(name)) : `${code(short(name))} ${plain(short(what))}`;

/** A cell stays readable. */
const short = (text: string): string => cut(text, 120);

function diagnosticBlocks(review: Review): readonly Block[] {
  if (review.diagnostics === undefined)
    return [
      () => '\nNot handed in: a plan in JSON does not hold the warnings of the provider (`--diagnostics`).',
    ];
  return review.diagnostics.map(
    ({ severity, summary, detail, address }) =>
      () =>
        [
          '',
          `**${severity === 'warning' ? 'Warning' : 'Error'}**${address === undefined ? '' : ` at ${code(address)}`}`,
          '',
          fenced('text', detail === '' ? summary : `${summary}\n\n${detail}`),
        ].join('\n'),
  );
}

/** One resource as the full plan shows it; `visible` keeps a value within its line. */
export function planText({ verdict, address, actions, attributes }: ReviewedChange): string {
  const lines = attributes.map(({ path, before, after, forcesReplacement }) => {
    const values =
      before.kind === 'absent' ? shownText(after) : `${shownText(before)} -> ${shownText(after)}`;
    const sign = before.kind === 'absent' ? '+' : after.kind === 'absent' ? '-' : '!';
    return `${sign} ${visible(`${path} = ${values}`)}${forcesReplacement ? ' # forces replacement' : ''}`;
  });
  return [visible(`# ${address}: ${actions.join(', ')} (${verdict})`), ...lines].join('\n');
}
