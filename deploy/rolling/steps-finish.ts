import { app, runtimeServices } from '../../services';
import { sendRecords } from '../backup/copies';
import { hasMarker, writeMarker } from '../identity/host-marker';
import { forgetAbandonedReaders } from '../migrations/pending';
import type { RunAction } from '../step';
import type { RemoteCommand } from '../transport';
import { change, startService } from './change-services';
import { healthOf, logsOf, quick, remove, rename, stateOf } from './commands';
import { intoPlace, makeFolders, removeEmptyFolders, removeFiles, syncFiles, takenBack } from './file-moves';
import { layout } from './layout';
import type { PlanContext } from './plan';
import { pruneSteps } from './prune';
import { recordLink, renderRecord } from './record';
import { forgetLogins } from './registry-login';
import type { RollingStep } from './step-names';
import { drainSteps } from './steps-drain';
import { endSteps } from './steps-end';
import { anewWhereSpoilt } from './spoilt';
import { keepSteps } from './steps-keep';

/** From the switch on. */
export const finishSteps = (context: PlanContext): readonly RollingStep[] => [
  switchOver(context),
  gateStep(context),
  ...promote(context),
  record(context),
  ...recordedSteps(context),
];

/**
 * Behind the record: each of them can be done again, and is, where a deploy was cut off among them.
 *
 * @param settled what comes between the end of what served before and the rest
 */
export function recordedSteps(
  context: PlanContext,
  settled: readonly RollingStep[] = [],
): readonly RollingStep[] {
  return [
    ...drainSteps(context),
    ...settled,
    ...endSteps(context),
    ...collect(context),
    ...keepSteps(context),
    markStep(context),
    ...awaySteps(context),
    tidyStep(context),
    ...pruneSteps(context),
  ];
}

const run = (command: RemoteCommand): RunAction => ({ do: 'run', command });

/**
 * Written beside it and renamed over it, inside the folder that the edge mounts. Taken back by one more rename, of the copy that `stage` has
 * made: a disk that is full by now has no room for another.
 */
function switchOver({ facts, target, release, again, before }: PlanContext): RollingStep {
  const { folder, file, previous, next: name } = layout.edge.upstream;
  const [active, next] = [`${folder}/${file}`, `${folder}/${name}`];
  return {
    id: 'switch',
    name: 'send the requests to it',
    why: 'the edge reads this file for each request: nothing is reloaded, nobody is cut off',
    doneWhen: [
      {
        do: 'run',
        command: { argv: ['cat', '--', active], deadline: quick },
        expect: { stdout: { equals: target.upstream } },
      },
    ],
    actions: [
      {
        do: 'write',
        folder,
        files: [{ path: name, mode: 0o644, content: `${target.upstream}\n` }],
      },
      run(rename(next, active)),
    ],
    undo: [
      facts.upstream === undefined ? remove(active) : rename(`${folder}/${previous}`, active),
      remove(next),
    ],
    leaves: `${before}; the database is that of ${release.tag}`,
    unlessTakenBack: `visitors may have ${target.service}, which is ${release.tag} and may not have been proven`,
    next: `see that ${folder} on the host can be written to, then ${again}`,
  };
}

/**
 * The release counts only when the site itself, seen from outside, is ready and runs the build. Where the site is known
 * to be reached, it goes back soon: visitors have what does not pass.
 */
export function gateStep({
  request,
  facts,
  limits,
  target,
  release,
  again,
  before,
}: PlanContext): RollingStep {
  const { domain, host } = request;
  const within = facts.release?.domain === domain ? limits.gate : limits.firstGate;
  return {
    id: 'gate',
    name: `prove https://${domain} from outside`,
    why: 'only what users reach counts: ready, and the build that was asked for, a few times in a row',
    actions: [
      {
        do: 'gate',
        checks: [
          { url: `https://${domain}${app.paths.ready}`, status: 200 },
          { url: `https://${domain}${app.paths.version}`, status: 200, json: { buildSha: release.buildSha } },
        ],
        retry: { every: 50, within, inARow: 3 },
      },
    ],
    diagnose: [
      stateOf(target.service),
      healthOf(target.service),
      logsOf(target.service),
      logsOf(layout.edge.service, layout.edge.project),
    ],
    leaves: `${before}; the database is that of ${release.tag}`,
    next: `see that ${domain} leads to ${host.address} and that its certificate could be had, then ${again}`,
    interruptible: true,
  };
}

/** Only files that differ are touched, each by one rename; those that serve are kept until the record is written. */
function promote({ facts, files, changed, release, again, before }: PlanContext): readonly RollingStep[] {
  const { folder, next, previous } = layout.runtime;
  const recorded = Object.keys(facts.release?.files ?? {});
  const gone = recorded.filter(
    (path) => facts.files[path] !== undefined && !files.some((file) => file.path === path),
  );
  const placed = changed.map(({ path }) => path);
  const touched = [...placed.filter((path) => facts.files[path] !== undefined), ...gone];
  const shared = {
    leaves: `${before}; the database is that of ${release.tag}`,
    next: `see that ${folder} on the host can be written to, then ${again}`,
  };
  const keep: RollingStep = {
    id: 'keep',
    name: 'keep the files that serve',
    why: 'until the release has been recorded',
    actions: [
      run(remove(previous)),
      run({ argv: ['mkdir', '--mode=0700', '--', previous], deadline: quick }),
      ...makeFolders(previous, touched, '0700').map(run),
      ...intoPlace(['cp', '--archive'], touched, folder, previous).map(run),
    ],
    ...shared,
  };
  const replace: RollingStep = {
    id: 'promote',
    name: 'let the new files take the place of the old ones',
    why: 'the gate is passed: from now on the host starts from them',
    actions: [
      ...makeFolders(folder, placed, '0755').map(run),
      ...intoPlace(['mv', '--force'], placed, next, folder).map(run),
      ...removeFiles(gone).map(run),
      run(syncFiles(folder, placed, gone)),
    ],
    unlessTakenBack: `the files of ${release.tag} may be those that the host starts from`,
    undo: [
      ...removeFiles(takenBack(placed.filter((path) => facts.files[path] === undefined))),
      // A rename needs no room on the disk, and a file is old or new whenever it is cut off.
      ...intoPlace(['mv', '--force'], touched, previous, folder),
    ],
    ...shared,
  };
  return touched.length === 0 ? [replace] : [keep, replace];
}

/** The link comes last: with it the release is there, and nothing is taken back any more. */
function record({ facts, release, again, before }: PlanContext): RollingStep {
  const { folder, releases, current } = layout.deploy;
  const file = `${release.id}.json`;
  // Not a record by its name until all of it is on the disk: one that was cut short would be listed, and rebuilds would copy it.
  const unwritten = '.next';
  const link = (id: string): readonly RemoteCommand[] => [
    {
      argv: [
        'ln',
        '--symbolic',
        '--force',
        '--no-target-directory',
        '--',
        recordLink(id),
        `${folder}/.current.next`,
      ],
      deadline: quick,
    },
    rename(`${folder}/.current.next`, current),
  ];
  return {
    id: 'record',
    name: 'record the release',
    why: 'what serves, since when, by whom, from which digests: rollback and status read it',
    actions: [
      {
        do: 'write',
        folder: releases,
        files: [{ path: unwritten, mode: 0o644, content: renderRecord(release), timings: true }],
      },
      run({ argv: ['sync', '--', `${releases}/${unwritten}`], deadline: quick }),
      run(rename(`${releases}/${unwritten}`, `${releases}/${file}`)),
      ...link(release.id).map(run),
      run({ argv: ['sync', '--', releases, folder], deadline: quick }),
    ],
    unlessTakenBack: `${release.tag} may be recorded as what serves`,
    undo: [
      ...(facts.release ? link(facts.release.id) : [remove(current)]),
      remove(`${folder}/.current.next`),
      remove(`${releases}/${file}`),
      remove(`${releases}/${unwritten}`),
    ],
    settles: true,
    leaves: `${before}; the database is that of ${release.tag}`,
    next: `see that ${folder} on the host can be written to, then ${again}`,
  };
}

/**
 * Alloy comes last: what is only looking on must not stop a release, and what goes wrong from here on is only said. It
 * reads the logs of what was started before it all the same.
 */
function collect(context: PlanContext): readonly RollingStep[] {
  const { request, limits, release, again } = context;
  if (request.runtime.alloy === undefined) return [];
  const service = runtimeServices.alloy;
  return [
    {
      id: 'alloy',
      name: 'start Alloy',
      why: 'logs and metrics of the release; one whose configuration, image and settings did not change is left alone',
      actions: [change(startService('current', service, limits.alloy, ...anewWhereSpoilt(service, context)))],
      diagnose: [stateOf(service), healthOf(service), logsOf(service)],
      spends: 'start',
      leaves: `${release.tag} serves; its logs and metrics may not be collected`,
      next: again,
    },
  ];
}

/** A marker that is there is never replaced: data that are others since are to be found, not to be taken for the right ones. */
function markStep({ release, again }: PlanContext): RollingStep {
  return {
    id: 'mark',
    name: 'mark the disk with the data that it holds',
    why: 'by this an emptied disk, or other data, are told from the right ones; once there, it stays as it is',
    doneWhen: [run(hasMarker)],
    actions: [run(writeMarker(release.environment, 'new'))],
    leaves: `${release.tag} serves; ./cogni host check ${release.environment} cannot tell its data from others`,
    next: again,
  };
}

/** A rebuild begins from what is off the host, and deploys the release that the records there say served. */
function awaySteps({ request, release }: PlanContext): readonly RollingStep[] {
  if (request.runtime.archive?.copies === undefined) return [];
  const copy = `./cogni backup copy ${release.environment}`;
  return [
    {
      id: 'away',
      name: 'send the records of the host off it',
      why: 'a rebuild deploys the release that they say served, and the next copy of everything is made at night only',
      actions: [run(sendRecords)],
      diagnose: [logsOf(runtimeServices.copies)],
      leaves: `${release.tag} serves; until the next portable copy a rebuild would deploy the release before it`,
      next: copy,
      interruptible: true,
    },
  ];
}

/** What cannot be removed is only said: the release is there. */
function tidyStep({ release, again }: PlanContext): RollingStep {
  const { next, previous } = layout.runtime;
  const { upstream } = layout.edge;
  return {
    id: 'tidy',
    name: 'tidy up',
    why: 'the copies of files are not needed any more, nor is what a deploy left that was cut off',
    actions: [],
    cleanUp: [
      // In this order: for as long as anything is left, so is what every version of this looks for.
      ...[upstream.next, upstream.previous].map((name) => remove(`${upstream.folder}/${name}`)),
      ...[previous, next].map(remove),
      removeEmptyFolders,
      forgetLogins,
      forgetAbandonedReaders,
    ],
    leaves: `${release.tag} serves`,
    next: again,
  };
}
