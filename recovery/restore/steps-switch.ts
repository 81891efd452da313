import { holdLock, overtaken } from '../../deploy/lock/hold';
import { maintenanceOff, maintenanceOn } from '../../deploy/maintenance';
import {
  beginService,
  change,
  composeHasEnded,
  end,
  startService,
  stop,
} from '../../deploy/rolling/change-services';
import { healthOf, jobContainer, logsOf, quick, stateOf } from '../../deploy/rolling/commands';
import { runJob } from '../../deploy/rolling/job';
import { defaultLimits as limits } from '../../deploy/rolling/request';
import type { RunAction, Step } from '../../deploy/step';
import type { RemoteCommand } from '../../deploy/transport';
import { app, runtimeServices } from '../../services';
import { applications, keepers, maintenanceReason, type Context } from './context';
import { removeCopyContainer } from './steps-prepare';

const run = (command: RemoteCommand): RunAction => ({ do: 'run', command });

const { postgres, provision, migrate, litellm } = runtimeServices;
const both = (wanted: readonly string[], there: readonly string[]): readonly string[] =>
  wanted.filter((service) => there.includes(service));

const up = (service: string, limit: number): RemoteCommand => startService('current', service, limit);

/** Not waited for: whether a backup succeeds is no matter of who takes a step back. */
const told = (service: string): RemoteCommand => beginService('current', service);

const limitOf = (service: string): number => (service === litellm ? limits.litellm : limits.ready);

/** The lock of deploys: a deploy and a restore of the same host exclude each other. */
export function lockStep({ site, facts, volume, again, before }: Context, what: string): Step {
  const { who, from } = site.by;
  const names = [provision, migrate].map((job) => `--filter=name=^${jobContainer(job)}$`);
  return {
    id: 'lock',
    name: 'take the deploy lock',
    why: 'no deploy meanwhile, and no other restore; it is free again when this connection ends, however it ends',
    actions: [
      holdLock(`${who} on ${from}, ${what} since ${site.at.toISOString()}`),
      // What was cut off since the host was looked at.
      composeHasEnded,
      // The plan was made from what was there before the lock was taken.
      ...[{ command: volume.look, code: 0, printed: facts.volume.printed }, ...facts.answers].map(
        ({ command, code, printed }): RunAction => ({
          ...{ do: 'run', command, overtaken },
          expect: { exit: [code], stdout: { equals: printed } },
        }),
      ),
      {
        // A job goes on when the deploy that began it was cut off.
        do: 'run',
        command: { argv: ['docker', 'ps', ...names, '--format={{.Names}}'], deadline: quick },
        expect: { stdout: { equals: '' } },
      },
    ],
    leaves: `${before}, or as another run has just left it`,
    next: `wait until the other run, or the job of a deploy, has ended, then ${again}`,
  };
}

/** From the first moment in which visitors miss something: maintenance, applications, database. */
export function stopSteps(context: Context): readonly Step[] {
  const { site, facts, id, again, before, ownMaintenance, volume } = context;
  const writers = both([...applications, ...keepers], facts.containers);
  const stopped = both([...applications, ...keepers], facts.services);
  const leaves = `${before}, and so do the applications`;
  const maintenance = {
    ...maintenanceOn(
      { environment: site.environment, by: site.by, at: site.at, reason: maintenanceReason(id) },
      { state: 'off' },
    ),
    id: 'maintenance',
    why: 'visitors get a page that says so; what they write would be lost from here on',
    next: `see that the folder of the edge on the host can be written to, then ${again}`,
  };
  return [
    ...(ownMaintenance && facts.services.length > 0 ? [maintenance] : []),
    ...(writers.length === 0
      ? []
      : [
          {
            id: 'stop',
            name: 'stop what works with the database',
            why: 'applications, and what makes backups, which has the data mounted',
            actions: writers.map((service) => change(end(service))),
            undo: stopped.map((service) =>
              keepers.some((keeper) => keeper === service) ? told(service) : up(service, limitOf(service)),
            ),
            spends: 'drain',
            leaves,
            next: `./cogni status ${site.environment}, then ${again}`,
          } satisfies Step,
        ]),
    ...(facts.containers.includes(postgres)
      ? [
          {
            id: 'stop-database',
            name: 'stop the database',
            why: 'it sends the last of its log to the archive, and ends with everything written down',
            // What is written after that note is nothing of the restore's. The container goes last: until it is noted, that one tells who has written.
            actions: [change(stop(postgres, 4 * quick)), run(volume.stopped), change(end(postgres))],
            undo: facts.services.includes(postgres) ? [up(postgres, limits.database)] : [],
            diagnose: [stateOf(postgres), logsOf(postgres)],
            spends: 'drain',
            leaves,
            next: `read the log of the database above, then ${again}`,
          } satisfies Step,
        ]
      : []),
  ];
}

/** From the moment on in which the data are those that are wanted. None where nothing was ever deployed: the first deploy starts them. */
export function startSteps(context: Context): readonly Step[] {
  const { site, facts, again, before, ownMaintenance } = context;
  const { environment, domain } = site;
  if (!facts.services.includes(postgres)) return [];
  const started = both(applications, facts.services);
  const kept = both(keepers, facts.services);
  return [
    {
      id: 'start',
      name: 'start the database',
      why: 'with its own settings and its archive, which gets the new timeline',
      actions: [change(up(postgres, limits.database))],
      undo: [end(postgres)],
      diagnose: [stateOf(postgres), healthOf(postgres), logsOf(postgres)],
      spends: 'start',
      leaves: before,
      next: `read the log of the database above, then ${again}`,
    },
    {
      id: 'provision',
      name: 'provision the database',
      why: 'roles, passwords and grants came with the data; they are brought to what the settings say',
      ...runJob('current', provision, limits.provision),
      settles: true,
      leaves: before,
      next: `read the output of ${provision} above, then ${again}`,
    },
    {
      id: 'serve',
      name: 'start the applications, and end the maintenance',
      why: 'in this order: where one does not get ready with these data, visitors keep the page that says so',
      actions: [
        ...started.map((service) => change(up(service, limitOf(service)))),
        ...(ownMaintenance
          ? [
              ...maintenanceOff(environment).actions,
              {
                do: 'gate',
                checks: [{ url: `https://${domain}${app.paths.ready}`, status: 200 }],
                retry: { every: 500, within: limits.gate, inARow: 3 },
              } as const,
            ]
          : []),
      ],
      spends: 'start',
      leaves:
        'the database is the one that was wanted; the applications may not serve, and maintenance may be on',
      next: `./cogni logs ${environment} app; where the release does not fit the data, ./cogni maintenance off ${environment} and a deploy of the one that does`,
    },
    ...(kept.length === 0
      ? []
      : [
          {
            id: 'keep',
            name: 'start what makes backups',
            why: 'on the new timeline',
            actions: kept.map((service) => change(up(service, limits.backup))),
            spends: 'start',
            leaves: 'the database serves; it may not be backed up',
            next: `./cogni backup list ${environment}`,
          } satisfies Step,
        ]),
  ];
}

export const tidyStep = ({ site, volume }: Context): Step => ({
  id: 'tidy',
  name: 'tidy up',
  why: 'what the copy was made with is not needed any more; the data of before stay where they were put',
  actions: [run(removeCopyContainer), run(volume.clean)],
  leaves: 'the database is the one that was wanted; files of the copy may be left on the disk',
  next: `./cogni status ${site.environment}`,
});
