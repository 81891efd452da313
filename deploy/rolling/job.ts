import type { Step } from '../step';
import type { RemoteCommand } from '../transport';
import { jobCompose, jobContainer, quick } from './commands';

/**
 * A one-shot job; what an earlier deploy left of it has ended by now (`waitForJobs`), and is cleared away.
 *
 * @param limit milliseconds
 * @param options of `docker compose run`
 */
export function runJob(
  files: 'current' | 'next',
  service: string,
  limit: number,
  ...options: string[]
): Pick<Step, 'actions' | 'cleanUp' | 'spends'> {
  const container = jobContainer(service);
  const clear: RemoteCommand = { argv: ['docker', 'rm', '--force', container], deadline: quick };
  return {
    actions: [
      { do: 'run', command: clear },
      {
        do: 'run',
        command: {
          argv: jobCompose(
            files,
            'run',
            '--rm',
            '--no-deps',
            '--no-TTY',
            '--pull=never',
            `--name=${container}`,
            ...options,
            service,
          ),
          deadline: limit,
        },
      },
    ],
    cleanUp: [clear],
    spends: 'migration',
  };
}
