import { runtimeServices } from '../../services';
import type { RemoteCommand } from '../transport';
import { quick } from './commands';
import { layout } from './layout';

/** `a/b` of `a/b/c`; empty for a file without a folder. */
const folderOf = (path: string): string => path.split('/').slice(0, -1).join('/');

const below = (top: string, folder: string): string => (folder === '' ? top : `${top}/${folder}`);

/** Makes the folders below `top` that files need, from the top down; those that are there keep their mode. */
export function makeFolders(top: string, paths: readonly string[], mode: string): readonly RemoteCommand[] {
  const needed = paths.flatMap((path) => {
    const names = folderOf(path).split('/').filter(Boolean);
    return names.map((_, index) => below(top, names.slice(0, index + 1).join('/')));
  });
  if (needed.length === 0) return [];
  return [{ argv: ['mkdir', '--parents', `--mode=${mode}`, '--', ...new Set(needed)], deadline: quick }];
}

/**
 * Moves or copies files from below one folder to the same places below another: one command for each folder.
 *
 * @param argv `mv` or `cp` with its options
 */
export function intoPlace(
  argv: RemoteCommand['argv'],
  paths: readonly string[],
  from: string,
  to: string,
): readonly RemoteCommand[] {
  return [...new Set(paths.map(folderOf))].map((folder) => ({
    argv: [
      ...argv,
      `--target-directory=${below(to, folder)}`,
      '--',
      ...paths.filter((path) => folderOf(path) === folder).map((path) => `${from}/${path}`),
    ],
    deadline: quick,
  }));
}

/**
 * Puts files and the folders that they came to or went from onto the disk. Not the whole file system: that has what the database has not
 * written down yet as well, whose commits would wait for it.
 */
export function syncFiles(top: string, came: readonly string[], went: readonly string[]): RemoteCommand {
  const folders = [...came, ...went].flatMap((path) => {
    const names = folderOf(path).split('/').filter(Boolean);
    return names.map((_, index) => names.slice(0, index + 1).join('/'));
  });
  return {
    argv: [
      'sync',
      '--',
      ...came.map((path) => `${top}/${path}`),
      ...new Set(['', ...folders].map((folder) => below(top, folder))),
    ],
    deadline: quick,
  };
}

/**
 * Files that are taken back when a deploy fails. Those of the database are not: it was started, keeps running, and
 * mounts them.
 */
export const takenBack = (paths: readonly string[]): readonly string[] =>
  paths.filter((path) => !path.startsWith(`${runtimeServices.postgres}/`));

/** Removes files of the runtime; one that is not there is no fault. */
export const removeFiles = (paths: readonly string[]): readonly RemoteCommand[] =>
  paths.length === 0
    ? []
    : [
        {
          argv: ['rm', '--force', '--', ...paths.map((path) => `${layout.runtime.folder}/${path}`)],
          deadline: quick,
        },
      ];

/** Removes what was left of the runtime's folders when their files went. */
export const removeEmptyFolders: RemoteCommand = {
  argv: ['find', layout.runtime.folder, '-mindepth', '1', '-type', 'd', '-empty', '-delete'],
  deadline: quick,
};
