import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { documentsText, judgeDocuments } from '../../../../workflows';
import { topicOf, topics } from '../../../../workflows/change/topics';

const checkout = resolve(__dirname, '..', '..', '..', '..');
const commit = '1a2b3c4d5e6f'.padEnd(40, '0');
const says = (value: string): { readonly commit: string; readonly value: string } => ({ commit, value });
const outcomes = (paths: readonly string[], ...trailers: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    judgeDocuments({ paths, trailers: trailers.map(says) }).topics.map(({ topic, outcome }) => [
      topic,
      outcome.kind,
    ]),
  );

describe('the table of topics', () => {
  it.each(topics)('names sources and pages of "$name" that are there', ({ sources, documents }) => {
    const gone = [...sources, ...documents].filter((path) => !existsSync(join(checkout, path)));
    expect(gone).toEqual([]);
  });

  it('has names of one word each, and no source twice', () => {
    const names = topics.map(({ name }) => name);
    const sources = topics.flatMap((topic) => topic.sources);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(sources).size).toBe(sources.length);
    for (const name of names) expect(name).toMatch(/^[a-z]+$/);
  });

  it.each([
    ['deploy/rolling/plan.ts', 'deploy'],
    ['deploy/agent/client.ts', 'deploy'],
    ['deploy/edge/apply.ts', 'edge'],
    ['deploy/maintenance.ts', 'operations'],
    ['services/database/image/Dockerfile', 'backup'],
    ['services/database/model.ts', 'database'],
    ['deploy/image-release/plan.ts', 'releases'],
    ['stacks/environments.ts', 'policies'],
    ['.github/workflows/checks.yml', 'workflows'],
  ])('gives %s to %s', (path, name) => {
    expect(topicOf(path)?.name).toBe(name);
  });

  it.each(['README.md', 'test/unit/deploy/gate.test.ts', 'deploys/x.ts', 'stacks/environments.ts.orig'])(
    'gives %s to nobody',
    (path) => {
      expect(topicOf(path)).toBeUndefined();
    },
  );
});

describe('a change to how deployments behave', () => {
  it('is documented by any of its pages in the same change', () => {
    expect(outcomes(['deploy/rolling/plan.ts', 'docs/deploy.md'])).toEqual({ deploy: 'documented' });
    expect(outcomes(['deploy/rolling/plan.ts', 'docs/operations.md'])).toEqual({ deploy: 'documented' });
  });

  it('is not documented by the page of something else', () => {
    expect(outcomes(['deploy/rolling/plan.ts', 'docs/edge.md', 'README.md'])).toEqual({ deploy: 'missing' });
  });

  it('has to be documented for each topic by itself', () => {
    expect(outcomes(['deploy/edge/apply.ts', 'deploy/backup/run.ts', 'docs/backup.md'])).toEqual({
      backup: 'documented',
      edge: 'missing',
    });
  });

  it('is excused by a commit that says why, for the topic that it names and no other', () => {
    const paths = ['deploy/edge/apply.ts', 'deploy/backup/run.ts'];
    expect(outcomes(paths, 'edge: only the name of a function')).toEqual({
      backup: 'missing',
      edge: 'excused',
    });
  });

  it.each(['edge', 'edge:', 'edge: refactoring', 'Edge: only a name', 'all: only a name', ''])(
    'is not excused by "%s"',
    (value) => {
      const report = judgeDocuments({ paths: ['deploy/edge/apply.ts'], trailers: [says(value)] });
      expect(report.topics.map(({ outcome }) => outcome.kind)).toEqual(['missing']);
      expect(report.notes).toHaveLength(1);
    },
  );

  it('is excused by a good trailer beside one that says nothing', () => {
    expect(outcomes(['deploy/edge/apply.ts'], 'edge', 'edge: only a name')).toEqual({ edge: 'excused' });
  });

  it('asks nothing of what no page is about', () => {
    const report = judgeDocuments({ paths: ['README.md', 'test/a.ts'], trailers: [] });
    expect(report).toEqual({ topics: [], notes: [] });
    expect(documentsText(report)).toBe('nothing that a page tells has changed');
  });

  it('shows in its report who excused what, and what is missing', () => {
    const report = judgeDocuments({
      paths: ['deploy/edge/apply.ts', 'deploy/backup/run.ts', 'review/plan.ts', 'docs/review.md'],
      trailers: [says('edge: only a name'), says('edge')],
    });
    expect(documentsText(report).split('\n')).toEqual([
      'backup: 1 file changed (deploy/backup/run.ts), and none of docs/backup.md',
      'edge: 1 file changed; no document is concerned, says 1a2b3c4d5e6f: only a name',
      'review: 1 file changed, and with them docs/review.md',
      '1a2b3c4d5e6f says "No-document: edge" without a reason: No-document: edge: <why>',
    ]);
  });

  it('shows nothing of a commit that would move the cursor or begin another line', () => {
    const report = judgeDocuments({
      paths: ['deploy/edge/apply.ts', 'deploy/backup/a\u001b[2J\n.ts'],
      trailers: [says('edge: only\u001b[2J a\n::error::name\u202e')],
    });
    expect(documentsText(report)).toContain('only [2J a ::error::name');
    expect(documentsText(report)).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
    expect(documentsText(report).split('\n')).toHaveLength(2);
  });
});
