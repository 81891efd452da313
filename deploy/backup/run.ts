import { ExitCode, Failure } from '../../foundation/failure';
import { silent } from '../../foundation/progress';
import type { Archive } from '../../services';
import { runId } from '../journal/event';
import { defaultHttps, suffixOf, watchedAdapters, withHost, type DeployAdapters } from '../rolling/deploy';
import { journalled } from '../rolling/journalled';
import { runPlan } from '../run-plan';
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
 * @throws Failure when nothing makes backups on the host, when another backup is under way (exit code 4), and when it
 *   failed
 */
export async function runBackups(
  request: BackupRequest,
  plan: Plan,
  adapters: DeployAdapters = {},
): Promise<BackupReport> {
  const watched = watchedAdapters(adapters);
  const { clock, watch, signal, progress = silent } = watched;
  const { environment, archive, by } = request;
  const redact = (text: string): string => text;
  return withHost(request.host, watched, async (transport) => {
    const { info } = await lookAtBackups(transport, environment, archive, clock);
    if (info.underWay) throw underWay(environment);
    await journalled(
      {
        run: runId(clock.now(), suffixOf(adapters)),
        begun: { kind: 'run-begun', command: 'backup', environment, title: plan.title, by },
        plan,
        work: (observe) =>
          runPlan(plan, {
            ...{ transport, clock, progress, redact, signal, observe },
            https: adapters.https ?? defaultHttps({}, adapters),
          }),
        result: 'backed up',
      },
      { transport, clock, progress, redact, watch, signal },
    );
    return (await lookAtBackups(transport, environment, archive, clock)).report;
  });
}

const underWay = (environment: string): Failure =>
  new Failure({
    what: `another backup of ${environment} is under way`,
    next: `wait until it has ended, then ./cogni backup list ${environment}`,
    exitCode: ExitCode.locked,
  });
