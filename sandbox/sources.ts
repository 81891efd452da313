import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../foundation/failure';

/**
 * Files of this folder that are not TypeScript (Dockerfiles, scripts, the demo application) are read from the sources:
 * the compiler does not copy them beside its output.
 *
 * @param parts path below `sandbox/`
 * @returns absolute path, the same from the sources and from `dist/`
 */
export function sandboxSource(...parts: readonly string[]): string {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'cdktf.json'))) return join(folder, 'sandbox', ...parts);
    if (folder === dirname(folder)) {
      throw new Failure({
        what: `no checkout of cogni-infra lies around ${__dirname}: the sandbox builds its images from one`,
        next: 'run this from a complete checkout',
      });
    }
  }
}
