import type { DeployResult } from '../deploy';

/** What a deploy did and where its time went, for a person. */
export function deployedText(result: DeployResult): string {
  const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
  const width = Math.max(...result.steps.map(({ id }) => id.length));
  return [
    ...result.steps.map(
      ({ id, milliseconds }) => `  ${id.padEnd(width)}  ${seconds(milliseconds).padStart(8)}`,
    ),
    ...(result.journalProblem === undefined
      ? []
      : [`the journal of the host lacks lines of this run: ${result.journalProblem}`]),
    `${result.url} serves ${result.release.tag}${result.outcome === 'unchanged' ? ', as it did before' : ''} (${seconds(result.milliseconds)})`,
  ].join('\n');
}
