import { run, type Run } from '../foundation/process';

/** What of the checkout a command runs from, as git says it. */
export interface CheckoutState {
  /** Full SHA of the commit. */
  readonly commit: string;
  /** Files that are tracked differ from it, or there are files that are neither tracked nor ignored. */
  readonly dirty: boolean;
}

/**
 * Asks git, within seconds.
 *
 * @returns undefined where there is no git, no repository or no commit: a deploy can do without
 */
export async function checkoutState(
  folder: string,
  runProgram: Run = run,
): Promise<CheckoutState | undefined> {
  const git = (...words: string[]): ReturnType<Run> =>
    runProgram({ argv: ['git', '-C', folder, ...words], deadline: 10_000 });
  try {
    const [head, status] = await Promise.all([
      git('rev-parse', '--verify', 'HEAD'),
      git('status', '--porcelain'),
    ]);
    const commit = head.stdout.trim();
    if (head.code !== 0 || status.code !== 0 || !/^[0-9a-f]{40,64}$/.test(commit)) return undefined;
    return { commit, dirty: status.stdout !== '' };
  } catch {
    return undefined;
  }
}
