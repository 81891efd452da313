import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { withFileLock } from '../foundation/file-lock';
import type { Progress } from '../foundation/progress';

/** Where everything heavy lives, outside every checkout: shared by all sandboxes of this user. */
export const cacheRoot = (): string =>
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'cogni');

/** Milliseconds that a second run waits for the first one's build. */
const buildWait = 30 * 60_000;

export interface CachedBuild {
  /** What is built, in a folder name's characters: `caddy`, `host-image`. */
  readonly name: string;
  /** Everything that decides the result: versions, and the text of the recipe. A changed entry is another build. */
  readonly key: readonly string[];
  /** Why it has to be built here, for the person who waits: "no binary of it can be had from the distribution". */
  readonly why: string;
  /**
   * Builds into an empty folder that becomes the result only when this returns. What it runs is tied to this process
   * (`tied` of foundation/process.ts): a killed build must not go on beside the next one.
   */
  readonly build: (folder: string) => Promise<void>;
}

/**
 * The folder of a build, made when it is not there yet. Built in a folder beside it, which no other run ever writes to,
 * and renamed, so that a killed build leaves nothing that looks finished; two runs at once build once.
 */
export async function cached(build: CachedBuild, progress: Progress): Promise<string> {
  const digest = createHash('sha256').update(JSON.stringify(build.key)).digest('hex').slice(0, 12);
  const folder = join(cacheRoot(), 'builds', `${build.name}-${digest}`);
  if (existsSync(folder)) return folder;
  const lock = `${folder}.lock`;
  return withFileLock(
    lock,
    {
      purpose: `building ${build.name}`,
      wait: buildWait,
      onWait: (holder) => progress.note(`waiting for ${holder}`),
    },
    async () => {
      if (existsSync(folder)) return folder;
      clearUnfinished(folder);
      const unfinished = `${folder}.${randomBytes(4).toString('hex')}.unfinished`;
      mkdirSync(unfinished, { recursive: true });
      try {
        await progress.step(`build ${build.name}`, () => build.build(unfinished), { why: build.why });
        renameSync(unfinished, folder);
      } catch (thrown) {
        clearUnfinished(folder);
        throw thrown;
      }
      return folder;
    },
  );
}

/** What killed runs left of a build; called by who holds its lock, so that nobody is at work on it. */
function clearUnfinished(folder: string): void {
  for (const name of readdirSync(dirname(folder))) {
    if (!name.startsWith(`${basename(folder)}.`) || !name.endsWith('.unfinished')) continue;
    try {
      rmSync(join(dirname(folder), name), { recursive: true, force: true });
    } catch {
      // It takes room and nothing else; the next build of it tries again.
    }
  }
}
