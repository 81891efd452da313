import { app, checkpointApplication, copiesApplication, runtimeServices } from '../../services';
import type { RunAction } from '../step';
import type { RemoteCommand } from '../transport';
import { beginService, change, end, startService } from './change-services';
import { askAppFromEdge, healthOf, logsOf, quick, stateOf } from './commands';
import { sameMajorVersion } from './database-restart';
import { intoPlace, syncFiles } from './file-moves';
import { jobCommands, runJob } from './job';
import { layout } from './layout';
import type { PlanContext } from './plan';
import type { ProxyChange } from './proxy-change';
import { migrationLimitOption } from './request';
import { spoiltFiles } from './spoilt';
import type { RollingStep } from './step-names';

/** The database, the new version, and its proof from where requests will come from. */
export function startSteps(context: PlanContext): readonly RollingStep[] {
  return [
    database(context),
    // Going back leaves the database as it is, but for logins that the settings have changed since. Where nothing was deployed yet,
    // the data came from elsewhere: what its logins are is not known.
    ...(context.backTo && !context.resettled && context.facts.release ? [] : [provision(context)]),
    ...proxy(context),
    // Old code meets the database as it is: nothing takes a migration back.
    ...(context.backTo ? [] : [...markMoment(context), migrate(context)]),
    start(context),
    ...proxyReady(context),
    prove(context),
  ];
}

/** Restarted when its archive changes or a person asks for it, and never as a side effect. */
function database({ request, facts, databaseRestart, limits, again, before }: PlanContext): RollingStep {
  const service = runtimeServices.postgres;
  const up = (files: 'current' | 'next', ...more: string[]): RemoteCommand =>
    startService(files, service, limits.database, ...more);
  const restarts = databaseRestart !== undefined;
  return {
    id: 'database',
    name: restarts ? 'restart the database' : 'start the database',
    why: restarts
      ? `${databaseRestart}: requests to it fail for some seconds`
      : 'where it does not run; one that runs is never recreated by a deploy of the application',
    actions: restarts
      ? [
          { do: 'run', command: sameMajorVersion(request.runtime.images.postgres) },
          change(up('next', '--force-recreate')),
        ]
      : [change(up('next', '--no-recreate'))],
    // From the files that it was started from before: those of this release go when it is taken back.
    ...(restarts && facts.release ? { undo: [up('current')] } : {}),
    diagnose: [stateOf(service), healthOf(service), logsOf(service)],
    spends: 'start',
    leaves: `${before}; the database is as its log says`,
    next: `read the log of the database above, then ${again}`,
  };
}

function provision(context: PlanContext): RollingStep {
  const { limits, again, before } = context;
  return {
    id: 'provision',
    name: 'provision the database',
    why: 'roles, passwords and grants are brought to what the settings say, on every deploy that brings something new; the password that the version in service logs in with stays',
    ...runJob('next', runtimeServices.provision, limits.provision, ...keepingLogin(context)),
    ...(provisionsBack(context) ? { undo: provisionBack(context) } : {}),
    leaves: `${before}; roles and grants may be set in part, which the next run completes`,
    next: `read the output of ${runtimeServices.provision} above, then ${again}`,
  };
}

const keepingLogin = ({ servingLogin }: PlanContext): readonly string[] =>
  servingLogin === undefined ? [] : [`--env=DB_PROVISION_KEEP=${servingLogin}`];

/** What serves has other settings, and the files that it was started from are there. */
const provisionsBack = ({ resettled, facts }: PlanContext): boolean =>
  resettled && facts.release !== undefined;

/**
 * The logins of which there is one each (LiteLLM's, the owner's, the read-only one) get the passwords back that what serves was started
 * with, and only then LiteLLM is made again that logs in with one of them.
 */
const provisionBack = (context: PlanContext): readonly RemoteCommand[] => [
  ...jobCommands('current', runtimeServices.provision, context.limits.provision, ...keepingLogin(context)),
  ...(context.request.runtime.litellm ? proxyBack(context) : []),
];

/**
 * LiteLLM, where the environment has it. One whose configuration, image and settings did not change is left alone. Where nothing serves that
 * it could disturb, it is not waited for yet: it takes longest of all.
 */
function proxy(context: PlanContext): readonly RollingStep[] {
  const { request, facts, proxyChange } = context;
  if (request.runtime.litellm === undefined) return [];
  const beside = facts.release === undefined;
  return [
    {
      id: 'litellm',
      name: proxyChange?.certain ? 'restart LiteLLM' : 'start LiteLLM',
      why: beside
        ? 'after its role was provisioned; it is waited for when the application has been started beside it'
        : `after its role was provisioned, and before the application that will ask it${costOf(proxyChange)}`,
      actions: [
        ...mendProxy(context),
        change(beside ? beginService('next', runtimeServices.litellm) : startProxy('next', context.limits)),
      ],
      // Where the password that it logs in with is taken back, it follows that.
      ...(provisionsBack(context) ? {} : { undo: proxyBack(context) }),
      ...ofProxy(context),
    },
  ];
}

/** Where LiteLLM was started beside the application. */
function proxyReady(context: PlanContext): readonly RollingStep[] {
  const { request, facts, limits } = context;
  if (request.runtime.litellm === undefined || facts.release !== undefined) return [];
  return [
    {
      id: 'litellm-ready',
      name: 'wait for LiteLLM',
      why: 'visitors are let in when everything answers',
      actions: [change(startProxy('next', limits))],
      ...ofProxy(context),
    },
  ];
}

/** A deploy that was cut off, and is given up, may have made LiteLLM from its own files and settings. One that is as recorded is left alone. */
export const proxyAsRecorded = (context: PlanContext): readonly RollingStep[] =>
  context.request.runtime.litellm === undefined
    ? []
    : [
        {
          id: 'litellm',
          name: 'start LiteLLM as it was recorded',
          why: 'what was cut off may have made it from other files and settings; where it has not, nothing is done',
          actions: [change(startProxy('current', context.limits))],
          ...ofProxy(context),
          leaves: `${context.release.tag} serves; LiteLLM may be that of the deploy that was cut off`,
        },
      ];

const ofProxy = ({
  again,
  before,
}: PlanContext): Pick<RollingStep, 'diagnose' | 'spends' | 'leaves' | 'next'> => ({
  diagnose: [stateOf, healthOf, logsOf].map((ask) => ask(runtimeServices.litellm)),
  spends: 'start',
  leaves: before,
  next: `read the log of LiteLLM above, then ${again}`,
});

const startProxy = (files: 'current' | 'next', { litellm }: PlanContext['limits']): RemoteCommand =>
  startService(files, runtimeServices.litellm, litellm);

/**
 * LiteLLM reads its configuration when it starts. It is ended first: a run that is cut off here leaves none that runs from what is not there
 * any more, and the next one starts it.
 */
function mendProxy({ files, facts }: PlanContext): readonly RunAction[] {
  const { folder, next } = layout.runtime;
  const { litellm } = runtimeServices;
  const spoilt = spoiltFiles(litellm, files, facts.files);
  if (spoilt.length === 0) return [];
  return [
    change(end(litellm)),
    ...[...intoPlace(['cp', '--archive'], spoilt, next, folder), syncFiles(folder, spoilt, [])].map(
      (command) => ({ do: 'run', command }) as const,
    ),
  ];
}

/** What serves gets its files back as they were, also where they were spoilt: somebody may have meant them so. */
function proxyBack({ files, facts, limits }: PlanContext): readonly RemoteCommand[] {
  const { litellm } = runtimeServices;
  if (facts.release?.images.litellm === undefined) return [end(litellm)];
  const served = facts.release.files;
  const spoilt = spoiltFiles(litellm, files, facts.files).filter((path) => path in served);
  const { folder, spoilt: kept } = layout.runtime;
  return [
    ...(spoilt.length === 0 ? [] : [end(litellm), ...intoPlace(['mv', '--force'], spoilt, kept, folder)]),
    startProxy('current', limits),
  ];
}

/** Said before it happens: there is one LiteLLM, and it is away while it is made anew. */
const costOf = (change: ProxyChange | undefined): string => {
  if (change === undefined) return '';
  const away = 'what asks it fails until it is healthy again';
  return change.certain
    ? `; ${change.why}: it is made anew, and ${away}`
    : `; ${change.why}: where it is LiteLLM that reads them, it is made anew, and ${away}`;
};

/** Those that read whole tables for the sake of backups, and milliseconds in which each of them ends. */
const readers = [copiesApplication, checkpointApplication].map((name) => `'${name}'`).join(', ');
const endingReaders = 5_000;

/** Where the database is archived: what a migration has spoilt can be had again as it was right before it. */
function markMoment({ release: { restorePoint }, again, before }: PlanContext): readonly RollingStep[] {
  if (restorePoint === undefined) return [];
  return [
    {
      id: 'restore-point',
      name: 'mark the moment before the migrations',
      why: 'a restore can go to it by its name, which the record of the release keeps; log is sent on at once',
      actions: [
        {
          do: 'run',
          command: {
            argv: [
              'docker',
              'exec',
              '--interactive',
              `${layout.runtime.project}-${runtimeServices.postgres}-1`,
              'sh',
              '-c',
              'exec psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname=postgres "$@"',
              'sh',
              `--set=point=${restorePoint}`,
            ],
            stdin: [
              // A dump, and the count of a checkpoint, hold locks that a migration would wait for. A later look makes them again.
              `SELECT pg_terminate_backend(pid, ${endingReaders}) FROM pg_stat_activity WHERE application_name IN (${readers});`,
              "SELECT pg_create_restore_point(:'point');",
              'SELECT pg_switch_wal();\n',
            ].join(' '),
            deadline: quick,
          },
        },
      ],
      spends: 'migration',
      leaves: before,
      next: `see that the database answers (./cogni status), then ${again}`,
    },
  ];
}

/** At its deadline the migrator is told to stop; the server ends what it had it do (services/database/model.ts). */
function migrate({ limits, again, before }: PlanContext): RollingStep {
  return {
    id: 'migrate',
    name: 'migrate the database',
    why: 'before the new version starts, by the migrator of the same build; never by the application',
    ...runJob('next', runtimeServices.migrate, limits.migrate),
    leaves: `${before}; the database may be migrated in part`,
    next: `read the output of ${runtimeServices.migrate} above; where it needs more than ${limits.migrate / 60_000} min, say so with ${migrationLimitOption} <minutes>; then ${again}`,
  };
}

function start({ limits, target, release, again, before }: PlanContext): RollingStep {
  const { service } = target;
  return {
    id: 'start',
    name: 'start the application',
    why: 'the new version beside what serves, until it says that it is ready',
    actions: [
      // One that is there was left by a deploy that was cut off, maybe while Docker gave it its network.
      change(startService('next', service, limits.ready, '--force-recreate')),
    ],
    undo: [end(service)],
    unlessTakenBack: `${service} may run beside what serves`,
    spends: 'start',
    diagnose: [stateOf(service), healthOf(service), logsOf(service)],
    leaves: `${before}; the database is that of ${release.tag}`,
    next: `read the log of the application above, then ${again}`,
  };
}

function prove({ limits, target, release, again, before }: PlanContext): RollingStep {
  const url = `http://${target.upstream}:${target.port}`;
  return {
    id: 'prove',
    name: 'prove the application from the network of the edge',
    why: 'ready, and the build that was asked for, three times in a row, on the way that requests will take',
    actions: [
      {
        do: 'run',
        command: {
          argv: askAppFromEdge(`${url}${app.paths.ready}`, `${url}${app.paths.version}`),
          deadline: 10_000,
        },
        expect: { stdout: { json: { buildSha: release.buildSha } } },
        retry: { every: 100, within: limits.proof },
      },
    ],
    diagnose: [stateOf(target.service), healthOf(target.service), logsOf(target.service)],
    leaves: `${before}; the database is that of ${release.tag}`,
    next: `see that the image of ${release.tag} was built from ${release.buildSha} and answers ${app.paths.version} with it, then ${again}`,
    interruptible: true,
  };
}
