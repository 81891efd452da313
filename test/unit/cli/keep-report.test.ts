import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepReport, type ReportPlace } from '../../../cli/keep-report';
import { commentMarker } from '../../../review';
import { failureOf } from '../../failure-of';
import { githubDouble, githubOf, type GithubDouble } from '../workflows/github/double';

describe('the report on a pull request', () => {
  let folder: string;
  let file: string;
  let github: GithubDouble;
  beforeAll(async () => (github = await githubDouble()));
  afterAll(() => github.stop());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-report-'));
    file = join(folder, 'comment.md');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    expect(github.violations).toEqual([]);
    github.reset();
  });

  const place = { pullRequest: 7, stack: 'preview' };
  const keep = (at: ReportPlace = place, from = file) => keepReport(from, at, () => githubOf(github));
  const bodies = (): readonly string[] => github.comments.map(({ body }) => body);
  const safe = `${commentMarker('preview')}\n## ✅ nothing to see`;

  it('is the file that the plan has left', async () => {
    writeFileSync(file, safe);
    expect(await keep()).toBe('made');
    expect(bodies()).toEqual([safe]);
  });

  it('of an older commit does not go on standing where no plan could be made, and the command fails', async () => {
    writeFileSync(file, safe);
    await keep();
    rmSync(file);
    const failure = await failureOf(keep());
    expect(failure.what).toContain('there is no report of preview');
    expect(bodies()).toEqual([
      expect.stringMatching(
        /^<!-- cogni-review environment=preview -->\n## ⚠️ .*not known\n\nThere is no plan.*does not mean safe/,
      ),
    ]);
  });

  it('of one stack says nothing about that of another one', async () => {
    writeFileSync(file, safe);
    await keep();
    await failureOf(keep({ ...place, stack: 'production' }, join(folder, 'none.md')));
    expect(bodies()[0]).toBe(safe);
    expect(bodies()).toHaveLength(2);
  });

  it('is not asked for in vain where nobody says whose it is', async () => {
    const failure = await failureOf(keep({ pullRequest: 7 }));
    expect(failure.what).toContain('there is no file');
    expect(github.asked).toEqual([]);
  });
});
