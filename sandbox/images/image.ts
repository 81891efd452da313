import { createHash } from 'node:crypto';
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../../foundation/failure';
import type { Progress } from '../../foundation/progress';
import { cacheRoot } from '../cache';
import { dockerFor, type Docker } from '../docker';

/** Milliseconds: sending the context and packing it; nothing is downloaded or compiled in here. */
const buildDeadline = 10 * 60_000;

/** Label of every image that is built here, with its name: what to prune by. */
export const imageLabel = 'dev.cogni.image';

/** Label with the hash of everything that an image or a container was made from. */
export const recipeLabel = 'dev.cogni.recipe';

/** An image as data: what is in its build context. */
export interface ImageRecipe {
  /** `caddy`; the image is called `cogni-sandbox/caddy:<hash of the recipe>`. */
  readonly name: string;
  /** Folder whose files are the build context. */
  readonly folder: string;
  /** The file in that folder that is built. @default 'Dockerfile' */
  readonly dockerfile?: string;
  /** Paths in that folder that do not go into the context. @default none */
  readonly leaveOut?: readonly string[];
  /**
   * Large files made elsewhere, by their names in the context. Each must lie in a folder of the cache of builds, since
   * its path stands for its content.
   */
  readonly inputs?: Readonly<Record<string, string>>;
  /** Values of the Dockerfile's `ARG` lines. */
  readonly args?: Readonly<Record<string, string>>;
}

export interface BuiltImage {
  /** `cogni-sandbox/<name>:<hash>`; exists in the engine that was asked, in no registry. */
  readonly reference: string;
  /** `sha256:…`, the engine's own id for it: another build of the same recipe has another. */
  readonly id: string;
  /** Hash of everything that it was made from; also its label {@link recipeLabel}, in every registry. */
  readonly recipe: string;
}

/**
 * The image of a recipe in this engine, built when it is not there. A changed recipe is another image; the old one
 * stays until it is pruned (`docker image prune --all --filter label=dev.cogni.image`).
 */
export async function ensureImage(
  docker: Docker,
  recipe: ImageRecipe,
  progress: Progress,
): Promise<BuiltImage> {
  const hash = recipeHash(recipe);
  const reference = `cogni-sandbox/${recipe.name}:${hash}`;
  const there = await tryImageId(docker, reference);
  if (there !== undefined) return { reference, id: there, recipe: hash };
  return progress.step(
    `pack image ${recipe.name}`,
    async () => {
      await build(docker, recipe, reference, hash);
      return { reference, id: await imageId(docker, reference), recipe: hash };
    },
    { why: 'images are built on this machine and kept in its Docker engine' },
  );
}

/** Twelve hex digits of everything that decides the image. */
export function recipeHash(recipe: ImageRecipe): string {
  const hash = createHash('sha256');
  const { name, dockerfile, inputs = {}, args = {} } = recipe;
  hash.update(JSON.stringify([name, dockerfile, Object.entries(inputs).sort(), Object.entries(args).sort()]));
  for (const path of contextFiles(recipe)) {
    hash.update(`\0${path}\0`);
    hash.update(readFileSync(join(recipe.folder, path)));
  }
  return hash.digest('hex').slice(0, 12);
}

/** The engine's id of an image, or undefined when it has none of that name. */
async function tryImageId(docker: Docker, reference: string): Promise<string | undefined> {
  const ids = await docker.docker(['image', 'ls', '--quiet', '--no-trunc', reference]);
  return ids.trim().split('\n')[0] || undefined;
}

/** The engine's id of an image that was just built. */
export async function imageId(docker: Docker, reference: string): Promise<string> {
  const id = await tryImageId(docker, reference);
  if (id !== undefined) return id;
  throw new Failure({
    what: `docker build ended well, yet the engine has no image ${reference}`,
    next: `see ${dockerFor(docker)} image ls; another program may have pruned it. Run this again`,
  });
}

/** Paths below the recipe's folder, sorted: the order must not depend on the file system. */
function contextFiles({ folder, leaveOut = [] }: ImageRecipe): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => !leaveOut.some((out) => path === out || path.startsWith(`${out}/`)))
    .sort();
}

async function build(docker: Docker, recipe: ImageRecipe, reference: string, hash: string): Promise<void> {
  // In the cache's own file system, where large files are linked instead of copied.
  mkdirSync(cacheRoot(), { recursive: true });
  const context = mkdtempSync(join(cacheRoot(), 'context-'));
  try {
    for (const path of contextFiles(recipe)) copyInto(join(recipe.folder, path), join(context, path));
    for (const [path, source] of Object.entries(recipe.inputs ?? {})) linkInto(source, join(context, path));
    await docker.docker(
      [
        'build',
        '--network=none',
        `--tag=${reference}`,
        `--label=${imageLabel}=${recipe.name}`,
        `--label=${recipeLabel}=${hash}`,
        ...Object.entries(recipe.args ?? {}).map(([name, value]) => `--build-arg=${name}=${value}`),
        `--file=${join(context, recipe.dockerfile ?? 'Dockerfile')}`,
        context,
      ],
      // Without attestations an image is one manifest, whichever builder made it.
      { deadline: buildDeadline, env: { BUILDX_NO_DEFAULT_ATTESTATIONS: '1' } },
    );
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

function copyInto(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(source, target);
}

function linkInto(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target);
  }
}
