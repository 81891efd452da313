import type { RunAction } from '../step';
import type { PlanContext } from './plan';
import type { ReleaseRecord } from './record';
import type { RollingStep } from './step-names';

/** So many releases, the newest and the one that serves among them, can be gone back to without a registry. */
export const keptReleases = 5;

/** Milliseconds for removing a few images. */
const limit = 120_000;

type Asked = Pick<PlanContext, 'request' | 'facts'>;

/**
 * Images that no release needs which can be gone back to once this one is recorded: of older releases, and of deploys that
 * did not succeed. Pure.
 */
export const prunable = ({
  request,
  facts,
  release,
}: Pick<PlanContext, 'request' | 'release' | 'facts'>): readonly string[] =>
  unneeded({ request, facts }, [release, ...facts.recorded], imagesOf(release));

/**
 * The same before it is: whatever can be gone back to now stays, since the release may fail. Pure.
 *
 * @param wanted images of the release that is to be
 */
export const prunableBefore = (asked: Asked, wanted: readonly string[]): readonly string[] =>
  unneeded(asked, asked.facts.recorded, wanted);

/**
 * Those of our repository, and of others' those alone that a release has brought here: whatever else is on the host is not ours
 * to remove.
 */
function unneeded(
  { request, facts }: Asked,
  releases: readonly ReleaseRecord[],
  wanted: readonly string[],
): readonly string[] {
  const newest = [...releases]
    .sort((a, b) => (a.id < b.id ? 1 : -1))
    // The same build once more (`--anew`, a rollback) is nothing else to go back to, and takes no other's place.
    .filter(({ images: { app } }, index, all) => all.findIndex(({ images }) => images.app === app) === index)
    .slice(0, keptReleases);
  const kept = new Set([
    ...wanted,
    ...[...newest, ...(facts.release ? [facts.release] : [])].flatMap(imagesOf),
    ...facts.containers.map(({ image }) => image),
  ]);
  const brought = new Set(facts.recorded.flatMap(imagesOf));
  return facts.images
    .filter((image) => image.startsWith(`${request.repository}@`) || brought.has(image))
    .filter((image) => !kept.has(image))
    .sort();
}

const imagesOf = ({ images }: Pick<ReleaseRecord, 'images'>): string[] =>
  Object.values(images).filter((image) => image !== undefined);

/** Docker keeps an image that a container still has, and says so. */
export const removeImages = (images: readonly string[]): RunAction => ({
  do: 'run',
  command: { argv: ['docker', 'image', 'rm', ...images], deadline: limit },
});

/** After all else: what cannot be removed is only said. */
export function pruneSteps(context: PlanContext): readonly RollingStep[] {
  const gone = context.room?.images ?? [];
  const images = prunable(context).filter((image) => !gone.includes(image));
  if (images.length === 0) return [];
  return [
    {
      id: 'prune',
      name: 'remove images that nobody goes back to',
      why: `those of the newest ${keptReleases} builds stay, and whatever is neither of ${context.request.repository} nor was brought by a release`,
      actions: [removeImages(images)],
      leaves: `${context.release.tag} serves; images that nobody needs may still take space`,
      next: context.again,
    },
  ];
}
