import type { RecordedRelease } from '../../deploy';
import type { RestoreOrder } from '../restore/volume';
import { doneIn, type RebuildStory } from './journal';

/** What serves on the new host, against what a rebuild is to deploy. */
type ServedSince =
  /** Nothing serves, or the very build that is to be deployed. */
  | { readonly is: 'nothing else' }
  /** The rebuild had deployed its release, and another one serves since. */
  | { readonly is: 'later'; readonly says: string }
  /** Another one serves, and the rebuild has deployed none. */
  | { readonly is: 'stranger'; readonly fault: string };

/**
 * What serves where a rebuild is gone on with. Whoever has deployed since its release served has moved data and release on: neither is
 * brought back to the day of the disaster. Pure.
 *
 * @param releases those that the host has recorded
 */
export function servedSince(
  story: RebuildStory,
  releases: readonly Pick<RecordedRelease, 'record' | 'serving'>[],
): ServedSince {
  const { release } = story.begun;
  const serving = releases.find((each) => each.serving)?.record;
  const isSame =
    serving?.images.app === release.images.app && serving.images.migrator === release.images.migrator;
  if (serving === undefined || isSame) return { is: 'nothing else' };
  const other = `${serving.id} serves`;
  return doneIn(story, 'deploy')
    ? { is: 'later', says: `${other} since` }
    : {
        is: 'stranger',
        fault: `${other}, deployed by ${serving.by.who} on ${serving.by.from} at ${serving.at}, and this rebuild has deployed nothing yet: it would go back to ${release.tag}`,
      };
}

/**
 * Whether the data of the new host are those that a restore has put there since the rebuild was begun: the rebuild's own, or a person's. That one of its runs
 * has begun to restore says nothing of data that lie there now: where that failed, a deploy by hand begins with an empty database. Pure.
 *
 * @param brought what the restore that has put them there was begun for; it may have gone on with a copy of a rebuild before, which then has its id
 */
export const isBroughtSince = (story: RebuildStory, brought: Pick<RestoreOrder, 'id'> | undefined): boolean =>
  brought !== undefined && (brought.id >= story.begun.id || doneIn(story, 'restore'));
