import { systemClock, type Clock } from '../../foundation/clock';
import { Failure } from '../../foundation/failure';
import { NoAnswer } from '../../foundation/https';
import { commandFailure } from '../../foundation/process';
import { silent, type Progress } from '../../foundation/progress';
import { localTransport } from '../local';
import { runPlan } from '../run-plan';
import type { RemoteCommand, Transport } from '../transport';
import { imageOf, planImageRelease, type ImageRelease } from './plan';

export interface ReleaseAdapters {
  readonly progress?: Progress;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  /** The machine that builds. @default this one */
  readonly transport?: Transport;
}

/**
 * Builds an image of ours, tries it and pushes it ({@link planImageRelease}).
 *
 * @returns the digest that the registry knows it by
 * @throws Failure when docker is not logged in or the tag is there already (exit code 3); when a step failed (1)
 */
export async function releaseImage(release: ImageRelease, adapters: ReleaseAdapters = {}): Promise<string> {
  const { progress = silent, clock = systemClock, signal } = adapters;
  const transport = adapters.transport ?? localTransport();
  await runPlan(planImageRelease(release), {
    transport,
    // No step asks a site.
    https: ({ url }) => Promise.reject(new NoAnswer(`${url} is not asked in a release`)),
    clock,
    progress,
    redact: (text) => text,
    signal,
  });
  return pushedDigest(release, transport);
}

/** The engine notes the digest that the registry answered the push with. */
async function pushedDigest(release: ImageRelease, transport: Transport): Promise<string> {
  const { repository, record, again } = release;
  const image = imageOf(release);
  const command: RemoteCommand = {
    argv: ['docker', 'image', 'inspect', '--format={{range .RepoDigests}}{{println .}}{{end}}', image],
    deadline: 30_000,
  };
  const state = `${image} was pushed; ${record.missing}`;
  const next = `docker image inspect ${image}; ${record.byHand}, or ${again} under another tag`;
  const output = await transport.run(command);
  if (output.code !== 0) throw commandFailure(command, output, { state, next });
  const digest = output.stdout
    .split('\n')
    .map((line) => line.trim().replace(/^docker\.io\//, ''))
    .find((line) => line.startsWith(`${repository.replace(/^docker\.io\//, '')}@sha256:`))
    ?.split('@')[1];
  if (digest !== undefined) return digest;
  throw new Failure({
    what: `docker knows no digest of ${image} after its push`,
    state,
    next,
    output: output.stdout,
  });
}
