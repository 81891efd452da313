import type { Review, ReviewedChange } from '../review';
import { severityOf, type Severity } from '../verdict';
import { visible, visibleLines } from './escape';
import {
  consequenceParts,
  costText,
  countLines,
  headline,
  noRuntime,
  runtimeGroups,
  runtimeText,
  shownText,
} from './words';

/** Paints a verdict; without colours it gives the text as it is. */
export type Paint = (severity: Severity, text: string) => string;

/** The report as text. Nothing in it moves the cursor, whatever the plan holds. */
export function renderText(review: Review, paint: Paint = (_, text) => text): string {
  const where = review.environment === undefined ? '' : `${visible(review.environment)}: `;
  return [
    paint(review.severity, `${review.verdict}  ${where}${headline(review)}`),
    ...countLines(review).map(({ verdict, text }) => `  ${verdict}: ${text}`),
    ...review.doubts.map((doubt) => `  REVIEW: ${visible(doubt)}`),
    ...review.changes.flatMap((change) => ['', ...changeLines(change, paint)]),
    ...(review.drift.length > 0 ? ['', 'changed outside Terraform:'] : []),
    ...review.drift.flatMap((change) => changeLines(change, paint)),
    '',
    ...runtimeLines(review),
    ...(review.outputs.length > 0 ? ['', 'outputs:'] : []),
    ...review.outputs.map(({ name, before, after }) =>
      visible(`  ${name}: ${shownText(before)} -> ${shownText(after)}`),
    ),
    ...(review.cost.length > 0 ? ['', 'cost:'] : []),
    ...costText(review).map(([address, before, after]) => visible(`  ${address}: ${before} -> ${after}`)),
    '',
    ...diagnosticLines(review),
  ]
    .join('\n')
    .trimEnd();
}

function changeLines(change: ReviewedChange, paint: Paint): readonly string[] {
  const { verdict, address, previousAddress, findings, attributes, documents } = change;
  const moved = previousAddress === undefined ? '' : `  (was ${previousAddress})`;
  return [
    `${paint(severityOf(verdict), verdict)}  ${visible(address + moved)}`,
    ...findings.map(({ why }) => `  why:   ${visible(why)}`),
    ...consequenceParts(change).flatMap(([title, sentences]) =>
      sentences.map((sentence) => `  ${`${title.toLowerCase()}:`.padEnd(7)}${visible(sentence)}`),
    ),
    ...(verdict === 'CREATE'
      ? []
      : attributes.map(({ path, before, after }) =>
          visible(`    ${path}: ${shownText(before)} -> ${shownText(after)}`),
        )),
    ...documents.flatMap(({ path, diff, note }) => [
      `    ${visible(path)}, decoded${note === undefined ? '' : ` (${visible(note)})`}:`,
      ...(diff === ''
        ? []
        : visibleLines(diff)
            .split('\n')
            .map((line) => `      ${line}`)),
    ]),
  ];
}

function runtimeLines({ runtime }: Review): readonly string[] {
  if (runtime === undefined) return [`what runs on the hosts: ${noRuntime}`];
  return runtime.flatMap((host) => [
    visible(`what runs on ${host.host}: ${runtimeText(host)}`),
    ...runtimeGroups(host).flatMap(({ title, changes }) =>
      host.outcome === 'all-new'
        ? [visible(`  ${title}: ${changes.map(({ name }) => name).join(', ')}`)]
        : [`  ${title}:`, ...changes.map(({ name, what }) => visible(`    ${name}: ${what}`))],
    ),
  ]);
}

function diagnosticLines({ diagnostics }: Review): readonly string[] {
  if (diagnostics === undefined)
    return ['diagnostics: not handed in (a plan in JSON does not hold the warnings of the provider)'];
  if (diagnostics.length === 0) return ['diagnostics: none'];
  return diagnostics.flatMap(({ severity, summary, detail, address }) => [
    `${visible(severity)}${address === undefined ? '' : ` at ${visible(address)}`}: ${visible(summary)}`,
    ...(detail === ''
      ? []
      : visibleLines(detail)
          .split('\n')
          .map((line) => `  ${line}`)),
  ]);
}
