import { join } from 'node:path';
import type { RunnerBuild } from '../deploy/runner-release/plan';
import { releaseRunner, type ReleaseAdapters } from '../deploy/runner-release/release';
import { systemClock } from '../foundation/clock';
import { ExitCode, Failure } from '../foundation/failure';
import { writeAtomically } from '../foundation/files';
import { lookUpDigests } from '../services/registry';
import {
  committedRunnerLock,
  renderRunnerLock,
  runnerLockFile,
  type RunnerLock,
} from '../services/sourcecred/runner-lock';
import { runner, runnerTagFaults, runnerTagOf } from '../services/sourcecred/runner-version';
import { checkout } from './context';

/**
 * What a release is made of: the runner of this checkout, on the images that its tags of Node.js mean today.
 *
 * @throws Failure for a tag that does not say what is in it, or when Node.js's registry cannot be asked
 */
export async function runnerBuild(given: string | undefined): Promise<RunnerBuild> {
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
  const again = `./cogni sourcecred release ${tag}`;
  const { image, ...node } = runner.node;
  const digests = await lookUpDigests(
    { base: { image, tag: node.tag }, buildBase: { image, tag: node.buildTag } },
    fetch,
    { next: `see that its registry can be reached from here, then ${again}` },
  );
  return {
    repository: committedRunnerLock().image,
    tag,
    context: join(checkout, runner.context),
    base: `${image}@${digests.base}`,
    buildBase: `${image}@${digests.buildBase}`,
    sourcecred: runner.sourcecred,
    again,
  };
}

/** Releases it, and writes the lock. @throws Failure as {@link releaseRunner} does */
export async function recordedRelease(
  build: RunnerBuild,
  adapters: ReleaseAdapters,
): Promise<{ readonly lock: RunnerLock; readonly file: string }> {
  const digest = await releaseRunner(build, adapters);
  const { tag, base, buildBase } = build;
  const releasedAt = systemClock.now().toISOString();
  const lock = { ...committedRunnerLock(), release: { tag, digest, releasedAt, base, buildBase } };
  writeAtomically(join(checkout, runnerLockFile), renderRunnerLock(lock));
  return { lock, file: runnerLockFile };
}
