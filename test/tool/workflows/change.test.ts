import { mkdtempSync, rmSync } from 'node:fs';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkDocuments, checkRelease } from '../../../cli/check-change';
import { capture } from '../../../foundation/process';
import { renderExampleFile } from '../../../services';
import { repositoryAt } from '../../../workflows';

/** A repository of its own, with real git. */
let folder: string;
let base: string;
const git = async (...words: readonly string[]): Promise<string> =>
  (
    await capture({
      argv: ['git', '-C', folder, '-c', 'user.name=A', '-c', 'user.email=a@b.invalid', ...words],
      env: { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
      deadline: 20_000,
    })
  ).trim();
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const commit = async (message: string): Promise<string> => {
  await git('add', '--all');
  await git('commit', '--quiet', '--allow-empty', '--message', message);
  return git('rev-parse', 'HEAD');
};
const documents = (given: { readonly base?: string; readonly summary?: string } = {}): Promise<string> =>
  checkDocuments({ base, head: 'HEAD', ...given }, repositoryAt(folder)).then(({ text }) => text);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'change-'));
  await git('init', '--quiet', '--initial-branch=main');
  write('deploy/edge/apply.ts', 'one\n');
  write('docs/edge.md', 'one\n');
  write('package.json', '{"version":"1.0.0"}');
  write('.env.example', renderExampleFile());
  write('CHANGELOG.md', '## 1.0.0 (2026-11-01)\n\n- First.\n');
  base = await commit('Begin');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('./cogni change documents, with a real repository', () => {
  it('refuses a change without its page, names the page and how to say that none is concerned', async () => {
    write('deploy/edge/apply.ts', 'two\n');
    await commit('Change the edge');
    await expect(documents()).rejects.toMatchObject({
      exitCode: 3,
      faults: ['edge (1 changed, deploy/edge/apply.ts first): none of docs/edge.md'],
      next: expect.stringContaining('--trailer "No-document: edge: <why>"'),
    });
  });

  it('takes the page from any commit of the change', async () => {
    write('docs/edge.md', 'two\n');
    await commit('Tell it');
    write('deploy/edge/apply.ts', 'two\n');
    await commit('Do it');
    expect(await documents()).toBe('edge: 1 file changed, and with them docs/edge.md');
  });

  it('takes the trailer that its own advice makes, and shows it with the commit', async () => {
    write('deploy/edge/apply.ts', 'two\n');
    await commit('Change the edge');
    await git('commit', '--quiet', '--amend', '--no-edit', '--trailer', 'No-document: edge: only a name');
    const head = await git('rev-parse', 'HEAD');
    expect(await documents()).toBe(
      `edge: 1 file changed; no document is concerned, says ${head.slice(0, 12)}: only a name`,
    );
  });

  it('takes no word in the middle of a message for a trailer, and none of a commit before the change', async () => {
    await commit('Earlier\n\nNo-document: edge: only a name');
    base = await git('rev-parse', 'HEAD');
    write('deploy/edge/apply.ts', 'two\n');
    await commit('Change\n\nNo-document: edge: only a name\n\nand then more.');
    await expect(documents()).rejects.toMatchObject({ exitCode: 3 });
  });

  it('counts what was moved away, removed, or has a strange name', async () => {
    await git('mv', 'deploy/edge/apply.ts', 'README');
    write('deploy/backup/a\n"ü.ts', 'x\n');
    await commit('Move');
    await expect(documents()).rejects.toMatchObject({
      faults: [
        expect.stringMatching(/^backup .*none of docs\/backup\.md$/s),
        expect.stringMatching(/^edge \(1 changed, deploy\/edge\/apply\.ts first\)/),
      ],
    });
  });

  it('counts only what the change itself did, not what its base got since', async () => {
    await git('switch', '--quiet', '--create', 'work');
    write('docs/edge.md', 'two\n');
    await commit('Tell it');
    await git('switch', '--quiet', 'main');
    write('deploy/backup/run.ts', 'x\n');
    base = await commit('Somebody else');
    await git('switch', '--quiet', 'work');
    expect(await documents()).toBe('nothing that a page tells has changed');
    // As GitHub runs a pull request: its merge, against the first parent.
    await git('merge', '--quiet', '--no-edit', 'main');
    expect(await documents({ base: 'HEAD^2' })).toBe('nothing that a page tells has changed');
  });

  it('says what it cannot compare with, and never calls that good', async () => {
    await expect(documents({ base: '0'.repeat(40) })).rejects.toMatchObject({
      exitCode: 2,
      what: `this checkout has no commit "${'0'.repeat(40)}"`,
    });
    await expect(documents({ base: '--output=x' })).rejects.toMatchObject({ exitCode: 2 });
    await git('switch', '--quiet', '--orphan', 'other');
    await commit('Another beginning');
    await expect(documents()).rejects.toMatchObject({
      what: expect.stringContaining('no commit in common'),
    });
  });

  it('appends its report to the summary, good or bad', async () => {
    const summary = join(folder, '.git', 'summary');
    await documents({ summary });
    write('deploy/edge/apply.ts', 'two\n');
    await commit('Change');
    await expect(documents({ summary })).rejects.toThrow();
    const text = readFileSync(summary, 'utf8');
    expect(text).toContain('nothing that a page tells has changed');
    expect(text).toContain('edge: 1 file changed (deploy/edge/apply.ts), and none of docs/edge.md');
  });
});

describe('./cogni change release, with a real repository', () => {
  const release = (of = base): Promise<string> =>
    checkRelease({ base: of }, repositoryAt(folder)).then(({ text }) => text);

  it('refuses what has neither a new version nor an entry, and takes it with both', async () => {
    await expect(release()).rejects.toMatchObject({
      exitCode: 3,
      faults: [expect.stringMatching(/^version: is 1\.0\.0 still/)],
    });
    write('package.json', '{"version":"1.1.0"}');
    await commit('Number it');
    await expect(release()).rejects.toMatchObject({ faults: [expect.stringMatching(/^changelog: /)] });
    write('CHANGELOG.md', '## 1.1.0 (2026-11-02)\n\n- Second.\n');
    await commit('Tell it');
    expect(await release()).toContain('version: 1.1.0, after 1.0.0');
  });

  it('looks at what is committed, not at what lies there', async () => {
    write('package.json', '{"version":"1.1.0"}');
    await expect(release()).rejects.toMatchObject({ faults: [expect.stringMatching(/1\.0\.0 still/)] });
  });

  it('takes the first version of a branch that is new', async () => {
    expect(await release('0'.repeat(40))).toContain('version: 1.0.0, the first');
  });
});
