import { Secret } from '../../../foundation/secret';
import { takeComments, type CommentTaker } from '../../../scripts/bench-review-github';
import { githubApi, keepComment } from '../../../workflows';

describe('what takes the comments that are measured', () => {
  let github: CommentTaker;
  beforeEach(async () => {
    github = await takeComments();
  });
  afterEach(() => github.stop());

  it('lets a report be posted by what posts it at GitHub, each time as the first one', async () => {
    const api = await githubApi({
      repository: 'cogni-dao/example',
      token: Secret.of('GITHUB_TOKEN', 'of-nobody'),
      url: github.url,
    });
    for (const text of ['first', 'second']) {
      github.forget();
      const body = `<!-- cogni-review environment=none -->\n${text}`;
      await expect(keepComment(api, { pull: 1, body })).resolves.toBe('made');
      expect(github.comments).toEqual([body]);
      expect(github.requests).toEqual([
        'GET /repos/cogni-dao/example/issues/1/comments',
        'POST /repos/cogni-dao/example/issues/1/comments',
      ]);
    }
  });
});
