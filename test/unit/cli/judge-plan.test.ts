import { judgeHere } from '../../../cli/judge-plan';
import { renderComment } from '../../../review';
import { planOf, updated } from '../review/plans';

describe('the review of a plan', () => {
  const environment = { name: 'production' };
  const commentOf = (stack?: string): string => {
    const about = { environment, commit: undefined, ...(stack === undefined ? {} : { stack }) };
    const json = JSON.stringify(planOf([updated({ name: 'x' })]));
    return renderComment(judgeHere(about)({ json, hash: '0'.repeat(64), state: null }).review);
  };

  it('goes by its stack, so that host and address of an environment have each a comment of its own', () => {
    const first = (text: string): string => text.split('\n')[0] ?? '';
    expect(first(commentOf('production-address'))).toBe(
      '<!-- cogni-review environment=production-address -->',
    );
    expect(first(commentOf('production'))).toBe(first(commentOf()));
  });
});
