import { busy, oneAtATime, waitUntilFree } from '../lock/one-at-a-time';
import type { RunAction } from '../step';
import type { RemoteCommand, Transport } from '../transport';
import { quick, runtimeCompose } from './commands';
import type { DeployAdapters } from './deploy';
import { layout } from './layout';
import { defaultLimits } from './request';

/**
 * One at a time: that of a run that was killed goes on, and makes or removes the container of another run under its hands. What only
 * looks is not in its way, and one-shot jobs are waited for by the names of their containers (`waitForJobs`).
 */
const alone = (argv: RemoteCommand['argv'], deadline: number): RemoteCommand =>
  oneAtATime({ argv, deadline }, layout.runtime.atWork);

const { database, litellm, alloy, backup, copies, ready } = defaultLimits;

/** Milliseconds that Docker Compose may be at work at it. */
export const atWorkAtMost = Math.max(database, litellm, alloy, backup, copies, ready) + quick;

const whoIsAtWork = busy('Docker Compose', 'the runtime');

/** One of the commands below, in a step. */
export const change = (command: RemoteCommand): RunAction => ({ do: 'run', command, ...whoIsAtWork });

/** Waits until what a run that was killed has left at work has ended. */
export const composeHasEnded: RunAction = change(alone(['true'], atWorkAtMost));

/**
 * The same for who is about to look at the host, and says so where it has to wait: containers are not what they will be.
 *
 * @param next the command that was to look
 * @throws Failure with exit code 4 where it is still at work by then
 */
export const waitForCompose = (
  transport: Transport,
  next: string,
  adapters: Pick<DeployAdapters, 'progress' | 'signal'>,
): Promise<void> => {
  const atWork = { program: 'Docker Compose', deadline: atWorkAtMost, next };
  return waitUntilFree(transport, layout.runtime.atWork, atWork, adapters);
};

/** Starts one service, and waits `wait` milliseconds until it is healthy. Whatever it depends on is left as it is. */
export const startService = (
  files: 'current' | 'next',
  service: string,
  wait: number,
  ...more: string[]
): RemoteCommand =>
  alone(
    runtimeCompose(
      files,
      'up',
      '--detach',
      '--no-deps',
      '--pull=never',
      '--wait',
      `--wait-timeout=${Math.ceil(wait / 1000)}`,
      ...more,
      service,
    ),
    // So that Compose can say itself what took too long.
    wait + quick,
  );

/** The same without waiting: how it goes on is seen to later, or is no matter of who starts it. */
export const beginService = (files: 'current' | 'next', service: string): RemoteCommand =>
  alone(runtimeCompose(files, 'up', '--detach', '--no-deps', '--pull=never', service), 2 * quick);

/** Tells a service to stop, and waits for its grace; its container stays. By the project's name, as {@link end}. */
export const stop = (service: string, deadline = 2 * quick): RemoteCommand =>
  alone(['docker', 'compose', `--project-name=${layout.runtime.project}`, 'stop', service], deadline);

/**
 * Tells a service to stop, waits for its grace, and removes its container. By the project's name, whatever files there
 * are: those of the release may have been moved, or be another's.
 */
export const end = (service: string): RemoteCommand =>
  alone(
    ['docker', 'compose', `--project-name=${layout.runtime.project}`, 'rm', '--stop', '--force', service],
    2 * quick,
  );
