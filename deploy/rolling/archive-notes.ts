import type { DeployRequest } from './request';

/** Said at every deploy, since it is forgotten otherwise until it is too late: nothing of the environment is backed up. */
export const archiveNotes = ({
  environment,
  runtime,
}: Pick<DeployRequest, 'environment' | 'runtime'>): readonly string[] =>
  runtime.archive === undefined
    ? [
        `${environment} has no archive: what its database holds is lost with its host (stacks/environments.ts, archive; docs/backup.md)`,
      ]
    : [];
