import type { ReleaseImages } from '../registry';
import type { ReleaseRecord } from './record';

/** A tag that means another image now than when a release from it was last recorded on this host. */
export interface MovedTag {
  readonly tag: string;
  /** What was recorded, by digest. */
  readonly from: string;
  /** What the registry says now, by digest. */
  readonly to: string;
  /** Id of the release that recorded it. */
  readonly recordedBy: string;
}

/**
 * The tags of a release that moved since this host last recorded them. What was accepted by a word then is what is
 * compared with now.
 *
 * @param recorded the newest first
 */
export function movedTags(recorded: readonly ReleaseRecord[], images: ReleaseImages): readonly MovedTag[] {
  const last = recorded.find(({ tag }) => tag === images.app.tag);
  if (last === undefined) return [];
  return (['app', 'migrator'] as const).flatMap((image) => {
    const [from, { tag, reference }] = [last.images[image], images[image]];
    return from === reference ? [] : [{ tag, from, to: reference, recordedBy: last.id }];
  });
}

/** The last release of this very build that the host has recorded, both images alike: its migrations have run. */
export const recordedBefore = (
  recorded: readonly ReleaseRecord[],
  { app, migrator }: ReleaseImages,
): ReleaseRecord | undefined =>
  recorded.find(({ images }) => images.app === app.reference && images.migrator === migrator.reference);

/** Digests are given with or without `sha256:` and the repository before it. */
export const isAccepted = ({ to }: MovedTag, accepted: readonly string[]): boolean =>
  accepted.some((digest) => digestOf(to) === digestOf(digest));

/** A tag that moved, for a person. */
export const movedText = ({ tag, from, to, recordedBy }: MovedTag): string =>
  `the tag ${tag} moved: it is sha256:${digestOf(to)} now, and was sha256:${digestOf(from)} when ${recordedBy} was recorded`;

const digestOf = (image: string): string => /[0-9a-f]{64}$/.exec(image)?.[0] ?? image;
