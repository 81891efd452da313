import { join } from 'node:path';
import { releaseImage, type ReleaseAdapters } from '../deploy/image-release/release';
import { runnerRelease, type RunnerBuild } from '../deploy/image-release/runner';
import { systemClock } from '../foundation/clock';
import { writeAtomically } from '../foundation/files';
import { committedImageLock, imageReference } from '../services/images';
import {
  committedRunnerLock,
  renderRunnerLock,
  runnerLockFile,
  type RunnerLock,
} from '../services/sourcecred/runner-lock';
import { runner, runnerImages, runnerTagFaults, runnerTagOf } from '../services/sourcecred/runner-version';
import { checkout } from './context';
import { requireTrueTag } from './release-tag';

/**
 * What a release is made of: the runner of this checkout, on the images of Node.js that the lock pins.
 *
 * @param given tag of the release. @default the one of today
 * @throws Failure for a tag that does not say what is in it, or when an image of Node.js has no digest yet
 */
export function runnerBuild(given: string | undefined, images = committedImageLock()): RunnerBuild {
  const today = systemClock.now();
  const tag = given ?? runnerTagOf(today);
  requireTrueTag({
    tag,
    faults: runnerTagFaults(tag, today),
    subject: 'the runner',
    next: `./cogni sourcecred release ${runnerTagOf(today)}`,
  });
  return {
    repository: committedRunnerLock().image,
    tag,
    context: join(checkout, runner.context),
    base: imageReference(images, runnerImages.base),
    buildBase: imageReference(images, runnerImages.buildBase),
    sourcecred: runner.sourcecred,
    again: `./cogni sourcecred release ${tag}`,
  };
}

/**
 * Releases it, and writes the lock.
 *
 * @param write the text of the lock into its file. @default that of this checkout
 * @throws Failure as {@link releaseImage} does
 */
export async function recordedRelease(
  build: RunnerBuild,
  adapters: ReleaseAdapters,
  write: (text: string) => unknown = (text) => writeAtomically(join(checkout, runnerLockFile), text),
): Promise<{ readonly lock: RunnerLock; readonly file: string }> {
  const digest = await releaseImage(runnerRelease(build), adapters);
  const { tag, base, buildBase } = build;
  const releasedAt = systemClock.now().toISOString();
  const lock = { ...committedRunnerLock(), release: { tag, digest, releasedAt, base, buildBase } };
  write(renderRunnerLock(lock));
  return { lock, file: runnerLockFile };
}
