import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from '../../foundation/process';
import type { Progress } from '../../foundation/progress';
import { cached } from '../cache';

/** Milliseconds: two packages of a hundred megabytes at the most. */
const deadline = 10 * 60_000;

/**
 * The `node_modules` of a folder with a package-lock.json: exactly what it names, verified by its integrity hashes, no
 * install scripts run. Installed once a lock file and kept in the cache of builds.
 *
 * @param name what it is for, in a folder name's characters
 * @returns absolute path of `node_modules`
 */
export async function npmPackages(name: string, folder: string, progress: Progress): Promise<string> {
  const files = ['package.json', 'package-lock.json'];
  const built = await cached(
    {
      name: `npm-${name}`,
      key: [process.arch, ...files.map((file) => readFileSync(join(folder, file), 'utf8'))],
      why: 'no image registry is needed for it: it comes from npm',
      build: async (unfinished) => {
        for (const file of files) copyFileSync(join(folder, file), join(unfinished, file));
        await capture(
          {
            argv: [
              'npm',
              'ci',
              '--omit=dev',
              '--ignore-scripts',
              '--no-audit',
              '--no-fund',
              '--loglevel=error',
            ],
            cwd: unfinished,
            deadline,
          },
          { tied: true },
        );
      },
    },
    progress,
  );
  return join(built, 'node_modules');
}
