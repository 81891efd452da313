import { join } from 'node:path';
import type { RunnerBuild } from '../deploy/runner-release/plan';
import { releaseRunner, type ReleaseAdapters } from '../deploy/runner-release/release';
import { systemClock } from '../foundation/clock';
import { ExitCode, Failure } from '../foundation/failure';
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

/**
 * What a release is made of: the runner of this checkout, on the images of Node.js that the lock pins.
 *
 * @param given tag of the release. @default the one of today
 * @throws Failure for a tag that does not say what is in it, or when an image of Node.js has no digest yet
 */
export function runnerBuild(given: string | undefined, images = committedImageLock()): RunnerBuild {
  const today = systemClock.now();
  const tag = given ?? runnerTagOf(today);
  const faults = runnerTagFaults(tag, today);
  if (faults.length > 0) {
    throw new Failure({
      what: `${tag} is no tag for the runner of this checkout`,
      faults,
      next: `./cogni sourcecred release ${runnerTagOf(today)}`,
      exitCode: ExitCode.usage,
    });
  }
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
 * @throws Failure as {@link releaseRunner} does
 */
export async function recordedRelease(
  build: RunnerBuild,
  adapters: ReleaseAdapters,
  write: (text: string) => unknown = (text) => writeAtomically(join(checkout, runnerLockFile), text),
): Promise<{ readonly lock: RunnerLock; readonly file: string }> {
  const digest = await releaseRunner(build, adapters);
  const { tag, base, buildBase } = build;
  const releasedAt = systemClock.now().toISOString();
  const lock = { ...committedRunnerLock(), release: { tag, digest, releasedAt, base, buildBase } };
  write(renderRunnerLock(lock));
  return { lock, file: runnerLockFile };
}
