import { copiedVolumes, hostLayout, runtimeServices } from '../../services';
import type { RemoteCommand } from '../transport';
import { change, end, startService } from './change-services';
import { healthOf, logsOf, quick, stateOf } from './commands';
import type { PlanContext } from './plan';
import { anewWhereSpoilt } from './spoilt';
import type { RollingStep } from './step-names';

/** One of the services that keep what is on the host elsewhere as well. */
interface Keeper {
  readonly id: 'backup' | 'copies';
  readonly names: 'backups' | 'portable copies';
  readonly wanted: boolean;
  /** Why it is started. */
  readonly why: string;
  /** Why it is ended. */
  readonly gone: string;
  /** What may be amiss when it does not start. */
  readonly amiss: string;
  /** What it needs on the host before it starts. */
  readonly before: readonly RemoteCommand[];
}

/**
 * What makes backups and copies comes after the record: a failed one must not stop a release. Where the environment has
 * none of them any more, it ends.
 */
export function keepSteps(context: PlanContext): readonly RollingStep[] {
  const { archive, sourcecred } = context.request.runtime;
  const keepers: readonly Keeper[] = [
    {
      id: 'backup',
      names: 'backups',
      wanted: archive !== undefined,
      why: 'a first full one is made at once; what did not change is left alone, and a backup under way with it',
      gone: 'the environment has no archive any more',
      amiss: 'its database may not be backed up',
      before: [],
    },
    {
      id: 'copies',
      names: 'portable copies',
      wanted: archive?.copies !== undefined,
      why: 'a first one is made at once; what did not change is left alone, and a copy under way with it',
      gone: 'the archive has no portable copies beside it any more',
      amiss: 'nothing may be copied beside its archive',
      before: sourcecred ? [ensureLedger] : [],
    },
  ];
  return keepers.flatMap((keeper) => keeperSteps(context, keeper));
}

function keeperSteps(context: PlanContext, keeper: Keeper): readonly RollingStep[] {
  const { facts, limits, release, again } = context;
  const service = runtimeServices[keeper.id];
  const there = facts.containers.some((container) => container.service === service);
  if (!keeper.wanted && !there) return [];
  const shared = { id: keeper.id, spends: 'start', next: again } as const;
  if (!keeper.wanted) {
    return [
      {
        ...shared,
        name: `end the ${keeper.names}`,
        why: keeper.gone,
        actions: [change(end(service))],
        leaves: `${release.tag} serves; what made ${keeper.names} may still run, and fail`,
      },
    ];
  }
  const limit = limits[keeper.id];
  // What makes backups reads the database's own files, each time that it begins one.
  const anew = keeper.id === 'copies' ? anewWhereSpoilt(service, context) : [];
  return [
    {
      ...shared,
      name: `start the ${keeper.names}`,
      why: keeper.why,
      actions: [
        ...keeper.before.map((command) => ({ do: 'run', command }) as const),
        change(startService('current', service, limit, ...anew)),
      ],
      diagnose: [stateOf(service), healthOf(service), logsOf(service)],
      leaves: `${release.tag} serves; ${keeper.amiss}: ./cogni backup list ${release.environment}`,
    },
  ];
}

/**
 * SourceCred may not have been started yet, and Docker mounts no volume that is not there. It is labelled as Compose does
 * it, which takes it for its own later.
 */
const ensureLedger: RemoteCommand = {
  argv: [
    'docker',
    'volume',
    'create',
    `--label=com.docker.compose.project=${hostLayout.sourcecred.project}`,
    '--label=com.docker.compose.volume=data',
    copiedVolumes.sourcecred,
  ],
  deadline: quick,
};
