import { mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ExitCode, Failure } from '../foundation/failure';
import { withFileLock } from '../foundation/file-lock';
import { writeAtomically } from '../foundation/files';
import type { RenderedFile } from '../services';
import { isEmptiedBy, standingAt, temporaryOf } from './folder-state';
import { hashOf, manifestName, manifestOf, ownHashes, readManifest, type Manifest } from './render-manifest';

export interface Written {
  readonly manifest: Manifest;
  /** Files of an earlier render that are rendered no longer, and were removed. */
  readonly removed: readonly string[];
  /** The same, but changed by somebody since, or behind a link: left where they are. */
  readonly kept: readonly string[];
}

const lockName = '.render.lock';

/**
 * Writes the files of an environment and a manifest with their hashes. A reader sees each file old or new, never half of it. A
 * file that an earlier render wrote and that is rendered no longer is removed, unless it was changed since. A file that an
 * earlier render wrote and that is rendered again is as rendered afterwards, whatever was changed in it. Nothing else is ever
 * replaced or removed, and no link is followed.
 *
 * A run that was cut off, kill -9 included, leaves old and new files and a manifest that knows both; the next run
 * finishes the work.
 *
 * @throws Failure before anything is written: with everything that is in the way, or where the folder holds another environment
 *   (exit code 3), when another run is writing there (4), and where no such folder can be made (2)
 */
export async function writeRendered(
  folder: string,
  environment: string,
  files: readonly RenderedFile[],
): Promise<Written> {
  ensureFolder(folder);
  const lock = { purpose: 'writing what is rendered', wait: 30_000 };
  return withFileLock(join(folder, lockName), lock, () =>
    Promise.resolve(write(folder, manifestOf(environment, files), files)),
  );
}

function ensureFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const isFile = code === 'EEXIST' || code === 'ENOTDIR';
    throw new Failure({
      what: `${folder} is no folder, and cannot be made one: ${isFile ? 'it, or what it lies in, is a file' : code}`,
      next: 'name another folder with --out',
      exitCode: ExitCode.usage,
      cause,
    });
  }
}

function write(folder: string, manifest: Manifest, files: readonly RenderedFile[]): Written {
  const before = readManifest(folder) ?? { files: [] };
  refuseOtherEnvironment(folder, before, manifest);
  const ours = ownHashes(before);
  const { stale, kept } = staleOf(folder, ours, files);
  refuseObstacles(folder, files, new Set(ours.keys()), new Set(stale));
  const save = (text: Manifest): void =>
    writeAtomically(join(folder, manifestName), `${JSON.stringify(text, undefined, 2)}\n`);

  for (const { path, sha256 } of manifest.files) ours.set(path, new Set(ours.get(path)).add(sha256));
  const underWay = Object.fromEntries([...ours].map(([path, hashes]) => [path, [...hashes]]));
  save({ ...before, environment: manifest.environment, underWay });
  removeTemporaries(folder, [...ours.keys(), manifestName]);
  // First what goes: a file may be in the place of a folder that is rendered now, and the other way round.
  for (const path of stale) {
    rmSync(join(folder, path));
    removeEmptyFolders(folder, dirname(path));
  }
  for (const { path } of files) removeHollowFolder(folder, path);
  for (const { path, content, mode } of files) {
    if (!isAsRendered(folder, { path, content, mode })) writeAtomically(join(folder, path), content, mode);
  }
  save(manifest);
  return { manifest, removed: stale, kept };
}

function refuseOtherEnvironment(folder: string, before: Manifest, now: Manifest): void {
  if (before.environment === undefined || before.environment === now.environment) return;
  throw new Failure({
    what: `${folder} holds what is rendered for ${before.environment}: files of ${now.environment ?? ''} would take their place`,
    next: 'choose another folder with --out, or remove that one',
    exitCode: ExitCode.refused,
  });
}

/** Files of earlier renders that are rendered no longer: as they were written, and changed or out of reach. */
function staleOf(
  folder: string,
  ours: ReadonlyMap<string, ReadonlySet<string>>,
  files: readonly RenderedFile[],
): { readonly stale: readonly string[]; readonly kept: readonly string[] } {
  const now = new Set(files.map(({ path }) => path));
  const [stale, kept]: [string[], string[]] = [[], []];
  for (const [path, hashes] of ours) {
    if (now.has(path)) continue;
    const standing = standingAt(folder, path);
    if (standing.what === 'file') (hashes.has(standing.sha256) ? stale : kept).push(path);
    // What is behind a link may be anybody's; behind a file there is nothing.
    else if (standing.what === 'other' || (standing.what === 'behind' && standing.by === 'link'))
      kept.push(path);
  }
  return { stale, kept };
}

/** @throws Failure with everything that stands where a file or its folders are to be, and that is not ours to replace */
function refuseObstacles(
  folder: string,
  files: readonly RenderedFile[],
  ours: ReadonlySet<string>,
  stale: ReadonlySet<string>,
): void {
  const faults = files.flatMap(({ path, content }): readonly string[] => {
    const standing = standingAt(folder, path);
    switch (standing.what) {
      case 'nothing':
        return [];
      case 'file':
        return ours.has(path) || standing.sha256 === hashOf(content)
          ? []
          : [`${path} was not written by a render`];
      case 'folder':
        return isEmptiedBy(folder, path, stale, ours) ? [] : [`${path} is a folder`];
      case 'other':
        return [`${path} is neither a file nor a folder`];
      case 'behind':
        if (standing.by === 'link') return [`${standing.at} is a link: it may lead out of the folder`];
        return stale.has(standing.at) ? [] : [`${standing.at} is not a folder, and ${path} is to be in it`];
    }
  });
  if (faults.length === 0) return;
  throw new Failure({
    what: `${folder} holds what a render would overwrite, and did not write`,
    faults: [...new Set(faults)],
    next: 'move these away, or choose another folder with --out',
    exitCode: ExitCode.refused,
  });
}

function isAsRendered(folder: string, { path, content, mode }: RenderedFile): boolean {
  const standing = standingAt(folder, path);
  return standing.what === 'file' && standing.sha256 === hashOf(content) && standing.mode === mode;
}

/** What a run that was cut off left of `writeAtomically`, beside files of ours only, with the folders that this leaves empty. */
function removeTemporaries(folder: string, paths: readonly string[]): void {
  for (const path of paths) {
    const place = dirname(path);
    if (place !== '.' && standingAt(folder, place).what !== 'folder') continue;
    const left = readdirSync(join(folder, place), { withFileTypes: true }).filter(
      (entry) => entry.isFile() && temporaryOf(entry.name) === basename(path),
    );
    for (const { name } of left) rmSync(join(folder, place, name));
    if (left.length > 0) removeEmptyFolders(folder, place);
  }
}

/** A folder with nothing but folders in it, where a file is to be. */
function removeHollowFolder(folder: string, path: string): void {
  if (standingAt(folder, path).what !== 'folder') return;
  for (const name of readdirSync(join(folder, path))) removeHollowFolder(folder, `${path}/${name}`);
  rmdirSync(join(folder, path));
}

function removeEmptyFolders(folder: string, path: string): void {
  for (let each = path; each !== '.'; each = dirname(each)) {
    if (readdirSync(join(folder, each)).length > 0) return;
    rmdirSync(join(folder, each));
  }
}
