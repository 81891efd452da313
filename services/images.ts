import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { ImageDigest } from '../compose';
import { ExitCode, Failure, messageOf } from '../foundation/failure';
import committed from './images.lock.json';

/**
 * The images of others that hosts run, and that images of ours are made from, each by the digest that its tag meant when
 * it was looked up. None of them needs a login. A digest comes from its registry ({@link resolveImages}) or is null: none
 * is ever made up (invariant 3).
 */

/** Those that hosts run: an environment is refused while one of them has no digest. */
export const hostImageNames = ['alloy', 'caddy', 'litellm', 'postgres'] as const;
/** Those that SourceCred's runner is made from (`services/sourcecred/runner-version.ts`): hosts never see them. */
const baseImageNames = ['node', 'node-build'] as const;
/** Name in the lock: what is asked for. */
export const imageNames = [...hostImageNames, ...baseImageNames] as const;
export type ImageName = (typeof imageNames)[number];

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'is not "sha256:" and 64 hex digits');

const lockedImage = z
  .strictObject({
    /** Registry and repository, without a tag: `docker.io/library/caddy`. */
    image: z
      .string()
      .regex(
        /^[a-z0-9.-]+(?::\d{1,5})?(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)+$/,
        'is not a registry and a repository',
      ),
    tag: z.string().regex(/^\w[\w.-]{0,127}$/, 'is not a tag'),
    /** Of the multi-platform index where there is one. Null until it was looked up. */
    digest: digest.nullable(),
    /** When the tag meant this digest. */
    resolvedAt: z.iso.datetime().nullable(),
    /** Where to read about it. */
    source: z.string().min(1),
  })
  .refine((image) => (image.digest === null) === (image.resolvedAt === null), {
    error: 'has a digest without a date, or a date without a digest',
  });

const lockFile = z.strictObject(
  Object.fromEntries(imageNames.map((name) => [name, lockedImage])) as Record<ImageName, typeof lockedImage>,
);

export type LockedImage = Readonly<z.infer<typeof lockedImage>>;
export type ImageLock = Readonly<Record<ImageName, LockedImage>>;

/**
 * A lock from its JSON text.
 *
 * @param where the file it came from, for the message
 * @throws Failure with every fault
 */
export function parseImageLock(json: string, where: string): ImageLock {
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch (cause) {
    throw unusable(where, [messageOf(cause)]);
  }
  const parsed = lockFile.safeParse(data);
  if (parsed.success) return parsed.data;
  throw unusable(
    where,
    parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`),
  );
}

/** The committed lock, for real environments. */
export const committedImageLock = (): ImageLock =>
  parseImageLock(JSON.stringify(committed), 'services/images.lock.json');

/** Another lock, such as a sandbox's own. @throws Failure when it cannot be read or holds faults */
export function loadImageLock(path: string): ImageLock {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw unusable(path, [messageOf(cause)]);
  }
  return parseImageLock(text, path);
}

/** The lock as the text of its file. */
export const renderImageLock = (lock: ImageLock): string => `${JSON.stringify(lock, null, 2)}\n`;

/** What another lock has otherwise, a line an image: its digest before, and after. None where they are the same. */
export const imageLockChanges = (before: ImageLock, after: ImageLock): readonly string[] =>
  imageNames
    .filter((name) => before[name].digest !== after[name].digest)
    .map((name) => {
      const { image, tag, digest: found } = after[name];
      return `${name} (${image}:${tag}): ${before[name].digest ?? 'no digest'} -> ${found ?? 'no digest'}`;
    });

/**
 * The image to run.
 *
 * @throws Failure when its digest was never looked up: a real environment is refused rather than run by a tag.
 */
export function imageReference(lock: ImageLock, name: ImageName): ImageDigest {
  const { image, tag, digest: resolved } = lock[name];
  if (resolved === null) {
    throw new Failure({
      what: `the image ${name} (${image}:${tag}) has no digest yet: nothing runs by a tag`,
      next: './cogni images lock    (asks the registries, and needs no login)',
      exitCode: ExitCode.refused,
    });
  }
  return `${image}@${resolved}` as ImageDigest;
}

const unusable = (where: string, faults: readonly string[]): Failure =>
  new Failure({
    what: `the image lock ${where} cannot be used`,
    faults,
    next: `mend it (git diff -- ${where}), then ./cogni images lock`,
  });
