import type { DeployResult } from '../deploy';

/** What a deploy did, for a person; where its time went was shown before. */
export const deployedText = (result: DeployResult): string =>
  [
    ...(result.journalProblem === undefined
      ? []
      : [`the journal of the host lacks lines of this run: ${result.journalProblem}`]),
    `${result.url} serves ${result.release.tag}${result.outcome === 'unchanged' ? ', as it did before' : ''} (${(result.milliseconds / 1000).toFixed(1)} s)`,
  ].join('\n');
