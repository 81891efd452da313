import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf } from './render-manifest';

/** What stands at a path below a folder, no link ever followed. */
export type Standing =
  | { readonly what: 'nothing' | 'folder' | 'other' }
  | { readonly what: 'file'; readonly sha256: string; readonly mode: number }
  /** Something on the way that is no folder, by its path below the folder: there can be nothing behind it that is ours. */
  | { readonly what: 'behind'; readonly at: string; readonly by: 'link' | 'file' | 'other' };

/**
 * Looks at a path below a folder.
 *
 * @param path relative, with `/`
 */
export function standingAt(folder: string, path: string): Standing {
  const parts = path.split('/');
  for (const [index] of parts.entries()) {
    const at = parts.slice(0, index + 1).join('/');
    const isLast = index === parts.length - 1;
    const status = lstatSync(join(folder, at), { throwIfNoEntry: false });
    if (status === undefined) return { what: 'nothing' };
    if (status.isSymbolicLink()) return { what: 'behind', at, by: 'link' };
    if (status.isDirectory()) continue;
    if (!isLast) return { what: 'behind', at, by: status.isFile() ? 'file' : 'other' };
    if (!status.isFile()) return { what: 'other' };
    return { what: 'file', sha256: hashOf(readFileSync(join(folder, at))), mode: status.mode & 0o777 };
  }
  return { what: 'folder' };
}

/** The file that something is a temporary of, as a run that was cut off leaves them of `writeAtomically`; undefined by any other name. */
export const temporaryOf = (path: string): string | undefined =>
  /^(.*)\.\d+\.[0-9a-f]{8}\.tmp$/s.exec(path)?.[1];

/**
 * Whether a folder is gone once these files are, and the temporaries of ours: it holds nothing else but folders of which that is true. An
 * empty one is what a run that was cut off leaves where a file of ours was in it.
 */
export function isEmptiedBy(
  folder: string,
  path: string,
  files: ReadonlySet<string>,
  ours: ReadonlySet<string>,
): boolean {
  const entries = readdirSync(join(folder, path), { withFileTypes: true });
  return (
    (entries.length > 0 || [...ours].some((each) => each.startsWith(`${path}/`))) &&
    entries.every((entry) => {
      const each = `${path}/${entry.name}`;
      if (entry.isDirectory()) return isEmptiedBy(folder, each, files, ours);
      return files.has(each) || (entry.isFile() && ours.has(temporaryOf(each) ?? ''));
    })
  );
}
