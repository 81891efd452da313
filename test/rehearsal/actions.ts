import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { capture } from '../../foundation/process';

/** What an action is given: the machine of its job, and the values of `with`. */
export interface ActionCall {
  readonly with: Readonly<Record<string, string>>;
  readonly workspace: string;
  /** Rights of the job's token. */
  readonly permissions: Readonly<Record<string, 'read' | 'write'>>;
  readonly token: string;
  /** Number of the run. */
  readonly run: number;
}

/** What is done here in the place of a published action. */
export interface ActionDouble {
  /** What it does as the action does, and what it does not do. */
  readonly plays: string;
  /** Every input that it takes; another one is an error. */
  readonly inputs: readonly string[];
  /** @throws StepFailed where the action would fail */
  readonly run: (call: ActionCall) => Promise<void>;
}

/** A step has failed as it would at GitHub. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
}

const minute = 60_000;

/** @param origin folder of the repository, without a work tree */
export const checkoutDouble = (origin: string): ActionDouble => ({
  plays:
    'fetches from a repository on this machine: one commit, or with fetch-depth 0 the whole history; no token is kept',
  inputs: ['ref', 'persist-credentials', 'fetch-depth'],
  async run({ with: given, workspace }) {
    if (given['persist-credentials'] !== 'false')
      throw new Error('a checkout that keeps its token is not played here');
    const depth = given['fetch-depth'] ?? '1';
    if (!['0', '1'].includes(depth)) throw new Error(`fetch-depth ${depth} is not played here`);
    const ref = given['ref'] ?? '';
    const git = (...words: string[]): Promise<string> =>
      capture({
        argv: ['git', '-c', 'advice.detachedHead=false', '-C', workspace, ...words],
        deadline: minute,
      });
    await git('init', '--quiet', '--initial-branch=main');
    await git('remote', 'add', 'origin', `file://${origin}`);
    if (depth === '0') await git('fetch', '--quiet', 'origin', '+refs/heads/*:refs/remotes/origin/*');
    await git('fetch', '--quiet', '--no-tags', ...(depth === '1' ? ['--depth=1'] : []), 'origin', ref);
    await git('checkout', '--quiet', '--force', '--detach', ref);
  },
});

/** What runs keep for others, and for the jobs after them. */
export class Artifacts {
  constructor(private readonly folder: string) {}

  /** Folder of what a run has kept under a name; there or not. */
  pathOf = (run: number, name: string): string => join(this.folder, String(run), name);

  namesOf = (run: number): readonly string[] =>
    existsSync(join(this.folder, String(run))) ? readdirSync(join(this.folder, String(run))) : [];

  /** Every file that a run has kept, with its text. */
  textsOf = (run: number): readonly (readonly [string, string])[] =>
    this.namesOf(run).flatMap((name) =>
      readdirSync(this.pathOf(run, name), { recursive: true, withFileTypes: true })
        .filter((each) => each.isFile())
        .map((each) => join(each.parentPath, each.name))
        .map((file) => [file, readFileSync(file, 'latin1')] as const),
    );

  readonly upload: ActionDouble = {
    plays:
      'keeps a folder or a file for the run; a name is given once, unless it is to be written over; nothing expires',
    inputs: ['name', 'path', 'if-no-files-found', 'retention-days', 'overwrite'],
    run: ({ with: given, workspace, run }) => {
      const { name = '', path = '', 'if-no-files-found': none, overwrite = 'false' } = given;
      if (!/^[\w.-]+$/.test(name)) throw new Error(`"${name}" is not played as the name of an artifact`);
      const from = join(workspace, path);
      const isFile = statSync(from, { throwIfNoEntry: false })?.isFile() ?? false;
      if (!existsSync(from) || (!isFile && readdirSync(from).length === 0)) {
        if (none !== 'error' && none !== 'ignore')
          throw new Error(`if-no-files-found ${none} is not played here`);
        if (none === 'error') throw new StepFailed(`No files were found with the provided path: ${path}.`);
        return Promise.resolve();
      }
      const to = this.pathOf(run, name);
      if (overwrite === 'true') rmSync(to, { recursive: true, force: true });
      if (existsSync(to)) throw new StepFailed(`an artifact with this name already exists: ${name}`);
      cpSync(from, isFile ? join(to, basename(from)) : to, { recursive: true });
      return Promise.resolve();
    },
  };

  readonly download: ActionDouble = {
    plays:
      'gives back what was kept, of this run or of another one; for that the token must be allowed to read it',
    inputs: ['name', 'pattern', 'path', 'merge-multiple', 'run-id', 'github-token'],
    run: (call) => {
      const { name, pattern, path = '', 'merge-multiple': merge, 'run-id': other } = call.with;
      if (
        other !== undefined &&
        (call.permissions['actions'] === undefined || call.with['github-token'] !== call.token)
      )
        throw new StepFailed('Resource not accessible by integration');
      if ((name === undefined) === (pattern === undefined))
        throw new Error('a name or a pattern is played, one of both');
      if (pattern !== undefined && merge !== 'true')
        throw new Error('a pattern is only played with merge-multiple');
      const run = Number(other ?? call.run);
      const [, start = '', open = ''] = /^([\w.-]+)(\*?)$/.exec(pattern ?? '') ?? [];
      if (pattern !== undefined && start === '') throw new Error(`the pattern ${pattern} is not played here`);
      const wanted = this.namesOf(run).filter((each) =>
        open === '*' ? each.startsWith(start) : each === (name ?? start),
      );
      if (name !== undefined && wanted.length === 0)
        throw new StepFailed(`Unable to download artifact(s): Artifact not found for name: ${name}`);
      const to = join(call.workspace, path);
      mkdirSync(to, { recursive: true });
      for (const each of wanted) cpSync(this.pathOf(run, each), to, { recursive: true });
      return Promise.resolve();
    },
  };
}
