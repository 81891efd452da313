import type { Step } from '../step';
import type { RemoteCommand } from '../transport';
import { jobCompose, jobContainer, quick } from './commands';

/**
 * A one-shot job; what an earlier deploy left of it has ended by now (`waitForJobs`), and is cleared away.
 *
 * @param limit milliseconds
 * @param options of `docker compose run`
 */
export const runJob = (
  files: 'current' | 'next',
  service: string,
  limit: number,
  ...options: string[]
): Pick<Step, 'actions' | 'cleanUp' | 'spends'> => ({
  actions: jobCommands(files, service, limit, ...options).map((command) => ({ do: 'run', command })),
  cleanUp: [clear(service)],
  spends: 'migration',
});

/** The same as commands, for what takes a step back. */
export const jobCommands = (
  files: 'current' | 'next',
  service: string,
  limit: number,
  ...options: string[]
): readonly RemoteCommand[] => [
  clear(service),
  {
    argv: jobCompose(
      files,
      'run',
      '--rm',
      '--no-deps',
      '--no-TTY',
      '--pull=never',
      `--name=${jobContainer(service)}`,
      ...options,
      service,
    ),
    deadline: limit,
  },
];

const clear = (service: string): RemoteCommand => ({
  argv: ['docker', 'rm', '--force', jobContainer(service)],
  deadline: quick,
});
