import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Failure } from '../foundation/failure';
import { tryReadFile } from '../foundation/files';
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
  /** What the files were rendered for. Undefined in a manifest of a version that did not say it. */
  readonly environment?: string | undefined;
  /** Sorted by path. */
  readonly files: readonly ManifestEntry[];
  /**
   * While files are being written: what each of them may hold, so that a run that was cut off left nothing that the
   * next one does not know as its own.
   */
  readonly underWay?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** Its name in the folder that was rendered into. */
export const manifestName = 'manifest.json';

/** The manifest of a folder that was rendered into, or undefined where there is none. @throws Failure for a damaged one */
export function readManifest(folder: string): Manifest | undefined {
  const path = join(folder, manifestName);
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return undefined;
  try {
    if (!status.isFile()) throw new TypeError('it is not a file');
    return manifestForm.parse(JSON.parse(tryReadFile(path) ?? ''));
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
  environment: z.string().optional(),
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

/** Hex. */
export const hashOf = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');

/** The manifest of a finished render. */
export const manifestOf = (environment: string, files: readonly RenderedFile[]): Manifest => ({
  environment,
  files: files
    .map(({ path, content, mode, seed }) => ({
      path,
      sha256: hashOf(content),
      bytes: Buffer.byteLength(content),
      mode: mode.toString(8),
      ...(seed ? { seed } : {}),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1)),
});

/** What the files that renders wrote may hold, by path. */
export function ownHashes({ files, underWay = {} }: Manifest): Map<string, Set<string>> {
  const hashes = new Map(Object.entries(underWay).map(([path, known]) => [path, new Set(known)]));
  for (const { path, sha256 } of files) hashes.set(path, new Set(hashes.get(path)).add(sha256));
  return hashes;
}
