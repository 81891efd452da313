import { ExitCode, Failure } from '../../foundation/failure';
import type { Archive } from '../../services';
import { carryOutPlan } from '../carry-out';
import { watchedAdapters, withHost, type DeployAdapters } from '../rolling/deploy';
import type { SshHost } from '../ssh';
import type { Plan } from '../step';
import { lookAtBackups, type BackupReport } from './report';

export interface BackupRequest {
  readonly environment: string;
  readonly host: SshHost;
  readonly archive: Archive;
  readonly by: { readonly who: string; readonly from: string };
}

/**
 * Carries a plan of backups out, while the journal of the host tells of it, and looks at the archive afterwards.
 *
 * @throws Failure when nothing makes backups on the host, when another backup is under way or is being read back (exit code 4), also where that shows
 *   only once it was begun, and when it failed
 */
export async function runBackups(
  request: BackupRequest,
  plan: Plan,
  adapters: DeployAdapters = {},
): Promise<BackupReport> {
  const watched = watchedAdapters(adapters);
  const { clock } = watched;
  const { environment, archive } = request;
  return withHost(request.host, watched, async (transport) => {
    const { info } = await lookAtBackups(transport, environment, archive, clock);
    if (info.underWay) throw underWay(environment);
    const { by } = request;
    await carryOutPlan(plan, { command: 'backup', environment, by, result: 'backed up' }, transport, watched);
    return (await lookAtBackups(transport, environment, archive, clock)).report;
  });
}

const underWay = (environment: string): Failure =>
  new Failure({
    what: `another backup of ${environment} is under way`,
    next: `wait until it has ended, then ./cogni backup list ${environment}`,
    exitCode: ExitCode.locked,
  });
