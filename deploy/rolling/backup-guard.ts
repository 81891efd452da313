import type { Clock } from '../../foundation/clock';
import { ExitCode, Failure } from '../../foundation/failure';
import { lookAtBackups } from '../backup/report';
import { standingOf } from '../backup/standing';
import type { Transport } from '../transport';
import { deployCommand, type DeployRequest } from './request';

/**
 * What is to be said of backups before a migration runs that a person let pass although the version that serves may break:
 * a way back leads through one alone. Where the environment has no archive that was said already; where nothing serves yet
 * there is nothing to lose.
 *
 * @param serves whether a release serves now
 * @throws Failure (exit code 3) where there is no fresh verified backup, or nobody can say whether there is, and no word lets that pass
 */
export async function backupBeforeMigration(
  request: DeployRequest,
  serves: boolean,
  transport: Pick<Transport, 'run'>,
  clock: Pick<Clock, 'now'>,
): Promise<readonly string[]> {
  const { environment, accept = {}, runtime } = request;
  const { archive } = runtime;
  if (!accept.breakingMigration || archive === undefined || !serves) return [];
  if (accept.withoutBackup) return ['a breaking migration is let pass without asking for a backup'];
  const why = await lookAtBackups(transport, environment, archive, clock).then(
    ({ report }) => {
      const standing = standingOf(report, archive, clock.now());
      return standing.kind === 'verified' ? { verified: standing.description } : standing.why;
    },
    (thrown: unknown) => {
      if (thrown instanceof Failure) return thrown.what;
      throw thrown;
    },
  );
  if (typeof why !== 'string') return [`newest verified backup: ${why.verified}`];
  const anyway = deployCommand({ ...request, accept: { ...accept, withoutBackup: true } });
  throw new Failure({
    what: `a breaking migration of ${environment} was let pass, and there is no fresh verified backup: ${why}`,
    next: `./cogni backup ${environment}, then this again; or without one: ${anyway}`,
    exitCode: ExitCode.refused,
  });
}
