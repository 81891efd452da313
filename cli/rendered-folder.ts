import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { ExitCode, Failure } from '../foundation/failure';
import { withFileLock } from '../foundation/file-lock';
import { tryReadFile, writeAtomically } from '../foundation/files';
import type { RenderedFile } from '../services';

export interface ManifestEntry {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  /** Hex. */
  readonly sha256: string;
  readonly bytes: number;
  /** Permission bits, octal. */
  readonly mode: string;
  /** Only the first content: on a host it is somebody else's state from then on. */
  readonly seed?: true | undefined;
}

export interface Manifest {
  /** Sorted by path. */
  readonly files: readonly ManifestEntry[];
  /**
   * While files are being written: what each of them may hold, so that a run that was cut off left nothing that the
   * next one does not know as its own.
   */
  readonly underWay?: Readonly<Record<string, readonly string[]>> | undefined;
}

export interface Written {
  readonly manifest: Manifest;
  /** Files of an earlier render that are rendered no longer, and were removed. */
  readonly removed: readonly string[];
  /** The same, but changed by somebody since: left where they are. */
  readonly kept: readonly string[];
}

const manifestName = 'manifest.json';
const lockName = '.render.lock';

/**
 * Writes the files and a manifest with their hashes. A reader sees each file old or new, never half of it. A file that
 * an earlier render wrote and that is rendered no longer is removed, unless it was changed since. Nothing that it did
 * not write is ever replaced or removed.
 *
 * A run that was cut off, kill -9 included, leaves old and new files and a manifest that knows both; the next run
 * finishes the work.
 *
 * @throws Failure before anything is written, with every file that is in the way (exit code 3), or when another run is
 *   writing there (4)
 */
export async function writeRendered(folder: string, files: readonly RenderedFile[]): Promise<Written> {
  mkdirSync(folder, { recursive: true });
  const lock = { purpose: 'writing what is rendered', wait: 30_000 };
  return withFileLock(join(folder, lockName), lock, () => Promise.resolve(write(folder, files)));
}

function write(folder: string, files: readonly RenderedFile[]): Written {
  const before = readManifest(folder) ?? { files: [] };
  const ours = ownHashes(before);
  refuseForeign(folder, files, ours);
  const manifest: Manifest = { files: files.map(entryOf).sort((a, b) => (a.path < b.path ? -1 : 1)) };
  const save = (text: Manifest): void =>
    writeAtomically(join(folder, manifestName), `${JSON.stringify(text, undefined, 2)}\n`);

  for (const { path, sha256 } of manifest.files) ours.set(path, new Set(ours.get(path)).add(sha256));
  save({ ...before, underWay: Object.fromEntries([...ours].map(([path, hashes]) => [path, [...hashes]])) });
  removeTemporaries(folder, [...ours.keys(), manifestName]);
  for (const { path, content, mode } of files) {
    if (!isAsRendered(join(folder, path), content, mode)) writeAtomically(join(folder, path), content, mode);
  }
  const removed: string[] = [];
  const kept: string[] = [];
  const now = new Set(files.map(({ path }) => path));
  for (const [path, hashes] of ours) {
    const hash = now.has(path) ? undefined : hashAt(join(folder, path));
    if (hash === undefined) continue;
    if (hashes.has(hash)) {
      rmSync(join(folder, path));
      removeEmptyFolders(folder, dirname(path));
      removed.push(path);
    } else {
      kept.push(path);
    }
  }
  save(manifest);
  return { manifest, removed, kept };
}

/** The manifest of a folder that was rendered into, or undefined where there is none. @throws Failure for a damaged one */
export function readManifest(folder: string): Manifest | undefined {
  const path = join(folder, manifestName);
  const text = tryReadFile(path);
  if (text === undefined) return undefined;
  try {
    return manifestForm.parse(JSON.parse(text));
  } catch (cause) {
    throw new Failure({
      what: `${path} is not a manifest that cogni wrote`,
      next: 'choose another folder, or remove that file, then run this again',
      cause,
    });
  }
}

/** A path from a file is not to lead out of the folder. */
const insidePath = z
  .string()
  .refine(
    (path) => !path.startsWith('/') && path.split('/').every((part) => !['', '.', '..'].includes(part)),
  );

const manifestForm = z.object({
  files: z.array(
    z.object({
      path: insidePath,
      sha256: z.string(),
      bytes: z.number(),
      mode: z.string(),
      seed: z.literal(true).optional(),
    }),
  ),
  underWay: z.record(insidePath, z.array(z.string())).optional(),
});

const hashOf = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

const entryOf = ({ path, content, mode, seed }: RenderedFile): ManifestEntry => ({
  path,
  sha256: hashOf(content),
  bytes: Buffer.byteLength(content),
  mode: mode.toString(8),
  ...(seed ? { seed } : {}),
});

/** What the files that we wrote hold, by path. */
function ownHashes({ files, underWay = {} }: Manifest): Map<string, Set<string>> {
  const hashes = new Map(Object.entries(underWay).map(([path, known]) => [path, new Set(known)]));
  for (const { path, sha256 } of files) hashes.set(path, new Set(hashes.get(path)).add(sha256));
  return hashes;
}

/** A file in the way that we did not write: unless it holds what it is to hold anyway. */
function refuseForeign(
  folder: string,
  files: readonly RenderedFile[],
  ours: ReadonlyMap<string, ReadonlySet<string>>,
): void {
  const faults = files.flatMap(({ path, content }) => {
    const link = linkOnTheWay(folder, path);
    if (link !== undefined) return [`${link} is a link: it may lead out of the folder`];
    const target = join(folder, path);
    if (statSync(target, { throwIfNoEntry: false })?.isDirectory()) return [`${path} is a folder`];
    const hash = hashAt(target);
    if (hash === undefined || ours.has(path) || hash === hashOf(content)) return [];
    return [`${path} was not written by a render`];
  });
  if (faults.length === 0) return;
  throw new Failure({
    what: `${folder} holds what a render would overwrite, and did not write`,
    faults,
    next: 'move these away, or choose another folder with --out',
    exitCode: ExitCode.refused,
  });
}

function linkOnTheWay(folder: string, path: string): string | undefined {
  const parts = path.split('/');
  return parts
    .map((_, index) => parts.slice(0, index + 1).join('/'))
    .find((part) => lstatSync(join(folder, part), { throwIfNoEntry: false })?.isSymbolicLink());
}

function hashAt(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ? hashOf(readFileSync(path)) : undefined;
}

const isAsRendered = (path: string, content: string, mode: number): boolean =>
  hashAt(path) === hashOf(content) && (statSync(path).mode & 0o777) === mode;

/** What a run that was cut off left of `writeAtomically`, beside files of ours only. */
function removeTemporaries(folder: string, paths: readonly string[]): void {
  for (const path of paths) {
    const place = join(folder, dirname(path));
    if (!statSync(place, { throwIfNoEntry: false })?.isDirectory()) continue;
    for (const name of readdirSync(place)) {
      const rest = name.startsWith(`${basename(path)}.`) ? name.slice(basename(path).length) : '';
      if (/^\.\d+\.[0-9a-f]{8}\.tmp$/.test(rest)) rmSync(join(place, name));
    }
  }
}

function removeEmptyFolders(folder: string, path: string): void {
  for (let each = path; each !== '.'; each = dirname(each)) {
    if (readdirSync(join(folder, each)).length > 0) return;
    rmdirSync(join(folder, each));
  }
}
