import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture } from '../../foundation/process';

/** A repository as GitHub keeps it, in a folder without a work tree. */
export class Origin {
  private constructor(readonly folder: string) {}

  /** An empty one. Any commit of it can be fetched, as at GitHub. */
  static async make(folder: string): Promise<Origin> {
    const origin = new Origin(folder);
    await capture({
      argv: ['git', 'init', '--quiet', '--bare', '--initial-branch=main', folder],
      deadline: 30_000,
    });
    await origin.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
    return origin;
  }

  git = (...words: readonly string[]): Promise<string> => this.ask(words);

  /** Commit of a branch. */
  headOf = (branch: string): Promise<string> => this.git('rev-parse', '--verify', `refs/heads/${branch}`);

  /** Text of a file of a commit; undefined where there is none. */
  async fileOf(commit: string, path: string): Promise<string | undefined> {
    const listed = await this.git('ls-tree', '--name-only', commit, '--', path);
    return listed === '' ? undefined : this.git('cat-file', 'blob', `${commit}:${path}`);
  }

  /** Files in which two commits differ. */
  async changed(before: string, after: string): Promise<readonly string[]> {
    const listed = await this.git('diff', '--name-only', '--no-renames', before, after);
    return listed.split('\n').filter(Boolean);
  }

  /** Names of the files of a folder. */
  async filesIn(commit: string, folder: string): Promise<readonly string[]> {
    const listed = await this.git('ls-tree', '--name-only', commit, '--', `${folder}/`);
    return listed.split('\n').map((path) => path.slice(folder.length + 1));
  }

  /**
   * Makes a commit of files that differ; those that begin with `#!` are programs. No branch moves.
   *
   * @param parent undefined for the first one
   * @param files texts by path; null takes a file away
   */
  async commit(
    parent: string | undefined,
    files: Readonly<Record<string, string | null>>,
    message: string,
  ): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), 'cogni-index-'));
    const env = { GIT_INDEX_FILE: join(folder, 'index') };
    try {
      if (parent !== undefined) await this.ask(['read-tree', parent], { env });
      for (const [path, text] of Object.entries(files)) {
        if (text === null) {
          await this.ask(['update-index', '--force-remove', path], { env });
          continue;
        }
        const blob = await this.ask(['hash-object', '-w', '--stdin'], { stdin: text });
        const mode = text.startsWith('#!') ? '100755' : '100644';
        await this.ask(['update-index', '--add', '--cacheinfo', `${mode},${blob},${path}`], { env });
      }
      const tree = await this.ask(['write-tree'], { env });
      return await this.git(
        'commit-tree',
        tree,
        ...(parent === undefined ? [] : ['-p', parent]),
        '-m',
        message,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Makes a first commit of a work tree as it is now, without what it ignores. No branch moves. */
  async commitFolder(folder: string, message: string): Promise<string> {
    const aside = mkdtempSync(join(tmpdir(), 'cogni-index-'));
    const env = { GIT_INDEX_FILE: join(aside, 'index') };
    try {
      await this.ask(['--work-tree', folder, 'add', '--all'], { env });
      return await this.git('commit-tree', await this.ask(['write-tree'], { env }), '-m', message);
    } finally {
      rmSync(aside, { recursive: true, force: true });
    }
  }

  /**
   * The commit that merges one into another, as GitHub makes it for a pull request. No branch moves.
   *
   * @throws Failure when they conflict
   */
  async mergeCommit(base: string, head: string, message: string): Promise<string> {
    const [tree = ''] = (await this.git('merge-tree', '--write-tree', base, head)).split('\n');
    return this.git('commit-tree', tree, '-p', base, '-p', head, '-m', message);
  }

  /** Lets a branch name a commit, whatever it named before. */
  async setBranch(branch: string, commit: string): Promise<void> {
    await this.git('update-ref', `refs/heads/${branch}`, commit);
  }

  private async ask(
    words: readonly string[],
    { stdin, env }: { readonly stdin?: string; readonly env?: Readonly<Record<string, string>> } = {},
  ): Promise<string> {
    const who = ['-c', 'user.name=Cogni', '-c', 'user.email=cogni@example.org'];
    const text = await capture({
      argv: ['git', ...who, '--git-dir', this.folder, ...words],
      // A work tree is named by its root.
      ...(words[0] === '--work-tree' && words[1] !== undefined ? { cwd: words[1] } : {}),
      ...(stdin === undefined ? {} : { stdin }),
      ...(env === undefined ? {} : { env }),
      deadline: 60_000,
    });
    return text.trim();
  }
}
