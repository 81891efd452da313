import { judgeHere } from '../../../cli/judge-plan';
import { renderComment } from '../../../review';
import { change, encoded, planOf, server, updated } from '../review/plans';

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

  const judged = (way: string, text: string): object => {
    const after = { ...server, user_data: encoded(text) };
    const changed =
      way === 'replaced'
        ? change(['delete', 'create'], server, after)
        : updated({ user_data: encoded(text), allow_reinstall: true });
    const json = JSON.stringify(planOf([changed]));
    return judgeHere({ environment, commit: undefined })({ json, hash: '0'.repeat(64), state: null });
  };

  it.each([
    ['replaced', 'REPLACE'],
    ['wiped', 'WIPE'],
  ])(
    'of a machine that is %s for user data that nobody takes is doomed, and the disk a loss',
    (way, verdict) => {
      expect(judged(way, 'hello')).toMatchObject({
        verdict,
        doomed: true,
        losses: [{ name: 'prod-app', disk: true }],
      });
      expect(judged(way, '#cloud-config\nusers: [deploy]\n')).toMatchObject({ verdict, doomed: false });
    },
  );
});
