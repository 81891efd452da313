import { imageLockChanges, renderImageLock, type ImageLock } from '../services';

export interface LockImagesProps {
  readonly before: ImageLock;
  /** What the registries say today. */
  readonly after: ImageLock;
  /** Path of the lock in the checkout, for messages. */
  readonly file: string;
  /** Nothing is written. */
  readonly dryRun: boolean;
  readonly write: (text: string) => void;
}

/** Brings the lock of images up to what was found, or only says what that would change. @returns the lock, and a text for people */
export function lockImages({ before, after, file, dryRun, write }: LockImagesProps): {
  readonly document: ImageLock;
  readonly text: string;
} {
  const changes = imageLockChanges(before, after);
  if (!dryRun) write(renderImageLock(after));
  const last = dryRun
    ? `nothing was written; ./cogni images lock writes it to ${file}`
    : `wrote ${file}: review and commit it`;
  return {
    document: after,
    text: [...(changes.length > 0 ? changes : ['every tag means the digest that the lock has']), last].join(
      '\n',
    ),
  };
}
