import { z } from 'zod';
import type { ImageDigest } from '../../compose';
import { ExitCode, Failure, messageOf } from '../../foundation/failure';
import committed from './runner.lock.json';

/**
 * Which build of the runner hosts run: the lock of the one image of ours that a deploy of the application does not
 * bring. `./cogni sourcecred release` writes it.
 */
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'is not "sha256:" and 64 hex digits');

const lockForm = z.strictObject({
  /** Registry and repository, without a tag. */
  image: z
    .string()
    .regex(
      /^[a-z0-9.-]+(?::\d{1,5})?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+$/,
      'is not a registry and a repository',
    ),
  /** What it is made from. */
  source: z.string().min(1),
  /** Null until there is one. */
  release: z
    .strictObject({
      /** `sc<version>-node<major>-<date>` */
      tag: z.string().min(1),
      digest,
      releasedAt: z.iso.datetime(),
      /** The images of Node.js that it was built on and in, by digest. */
      base: z.string(),
      buildBase: z.string(),
    })
    .nullable(),
});

export type RunnerLock = Readonly<z.infer<typeof lockForm>>;
export type RunnerRelease = Readonly<NonNullable<RunnerLock['release']>>;

/** Relative to the checkout. */
export const runnerLockFile = 'services/sourcecred/runner.lock.json';

/** @throws Failure with every fault */
export function parseRunnerLock(json: string, where: string): RunnerLock {
  let faults: readonly string[];
  try {
    const parsed = lockForm.safeParse(JSON.parse(json));
    if (parsed.success) return parsed.data;
    faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`);
  } catch (cause) {
    faults = [messageOf(cause)];
  }
  throw new Failure({
    what: `the lock of the runner, ${where}, cannot be used`,
    faults,
    next: `mend it (git diff -- ${where}), then run this again`,
  });
}

export const committedRunnerLock = (): RunnerLock =>
  parseRunnerLock(JSON.stringify(committed), runnerLockFile);

/** The lock as the text of its file. */
export const renderRunnerLock = (lock: RunnerLock): string => `${JSON.stringify(lock, null, 2)}\n`;

/** The runner to run. @throws Failure (exit code 3) when none was released: nothing runs by a tag */
export function requireRunner(lock: RunnerLock = committedRunnerLock()): ImageDigest {
  if (lock.release !== null) return `${lock.image}@${lock.release.digest}` as ImageDigest;
  throw new Failure({
    what: `no runner of SourceCred was released yet (${runnerLockFile} has none): nothing runs by a tag`,
    next: './cogni sourcecred release --help',
    exitCode: ExitCode.refused,
  });
}
