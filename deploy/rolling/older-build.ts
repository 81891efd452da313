import { ExitCode, Failure } from '../../foundation/failure';
import type { Progress } from '../../foundation/progress';
import type { ReleaseImages } from '../registry';
import type { Transport } from '../transport';
import { knownRuns } from './journalled';
import { brokenSince, type BreakingWord } from './releases';
import { breakingWord, deployCommand, type DeployRequest } from './request';
import type { HostFacts } from './survey';

/** One who let a migration pass, for a person. */
export const brokenFault = ({ release, by, deployed }: BreakingWord): string =>
  `${release} was ${deployed ? 'deployed' : 'begun, and failed behind its migration,'} with ${breakingWord} by ${by.who} on ${by.from}`;

/**
 * A deploy of a build that the host has had before goes back as well as a rollback does, and the judge of migrations looks at new ones
 * alone. What a person's word let pass since needs one here too. Of what serves nothing is asked: it is there, whatever has become of the
 * database. The journal is read only where there is a release to go back over.
 *
 * @throws Failure with exit code 3 where such a migration has run since the build, or its tag, was last recorded
 */
export async function refuseOlderBuild(
  request: DeployRequest,
  images: ReleaseImages,
  { release: serving, recorded }: Pick<HostFacts, 'release' | 'recorded'>,
  transport: Transport,
  progress: Progress,
): Promise<void> {
  const last = recorded.find(
    (record) => record.images.app === images.app.reference || record.tag === images.app.tag,
  );
  if (last === undefined || serving === undefined || serving.images.app === images.app.reference) return;
  if (request.accept?.breakingMigration) return;
  const { environment, accept = {} } = request;
  const unknown = 'whether a deploy failed behind a breaking migration is not known';
  const runs = await knownRuns(transport, environment, progress, unknown);
  const broken = brokenSince(
    recorded.map((record) => ({ record })),
    runs,
    last,
  );
  if (broken.length === 0) return;
  throw new Failure({
    what: `${request.tag} may not be able to work with the database of ${environment}: since ${last.id} was recorded, a migration has run that the version before it could not survive`,
    faults: broken.map(brokenFault),
    state: 'nothing was changed',
    next: `deploy a version that works with the database as it is; where ${request.tag} does, ${deployCommand({ ...request, accept: { ...accept, breakingMigration: true } })}`,
    exitCode: ExitCode.refused,
  });
}
