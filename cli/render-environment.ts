import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { renderUserData } from '../bootstrap';
import { Failure } from '../foundation/failure';
import { tryReadFile, writeAtomically } from '../foundation/files';
import { committedImageLock, hostLayout, loadImageLock, renderRuntime, type RenderedFile } from '../services';
import type { Environment } from '../stacks/environment';
import { runtimePropsOf } from '../stacks/runtime';
import { hostNeedsHere } from './host-needs';

export interface Manifest {
  /** Sorted by path. */
  readonly files: readonly {
    readonly path: string;
    readonly sha256: string;
    readonly bytes: number;
    readonly mode: string;
  }[];
}

const manifestName = 'manifest.json';

/** Every file of an environment, with the path that it has on the host; the user-data beside them. */
export function renderEnvironment(environment: Environment): readonly RenderedFile[] {
  const needs = hostNeedsHere(environment);
  const lock = environment.sandbox ? loadImageLock(environment.sandbox.imageLockFile) : committedImageLock();
  const runtime = renderRuntime(runtimePropsOf(environment, lock));
  const on = (folder: string, files: readonly RenderedFile[]): RenderedFile[] =>
    files.map((file) => ({ ...file, path: join('host', folder, file.path) }));
  return [
    { path: 'user-data.yaml', content: renderUserData(needs), mode: 0o644 },
    ...on(hostLayout.edge.folder, needs.edge.files),
    ...on(hostLayout.runtime.folder, runtime),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Writes the files and a manifest of them; what an earlier manifest names and is no longer rendered is removed. */
export function writeRendered(folder: string, files: readonly RenderedFile[]): Manifest {
  const manifest: Manifest = {
    files: files.map(({ path, content, mode }) => ({
      path,
      sha256: createHash('sha256').update(content).digest('hex'),
      bytes: Buffer.byteLength(content),
      mode: mode.toString(8),
    })),
  };
  const before = readManifest(join(folder, manifestName));
  for (const { path, content, mode } of files) writeAtomically(join(folder, path), content, mode);
  const now = new Set(files.map(({ path }) => path));
  for (const { path } of before?.files ?? []) if (!now.has(path)) rmSync(join(folder, path), { force: true });
  writeAtomically(join(folder, manifestName), `${JSON.stringify(manifest, undefined, 2)}\n`);
  return manifest;
}

function readManifest(path: string): Manifest | undefined {
  const text = tryReadFile(path);
  if (text === undefined) return undefined;
  try {
    const manifest = JSON.parse(text) as Manifest;
    // Paths from a file are not to lead out of the folder.
    return {
      files: manifest.files.filter(
        ({ path: each }) => !each.startsWith('/') && !each.split('/').includes('..'),
      ),
    };
  } catch (cause) {
    throw new Failure({
      what: `${path} is not a manifest that cogni wrote`,
      next: 'choose another folder, or remove that file, then run this again',
      cause,
    });
  }
}
