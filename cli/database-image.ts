import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseRelease, type DatabaseBuild } from '../deploy/image-release/database';
import { releaseImage, type ReleaseAdapters } from '../deploy/image-release/release';
import { systemClock, type Clock } from '../foundation/clock';
import { checkout } from '../infra/checkout';
import {
  databaseImage,
  databaseTagFaults,
  databaseTagOf,
  databaseVersions,
} from '../services/database/image-version';
import { committedImageLock, imageReference, parseImageLock } from '../services/images';
import type { EnvironmentRecord } from '../stacks/environment';
import { environments } from '../stacks/environments';
import { noCommit, repositoryAt, type Repository } from '../workflows';
import { requireTrueTag } from './release-tag';

/** Beside the application's images, so that whoever may push those may push it; beside those of what serves, where they differ. */
export function databaseRepository(records: readonly EnvironmentRecord[] = environments): string {
  const { imageRepository = '' } =
    records.find(({ delivery }) => delivery?.kind === 'serve') ?? records[0] ?? {};
  return imageRepository.replace(/[^/]*$/, databaseImage.name);
}

/**
 * What a release of the database's image is made of, as this checkout has it: its Dockerfile, on the official image that the lock pins.
 *
 * @param given tag of the release. @default the one of today
 * @throws Failure for a tag that does not say what is in it, or while the official image has no digest
 */
export function databaseBuild(
  given: string | undefined,
  images = committedImageLock(),
  clock: Pick<Clock, 'now'> = systemClock,
): DatabaseBuild {
  const today = clock.now();
  const dockerfile = readFileSync(join(checkout, databaseImage.dockerfile), 'utf8');
  const versions = databaseVersions(dockerfile, images[databaseImage.base].tag);
  const tag = given ?? databaseTagOf(versions, today);
  requireTrueTag({
    tag,
    faults: databaseTagFaults(tag, versions, today),
    subject: 'the image of the database',
    next: `./cogni images release --tag ${databaseTagOf(versions, today)}`,
  });
  return {
    ...versions,
    repository: databaseRepository(),
    tag,
    context: join(checkout, databaseImage.context),
    base: imageReference(images, databaseImage.base),
    again: `./cogni images release --tag ${tag}`,
  };
}

export interface ReleasedDatabase {
  readonly tag: string;
  /** By digest: `archive.image` of a record. */
  readonly image: string;
}

/**
 * Releases it. Nothing is written here: which environment runs it, its record says.
 *
 * @throws Failure as {@link releaseImage} does
 */
export async function releaseDatabaseImage(
  build: DatabaseBuild,
  adapters: ReleaseAdapters,
): Promise<{ readonly released: ReleasedDatabase; readonly text: string }> {
  const digest = await releaseImage(databaseRelease(build), adapters);
  const { repository, tag } = build;
  const image = `${repository}@${digest}`;
  return {
    released: { tag, image },
    text: [
      `released ${repository}:${tag}`,
      `hosts run it by its digest, once the record of an environment (stacks/environments.ts) has it as archive.image: '${image}'`,
      'then ./cogni deploy <env> --image-tag <tag>, which restarts the database once where the archive is new; where the database is',
      'archived already it goes on with the image that it runs from, until --restart-database brings this one',
    ].join('\n'),
  };
}

const lockFile = 'services/images.lock.json';

/**
 * Whether the commit that is checked out has something else than another one of what the image is made of. The lock has other images
 * as well, and dates.
 *
 * @throws Failure when this checkout has no such commit
 */
export async function databaseImageChanged(
  since: string,
  repository: Repository = repositoryAt(checkout),
): Promise<boolean> {
  if (noCommit.test(since)) return true;
  const [before, now] = [await repository.commitOf(since), await repository.commitOf('HEAD')];
  const { paths } = await repository.change(before, now);
  if (paths.some((path) => path.startsWith(`${databaseImage.context}/`))) return true;
  if (!paths.includes(lockFile)) return false;
  const [was, is] = [
    baseIn(await repository.fileOf(before, lockFile)),
    baseIn(await repository.fileOf(now, lockFile)),
  ];
  return was === undefined || was !== is;
}

/** The official image that a lock pins; undefined where it cannot be read, as one of other images. */
function baseIn(lock: string | undefined): string | undefined {
  try {
    const { image, tag, digest } = parseImageLock(lock ?? '', lockFile)[databaseImage.base];
    return `${image}:${tag}@${digest ?? ''}`;
  } catch {
    return undefined;
  }
}
