import { ExitCode, Failure } from '../foundation/failure';

export interface ReleaseTag {
  readonly tag: string;
  /** What it says of the image that is not true, each as a sentence. */
  readonly faults: readonly string[];
  /** `the runner` */
  readonly subject: string;
  /** The command, with a tag that would do. */
  readonly next: string;
}

/** A tag says what is in an image. @throws Failure for one that does not */
export function requireTrueTag({ tag, faults, subject, next }: ReleaseTag): void {
  if (faults.length === 0) return;
  throw new Failure({
    what: `${tag} is no tag for ${subject} of this checkout`,
    faults,
    next,
    exitCode: ExitCode.usage,
  });
}
