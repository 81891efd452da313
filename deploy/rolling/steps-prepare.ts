import { runtimeServices, thirdPartyImages } from '../../services';
import { holdLock, overtaken } from '../lock/hold';
import { defaultMigrationsFolder, pendingMigrations } from '../migrations/pending';
import { unlessAtWork } from '../lock/one-at-a-time';
import type { RunAction } from '../step';
import { composeHasEnded } from './change-services';
import { jobContainer, quick, remove, runtimeCompose } from './commands';
import { intoPlace, makeFolders, removeEmptyFolders, removeFiles, syncFiles, takenBack } from './file-moves';
import { holdTheSame } from './files-on-host';
import { layout } from './layout';
import type { PlanContext } from './plan';
import { recordLink } from './record';
import { deployCommand } from './request';
import { isHere, pull, pullWithLogin } from './registry-login';
import { freeForImages, roomStep } from './room';
import { spoiltFiles } from './spoilt';
import type { RollingStep } from './step-names';

/**
 * Before anything that serves is touched: images, lock, files beside those that serve. The lock comes after the pull, which may take
 * long, unless something must be removed before it.
 */
export function prepareSteps(context: PlanContext): readonly RollingStep[] {
  const pull = [pullOthers(context), pullOurs(context), ...judge(context)];
  const lock = lockStep(context);
  const room = roomStep(context);
  return [
    ...(room.length > 0 ? [lock, ...room, ...pull] : [...pull, lock]),
    waitForJobs(context),
    stage(context),
    ...place(context),
  ];
}

function pullOthers({ request, limits, again, before }: PlanContext): RollingStep {
  const images = Object.values(thirdPartyImages(request.runtime));
  return {
    id: 'pull-third-party',
    name: 'pull the images of others',
    why: 'while what is there serves; they need no login',
    doneWhen: isHere(...images),
    actions: images.map((image) => pull(image, limits.pull)),
    diagnose: [freeForImages],
    spends: 'pull',
    leaves: `${before}; what was pulled stays on the host`,
    next: `see that the host reaches the registry and has room for images, then ${again}`,
    interruptible: true,
  };
}

/** Going back runs no migration: its migrator may be gone. */
function pullOurs({ request, settings, release, backTo, limits, again, before }: PlanContext): RollingStep {
  const { app, migrator } = release.images;
  return {
    id: 'pull',
    name: 'pull the images of the release',
    why: 'while what is there serves; by digest, with a login that is gone afterwards',
    ...pullWithLogin(backTo ? [app] : [app, migrator], settings, release.id, limits.pull),
    diagnose: [freeForImages],
    leaves: `${before}; what was pulled stays on the host, the login does not`,
    next: `see that the host has room for images and that GHCR_USERNAME may still pull ${request.repository}, then ${again}`,
    interruptible: true,
  };
}

/** On a first deploy nothing serves that could break; going back runs no migration. */
function judge({ request, facts, release, backTo, again, before }: PlanContext): readonly RollingStep[] {
  const serving = facts.release?.images.migrator;
  const next = release.images.migrator;
  if (backTo || serving === undefined || serving === next) return [];
  const { accept = {}, migrationsFolder = defaultMigrationsFolder } = request;
  return [
    {
      id: 'judge',
      name: 'judge the pending migrations',
      why: 'the version that serves meets the migrated database until the switch, and again when a deploy is taken back: what it cannot survive needs a word',
      actions: [
        {
          do: 'judge',
          command: pendingMigrations(migrationsFolder, next, serving),
          judge: 'migrations',
          accepted: accept.breakingMigration === true,
        },
      ],
      spends: 'migration',
      leaves: `${before}; only images were pulled`,
      next: `change the migration as its fault says, or mend what kept it from being read, then ${again}; where the version that serves may break, ${deployCommand({ ...request, accept: { ...accept, breakingMigration: true } })}`,
      interruptible: true,
    },
  ];
}

/** One deploy at a time, and from what was there when it was planned. */
export function lockStep({ request, facts, release, again, before }: PlanContext): RollingStep {
  const { current } = layout.deploy;
  const { upstream } = layout.edge;
  const { who, from } = request.by;
  return {
    id: 'lock',
    name: 'take the deploy lock',
    why: 'one deploy at a time; it is free again when this connection ends, however it ends',
    actions: [
      holdLock(`${who} on ${from}, deploying ${release.tag} since ${release.at}`),
      {
        // The plan was made from what was there before the lock was taken.
        do: 'run',
        command: { argv: ['readlink', '--', current], deadline: quick },
        expect: facts.release
          ? { stdout: { equals: recordLink(facts.release.id) } }
          : // There is none.
            { exit: [1] },
        overtaken,
      },
      {
        do: 'run',
        command: { argv: ['cat', '--', `${upstream.folder}/${upstream.file}`], deadline: quick },
        overtaken,
        expect: facts.upstream === undefined ? { exit: [1] } : { stdout: { equals: facts.upstream } },
      },
      ...holdTheSame(facts.files),
    ],
    leaves: `${before}, or what another deploy has just put there`,
    next: `wait until the other deploy has ended, then ${again}`,
  };
}

/**
 * A job goes on when the deploy that began it was cut off. It is never ended by another deploy, and the files that it
 * was started from are not touched while it runs. Nor are those of Docker Compose, where that is at work since the host was looked at.
 */
export function waitForJobs({ request, limits, again, before }: PlanContext): RollingStep {
  const { provision, migrate } = runtimeServices;
  const names = [provision, migrate].map(jobContainer);
  const waiting = (service: string, deadline: number): RunAction => ({
    do: 'run',
    command: { argv: ['docker', 'wait', jobContainer(service)], deadline },
    // 1: there is none.
    expect: { exit: [0, 1] },
  });
  const noneRuns: RunAction = {
    do: 'run',
    command: {
      argv: ['docker', 'ps', ...names.map((name) => `--filter=name=^${name}$`), '--format={{.Names}}'],
      deadline: quick,
    },
    expect: { stdout: { equals: '' } },
  };
  return {
    id: 'wait',
    name: 'wait for what an earlier deploy has left at work',
    why: 'one that was cut off may have left its migration running, which is never cut in two, or Docker Compose',
    doneWhen: [{ ...noneRuns, command: unlessAtWork(noneRuns.command, layout.runtime.atWork) }],
    actions: [
      composeHasEnded,
      waiting(provision, limits.provision),
      waiting(migrate, limits.migrate),
      noneRuns,
    ],
    leaves: `${before}; a job of an earlier deploy may still be running, and was left alone`,
    next: `see with "docker ps" and "docker logs" on the host what ${names.join(' or ')} does, and with ./cogni lock status ${request.environment} whether Docker Compose is at work; when it has ended, ${again}`,
    interruptible: true,
  };
}

function stage({ files, facts, again, before }: PlanContext): RollingStep {
  const { next } = layout.runtime;
  const { folder, file, previous } = layout.edge.upstream;
  const kept = `${folder}/${previous}`;
  const keepUpstream: RunAction = {
    do: 'run',
    command: { argv: ['cp', '--archive', '--', `${folder}/${file}`, kept], deadline: quick },
  };
  return {
    id: 'stage',
    name: 'stage the files of the release',
    why: 'beside those that serve, which stay as they are until the gate is passed',
    actions: [
      { do: 'run', command: remove(next) },
      { do: 'write', folder: next, files: files.map(({ path, mode, content }) => ({ path, mode, content })) },
      { do: 'run', command: { argv: runtimeCompose('next', 'config', '--quiet'), deadline: quick } },
      // Nothing of taking the switch back may need room on a disk that was full by then.
      ...(facts.upstream === undefined ? [] : [keepUpstream]),
    ],
    undo: [remove(kept), remove(next)],
    leaves: before,
    next: `see that the disk of the host has room and that its Docker Compose takes these files, then ${again}`,
  };
}

/**
 * Services are started before the gate, and mount folders of the runtime itself: a container keeps its paths when the
 * release becomes the current one. What such a folder holds is put there now where nothing of that name is there yet;
 * whatever is there stays as it is until the gate is passed, but for spoilt files of LiteLLM (`mendProxy`), which are kept here.
 */
function place({ files, facts, again, before }: PlanContext): readonly RollingStep[] {
  const { folder, next, spoilt: kept } = layout.runtime;
  const { provision } = runtimeServices;
  const paths = files
    .map(({ path }) => path)
    .filter((path) => path.includes('/') && !path.startsWith(`${provision}/`) && !facts.files[path]);
  const spoilt = spoiltFiles(runtimeServices.litellm, files, facts.files);
  if (paths.length + spoilt.length === 0) return [];
  const back = takenBack(paths);
  const news = paths.length > 0;
  return [
    {
      id: 'place',
      name: news ? 'put new configuration beside what serves' : 'keep configuration as it is on the host',
      why: news
        ? 'what is about to be started mounts it; nothing that serves reads it'
        : 'it is not what its name says, and is mended when LiteLLM is made anew: taken back, it is as it was',
      actions: [
        ...makeFolders(folder, paths, '0755'),
        ...intoPlace(['cp', '--archive'], paths, next, folder),
        // What is started from them must not find them cut short after a power failure.
        ...(news ? [syncFiles(folder, paths, [])] : []),
        ...makeFolders(kept, spoilt, '0755'),
        ...intoPlace(['cp', '--archive'], spoilt, folder, kept),
      ].map((command) => ({ do: 'run', command })),
      undo: back.length === 0 ? [] : [...removeFiles(back), removeEmptyFolders],
      leaves: before,
      next: `see that ${folder} on the host can be written to, then ${again}`,
    },
  ];
}
