import { ExitCode, Failure } from '../../foundation/failure';
import type { ReleaseImages } from '../registry';
import type { DeployRequest } from './request';

/** @throws Failure (exit code 3) where tag or record name another image than the one that was to be deployed */
export function refuseOthers(
  { environment, pinned }: Pick<DeployRequest, 'environment' | 'pinned'>,
  { app, migrator }: ReleaseImages,
): void {
  if (pinned === undefined) return;
  const found = { application: [pinned.app, app], migrator: [pinned.migrator, migrator] } as const;
  const faults = Object.entries(found).flatMap(([what, [wanted, { tag, reference }]]) =>
    wanted === reference ? [] : [`the ${what} ${tag} is ${reference} by now, and was ${wanted}`],
  );
  if (faults.length === 0) return;
  throw new Failure({
    what: `the release that was to be deployed to ${environment} is another one by now`,
    faults,
    state: 'nothing was changed',
    next: 'see who moved the tag, or wrote the record; a build under a tag of its own is deployed by that',
    exitCode: ExitCode.refused,
  });
}
