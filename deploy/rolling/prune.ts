import type { Step } from '../step';
import type { PlanContext } from './plan';

/** So many releases, the newest and the one that serves among them, can be gone back to without a registry. */
export const keptReleases = 5;

/** Milliseconds for removing a few images. */
const limit = 120_000;

/**
 * Images of our repository that no release needs which can be gone back to: of older releases, and of deploys that did
 * not succeed. Pure.
 */
export function prunable({
  request,
  release,
  facts,
}: Pick<PlanContext, 'request' | 'release' | 'facts'>): readonly string[] {
  const releases = [release, ...facts.recorded]
    .sort((a, b) => (a.id < b.id ? 1 : -1))
    .filter(({ id }, index, all) => all.findIndex((other) => other.id === id) === index)
    .slice(0, keptReleases);
  const kept = new Set(
    [release, ...(facts.release ? [facts.release] : []), ...releases].flatMap(({ images }) => [
      images.app,
      images.migrator,
    ]),
  );
  return facts.images
    .filter((image) => image.startsWith(`${request.repository}@`) && !kept.has(image))
    .sort();
}

/** After all else: what cannot be removed is only said. Docker keeps an image that a container still has. */
export function pruneSteps(context: PlanContext): readonly Step[] {
  const images = prunable(context);
  if (images.length === 0) return [];
  return [
    {
      id: 'prune',
      name: 'remove images that nobody goes back to',
      why: `those of the newest ${keptReleases} releases stay, and whatever is not of ${context.request.repository}`,
      actions: [{ do: 'run', command: { argv: ['docker', 'image', 'rm', ...images], deadline: limit } }],
      leaves: `${context.release.tag} serves; images that nobody needs may still take space`,
      next: context.again,
    },
  ];
}
