import { systemClock } from '../../foundation/clock';
import type { Https } from '../../foundation/https';
import { silent, type Progress } from '../../foundation/progress';
import { runtimeServices } from '../../services';
import type { Transport } from '../transport';
import { waitForCompose } from './change-services';
import type { DeployAdapters } from './deploy';
import { requireReady, type Preflight } from './readiness';
import { deployCommand, restartDatabaseWord, rollbackCommand, type DeployRequest } from './request';
import type { Room } from './room';
import { surveyHost, type HostFacts } from './survey';
import { weigh, type NeededImages } from './to-pull';

/** What a host is like, and what must be removed there before its images find room. */
export interface Surveyed {
  readonly facts: HostFacts;
  readonly room: Room | undefined;
}

/** Looks at the host once no Docker Compose is at work there, and refuses one that cannot take the release. */
export async function lookAtHost(
  transport: Transport,
  what: Omit<Preflight, 'facts' | 'where' | 'pulled'>,
  needed: NeededImages,
  adapters: Pick<DeployAdapters, 'progress' | 'clock' | 'signal'> & { readonly https: Https },
): Promise<Surveyed> {
  const { progress = silent, clock = systemClock, signal, https } = adapters;
  const look = async (): Promise<Surveyed & { readonly notes: readonly string[] }> => {
    const { request, backTo } = what;
    const again = backTo === undefined ? deployCommand(request) : rollbackCommand(request, backTo);
    await waitForCompose(transport, again, adapters);
    const facts = await surveyHost(transport, what.request.environment, signal, clock);
    const { pulled, notes } = await weigh(needed, facts, { https, clock, signal });
    const room = requireReady({ ...what, facts, pulled, where: transport.describe() });
    return { facts, room, notes };
  };
  const { facts, room, notes } = await progress.step('look at the host', look, {
    why: 'nothing is changed on one that cannot take the release',
    describe: ({ facts: seen }) => serving(seen),
  });
  for (const note of notes) progress.note(note);
  noteDatabaseImage(facts, what.request, progress);
  return { facts, room };
}

const serving = ({ release }: HostFacts): string =>
  release ? `serves ${release.tag} since ${release.at}` : 'serves nothing yet';

function noteDatabaseImage(
  facts: HostFacts,
  { runtime, restartDatabase }: DeployRequest,
  progress: Progress,
): void {
  const running = facts.containers.find(({ service }) => service === runtimeServices.postgres);
  if (running === undefined || restartDatabase || running.image === runtime.images.postgres) return;
  progress.note(
    `the database keeps running ${running.image}: ${runtime.images.postgres} is rendered, and only ${restartDatabaseWord} brings it`,
  );
}
