import { ExitCode, Failure, messageOf } from '../../foundation/failure';
import { migratorSuffix } from '../registry';
import type { FoundManifest, Registry } from '../registry-client';

/** Both images of a build, by what the registry has under their tags. */
export interface BothManifests {
  readonly app: FoundManifest;
  readonly migrator: FoundManifest;
}

/** Tag of the images that were built for, or promoted to, a commit: `prod-<sha>`. */
export const commitTag = (prefix: string, commit: string): string => `${prefix}-${commit}`;

/**
 * Tag of the images that were deployed and tested from a tree of files, whatever commit it stood in: a merge that changes
 * nothing has the same tree.
 */
export const testedTag = (tree: string): string => `tested-${tree}`;

/**
 * What a tag and its migrator's tag mean now, each by itself: one alone is what a run has left that was cut off.
 *
 * @throws Failure when the registry does not answer
 */
export async function anyUnder(registry: Registry, tag: string): Promise<Partial<BothManifests>> {
  const [app, migrator] = await Promise.all(
    [tag, `${tag}${migratorSuffix}`].map((name) => ask(registry, name)),
  );
  return { ...(app ? { app } : {}), ...(migrator ? { migrator } : {}) };
}

export const isPair = (found: Partial<BothManifests>): found is BothManifests =>
  found.app !== undefined && found.migrator !== undefined;

/** @throws Failure when {@link anyUnder} has found one image under a tag, and not the other */
export function refuseHalf(tag: string, found: Partial<BothManifests>): void {
  if (isPair(found) || (!found.app && !found.migrator)) return;
  throw new Failure({
    what: `of the two images of one build, the registry has only ${found.app ? tag : `${tag}${migratorSuffix}`}`,
    next: `run what pushed it once more: it completes the pair`,
  });
}

/**
 * What a tag and its migrator's tag mean now; undefined when neither is there.
 *
 * @throws Failure when only one of the two is there, or the registry does not answer
 */
export async function bothUnder(registry: Registry, tag: string): Promise<BothManifests | undefined> {
  const found = await anyUnder(registry, tag);
  refuseHalf(tag, found);
  return isPair(found) ? found : undefined;
}

/**
 * Gives both images a tag, the migrator first: where the application's is, the pair is whole. A tag that is there with the
 * same digest is left alone.
 *
 * @throws Failure (refused) when a tag means something else already; nothing was changed then
 */
export async function tagBoth(registry: Registry, tag: string, images: BothManifests): Promise<void> {
  const wanted = [
    [`${tag}${migratorSuffix}`, images.migrator],
    [tag, images.app],
  ] as const;
  const there = await Promise.all(wanted.map(([name]) => ask(registry, name)));
  const taken = wanted.flatMap(([name, image], index) => {
    const meant = there[index]?.digest;
    return meant === undefined || meant === image.digest
      ? []
      : [`${name} means ${meant}, and ${image.digest} was to have it`];
  });
  if (taken.length > 0) throw tagsAreTaken(taken);
  for (const [index, [name, image]] of wanted.entries()) {
    if (there[index] !== undefined) continue;
    try {
      await registry.putTag(name, image);
    } catch (cause) {
      throw new Failure({
        what: `${image.digest} could not be given the tag ${name}: ${messageOf(cause)}`,
        state: index === 0 ? 'nothing was changed' : `the migrator has its tag, the application has not`,
        next: 'run the same command again',
        cause,
      });
    }
    const now = (await ask(registry, name))?.digest;
    if (now !== image.digest) {
      throw new Failure({
        what: `${name} was given to ${image.digest}, and the registry says that it means ${now ?? 'nothing'}`,
        state: 'another run has given the same tag at the same time',
        next: 'see which of the two is meant, and take the tag away from the other in the registry',
      });
    }
  }
}

/** A tag names one build for ever. */
export const tagsAreTaken = (taken: readonly string[]): Failure =>
  new Failure({
    what: 'tags never move, and these are taken',
    faults: taken,
    next: 'build from a commit of its own, or deploy what the tag means',
    exitCode: ExitCode.refused,
  });

async function ask(registry: Registry, name: string): Promise<FoundManifest | undefined> {
  try {
    return await registry.manifestIfAny(name);
  } catch (cause) {
    throw new Failure({
      what: `the registry could not be asked for ${name}: ${messageOf(cause)}`,
      next: 'run the same command again when it answers',
      cause,
    });
  }
}
