import type { EdgeResult } from '../deploy/edge/apply';
import type { EdgePlan } from '../deploy/edge/plan';

/** What a change of the edge would cost, before its steps. */
export const edgeCostsText = ({ costs }: Pick<EdgePlan, 'costs'>): string =>
  costs.map((cost) => `What this costs: ${cost}.\n`).join('') + (costs.length > 0 ? '\n' : '');

/** What came of a change of the edge, for a person. */
export function edgeResultText(environment: string, result: EdgeResult): string {
  const { outcome, files, removed = [], closedAtMost, url, journalProblem } = result;
  if (outcome === 'unchanged' && removed.length === 0) {
    return `the edge of ${environment} is what is rendered: nothing to do`;
  }
  return [
    outcome === 'unchanged'
      ? `the edge of ${environment} is what is rendered; removed what a run that was cut off had left: ${removed.join(', ')}`
      : `the edge of ${environment} serves what is rendered${files.length > 0 ? ` (new: ${files.join(', ')})` : ''}, and ${url} answers`,
    ...(closedAtMost > 0
      ? [
          `the site was closed for ${(closedAtMost / 1000).toFixed(1)} s at most, while its container was replaced`,
        ]
      : []),
    ...(journalProblem === undefined
      ? []
      : [`the journal of the host lacks something of this: ${journalProblem}`]),
  ].join('\n');
}
