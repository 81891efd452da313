import type { DriftFinding, DriftReport } from './finding';

/** What was found, for people. */
export function driftText({ environment, state, about, drift, waiting }: DriftReport): string {
  const head = {
    same: `${environment} has and runs what was rendered for it`,
    differs: `${environment} is not what was rendered for it: ${countOf(drift)}`,
    busy: `${environment} was not looked at`,
  }[state];
  return [
    `${head} (${about})`,
    ...drift.flatMap((one) => [`  ! ${lineOf(one)}`, `      ${one.next}`]),
    ...(waiting.length === 0
      ? []
      : [`rendered otherwise since then, which is no drift: ${countOf(waiting)} for the next deploy`]),
    ...waiting.map((one) => `    ${lineOf(one)}`),
    '',
  ].join('\n');
}

const countOf = (findings: readonly DriftFinding[]): string =>
  `${findings.length} ${findings.length === 1 ? 'difference' : 'differences'}`;

const lineOf = ({ of, name, what }: DriftFinding): string => `${of} ${name}: ${what}`;
