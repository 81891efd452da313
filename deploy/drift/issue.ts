import { z } from 'zod';
import type { DriftFinding, DriftReport } from './finding';

/** How the jobs of a workflow ended, by their ids: GitHub's context `needs`. */
const resultsForm = z.record(z.string(), z.object({ result: z.string() }));

/** @returns undefined for a text that is not GitHub's context `needs` */
export function parseResults(text: string): Readonly<Record<string, string>> | undefined {
  try {
    const read = resultsForm.safeParse(JSON.parse(text));
    return read.success
      ? Object.fromEntries(Object.entries(read.data).map(([job, { result }]) => [job, result]))
      : undefined;
  } catch {
    return undefined;
  }
}

/** What is to become of the issue about drift. */
export type WantedIssue =
  | { readonly state: 'open'; readonly title: string; readonly body: string }
  | { readonly state: 'closed'; readonly why: string }
  /** Nothing is known that could open or close it. */
  | { readonly state: 'as it is'; readonly why: string };

/** First line of the issue: by it, and by who opened it, it is found again. */
export const driftMarker = '<!-- cogni-drift -->';

/** The most that is listed of one environment, and characters in all: GitHub takes 65,536. */
const listed = 100;
const longest = 60_000;

/**
 * One issue for all environments: open while anything differs or could not be looked at. The same findings give the same text, so
 * that nothing is written where nothing has changed. Pure.
 */
export function driftIssue(
  results: Readonly<Record<string, string>>,
  reports: readonly DriftReport[],
): WantedIssue {
  const failed = Object.entries(results).filter(([, result]) => result !== 'success');
  const differing = reports.filter(({ state }) => state === 'differs');
  if (failed.length > 0 || differing.length > 0) {
    const body = [driftMarker, ...opening, ...failed.map(jobText), '', ...differing.flatMap(sectionOf)];
    return {
      ...{ state: 'open', title: 'Drift: what runs is not what was written down' },
      body: shortened(body.join('\n').trimEnd()),
    };
  }
  const unknown = reports.filter(({ state }) => state === 'busy').map(({ environment }) => environment);
  if (unknown.length > 0) {
    return { state: 'as it is', why: `a deploy was under way, nothing is known of ${unknown.join(', ')}` };
  }
  return Object.keys(results).length === 0
    ? { state: 'as it is', why: 'no job has looked at anything' }
    : { state: 'closed', why: `all of it is as it was written down: ${Object.keys(results).join(', ')}` };
}

const shortened = (text: string): string =>
  text.length <= longest
    ? text
    : `${text.slice(0, text.lastIndexOf('\n', longest))}\n\nThat is not all: the commands above say the rest.`;

const opening = [
  'A nightly look has found that hosts or sites are not what this repository says. This issue is kept by `drift.yml`: it is renewed with',
  'each look, and closed by the first one that finds nothing.',
  '',
];

const jobText = ([job, result]: readonly [string, string]): string =>
  `- the job ${code(job)} ended with ${code(result)}`;

function sectionOf({ environment, about, drift }: DriftReport): readonly string[] {
  const more = drift.length - listed;
  return [
    `### ${environment}`,
    '',
    `${code(about)}; everything about it: ${code(`./cogni drift ${environment}`)}`,
    '',
    ...drift.slice(0, listed).map(findingText),
    ...(more > 0 ? [`- and ${more} more`] : []),
    '',
  ];
}

const findingText = ({ of, name, what, next }: DriftFinding): string =>
  `- ${of} ${code(name)}: ${code(what)}\n  next: ${code(next)}`;

/** As code, so that nothing that a host says calls anybody or becomes a link; on one line, and of a length to read. */
const code = (text: string): string =>
  `\`${text.replaceAll(/\s+/g, ' ').replaceAll('`', "'").slice(0, 300)}\``;
