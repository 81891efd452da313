import { ExitCode, Failure } from '../../foundation/failure';
import { capture, run, type Command, type Run } from '../../foundation/process';
import { trailerName, type Change } from './documents';

/** Milliseconds for each question. */
const deadline = 30_000;
const end = '\0';
const field = '\x1f';
const item = '\x1e';

/** What GitHub gives as the commit before, where a branch is new. */
export const noCommit = /^0{40,64}$/;

/** Asks git about one checkout. It only reads. */
export interface Repository {
  /** @throws Failure when there is no such commit here */
  commitOf(name: string): Promise<string>;
  /** What lies between two commits: since the one that both come from. @throws Failure when they have none in common */
  change(base: string, head: string): Promise<Change>;
  /** A file of a commit; undefined where it has none there. */
  fileOf(commit: string, path: string): Promise<string | undefined>;
}

/** @param folder the checkout */
export function repositoryAt(folder: string, runProgram: Run = run): Repository {
  const git = (...words: readonly string[]): Command => ({ argv: ['git', '-C', folder, ...words], deadline });
  const ask = (...words: readonly string[]): Promise<string> => capture(git(...words), { run: runProgram });
  return {
    async commitOf(name) {
      const output = await runProgram(
        git('rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`),
      );
      if (output.code === 0) return output.stdout.trim();
      throw new Failure({
        what: `this checkout has no commit "${name}"`,
        next: 'name a commit that is there, or fetch it: git fetch --unshallow',
        exitCode: ExitCode.usage,
        output: output.stderr,
      });
    },
    async change(base, head) {
      const parted = await runProgram(git('merge-base', base, head));
      if (parted.code !== 0) {
        throw new Failure({
          what: `${base} and ${head} have no commit in common here, so what lies between them is not known`,
          next: 'fetch the history (git fetch --unshallow), then run this again',
          output: parted.stderr,
        });
      }
      const since = parted.stdout.trim();
      const [names, log] = await Promise.all([
        ask('diff', '--name-only', '--no-renames', '-z', since, head),
        ask('log', '-z', `--format=%H${field}${trailersFormat}`, `${since}..${head}`),
      ]);
      return { base, head, paths: names.split(end).filter(Boolean), trailers: trailersIn(log) };
    },
    async fileOf(commit, path) {
      const listed = await ask('ls-tree', '-z', '--name-only', commit, '--', path);
      return listed === '' ? undefined : ask('cat-file', 'blob', `${commit}:${path}`);
    },
  };
}

/** Git documentation, "git log", "PRETTY FORMATS". */
const trailersFormat = `%(trailers:key=${trailerName},valueonly,unfold,separator=%x1e)`;

const trailersIn = (log: string): Change['trailers'] =>
  log
    .split(end)
    .filter(Boolean)
    .flatMap((entry) => {
      const [commit = '', values = ''] = entry.split(field);
      return values
        .split(item)
        .filter((value) => value.trim() !== '')
        .map((value) => ({ commit, value }));
    });
