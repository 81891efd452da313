import { ExitCode, Failure } from '../../foundation/failure';
import { sourcecred } from '../../services/sourcecred/sourcecred';
import { keepFiles, makeReady, settlePlaces } from '../file-change';
import { holdLock } from '../lock/hold';
import { busy, oneAtATime } from '../lock/one-at-a-time';
import { execInEdge, logsOf, quick } from '../rolling/commands';
import { forgetLogins, pullWithLogin } from '../rolling/registry-login';
import type { FileToWrite, Plan, Step } from '../step';
import { before, forget, moved, nameOf, run, type SourcecredContext } from './context';
import { applyCommand, filesOf, hashesOf, place, type SourcecredRequest } from './request';
import { limits, start, stateAfter, wait } from './start';
import { hashesCommand, isMadeFromFiles, sameContainer, type SourcecredFacts } from './survey';

export interface SourcecredPlan extends Plan {
  /** Paths of what a run that was cut off has left, where their removal is all that is to be done. */
  readonly sweeps: readonly string[];
}

/**
 * The steps that bring SourceCred on a host to what is rendered: a container from files that wait beside those that are
 * there, and take their place once it is healthy. Its volume is touched by none of them. Where all is as rendered and
 * healthy, those that remove what a run that was cut off has left, and none where there is nothing of that. Pure.
 *
 * @throws Failure with exit code 3 where the host has no folder for it
 */
export function planSourcecred(request: SourcecredRequest, facts: SourcecredFacts): SourcecredPlan {
  const title = `bring SourceCred to ${request.environment}`;
  requireFolder(request, facts);
  const changed = changedFiles(request, facts);
  const gone = staleInstances(request, facts);
  const context = { request, facts, changed, gone };
  if (changed.length === 0 && gone.length === 0 && facts.container?.healthy && isMadeFromFiles(facts))
    return facts.left.length === 0
      ? { title, steps: [], sweeps: [] }
      : { title, steps: [lock(context), look(context), tidy(context)], sweeps: facts.left };
  return {
    title,
    sweeps: [],
    steps: [
      lock(context),
      pull(context),
      ...(changed.length > 0 ? [stage(context)] : []),
      start(context),
      wait(context),
      prove(context),
      ...(moved(context).files.length > 0 ? [keep(context)] : []),
      tidy(context),
    ],
  };
}

function requireFolder({ environment }: SourcecredRequest, { folder }: SourcecredFacts): void {
  if (folder) return;
  throw new Failure({
    what: `the host of ${environment} has no ${place.folder} that the deploy user can write to`,
    state: 'nothing was changed',
    next: `./cogni host converge ${environment}, then ${applyCommand({ environment })}`,
    exitCode: ExitCode.refused,
  });
}

const changedFiles = (request: SourcecredRequest, { hashes }: SourcecredFacts): readonly FileToWrite[] => {
  const wanted = hashesOf(request);
  return filesOf(request).filter(({ path }) => hashes[path] !== wanted[path]);
};

/** `instance/<hash>` of paths below the folder. */
const instanceOf = (path: string): readonly string[] => /^instance\/[0-9a-f]+(?=\/)/.exec(path) ?? [];

const staleInstances = (request: SourcecredRequest, { hashes }: SourcecredFacts): readonly string[] => {
  const wanted = new Set(request.files.flatMap(({ path }) => instanceOf(path)));
  return [...new Set(Object.keys(hashes).flatMap(instanceOf))].filter((folder) => !wanted.has(folder)).sort();
};

function lock(context: SourcecredContext): Step {
  const { request, facts } = context;
  const { who, from } = request.by;
  const seen = Object.entries(facts.hashes)
    .map(([path, hash]) => `${hash}  ${place.folder}/${path}`)
    .join('\n');
  return {
    id: 'lock',
    name: 'take the lock of SourceCred',
    why: 'one change of it at a time; that of deploys is left alone, since the first computation takes minutes',
    actions: [
      holdLock(`${who} on ${from}, changing SourceCred since ${request.at.toISOString()}`, place.lock),
      // The plan was made from what was there before the lock was taken.
      {
        do: 'run',
        command: hashesCommand,
        expect: { stdout: { equals: seen } },
        overtaken:
          'another run has changed the files of SourceCred since this one looked at the host, and has let the lock go: this plan fits no more',
      },
    ],
    leaves: `${before(context)}, or as another run has just left it`,
    next: `wait until the other run has ended, then ${applyCommand(request)}`,
  };
}

/** Where nothing but what was left is to be removed: no other step looks at the container. */
function look({ facts: { container }, request }: SourcecredContext): Step {
  return {
    id: 'look',
    name: 'see that its container is still the one that was looked at',
    why: 'a run that was killed since may have left Docker Compose at work, which replaces it: it is then not what is rendered',
    actions: [
      {
        do: 'run',
        command: oneAtATime({ ...sameContainer, deadline: limits.make }, place.atWork),
        expect: { stdout: { equals: [container?.id, 'running', container?.madeFrom].join('\t') } },
        overtaken:
          'another run has replaced the container of SourceCred since this one looked at the host: this plan fits no more',
        ...busy('Docker Compose', 'SourceCred'),
      },
    ],
    leaves: 'SourceCred is as another run has just left it',
    next: applyCommand(request),
  };
}

function pull(context: SourcecredContext): Step {
  const { image, settings, at } = context.request;
  return {
    id: 'pull',
    name: 'pull the runner',
    why: 'while the old one serves; by digest, with a login that is gone afterwards',
    ...pullWithLogin([image], settings, `sourcecred-${at.getTime()}`, limits.pull),
    leaves: `${before(context)}; what was pulled stays on the host, the login does not`,
    next: `see that GHCR_USERNAME may pull ${image.split('@')[0]}, then ${applyCommand(context.request)}`,
    interruptible: true,
  };
}

/** A configuration has a folder of its own for each version, so it can be put in its place before anything mounts it. */
function stage(context: SourcecredContext): Step {
  const change = moved(context);
  const files = context.changed.map((file) => {
    const waits = change.files.find((each) => nameOf(each.file) === file.path);
    return { ...file, path: waits ? nameOf(waits.next) : file.path };
  });
  const others = files.map(({ path }) => path).filter((path) => path.startsWith('instance/'));
  return {
    id: 'stage',
    name: 'write the new files beside the old ones',
    why: 'what is there stays until the new is proven, and is what a restart would start meanwhile',
    actions: [{ do: 'write', folder: place.folder, files }, ...makeReady(change, others).map(run)],
    undo: forget,
    leaves: before(context),
    next: `see that ${place.folder} on the host can be written to and has room, then ${applyCommand(context.request)}`,
  };
}

function prove(context: SourcecredContext): Step {
  const url = `http://${sourcecred.service}:${sourcecred.port}${sourcecred.healthPath}`;
  return {
    id: 'prove',
    name: 'ask SourceCred from the network of the edge',
    why: 'on the way that requests will take',
    actions: [
      {
        do: 'run',
        command: {
          argv: execInEdge('wget', '-q', '-t', '1', '-O', '/dev/null', url),
          deadline: quick,
        },
        retry: { every: 500, within: quick },
      },
    ],
    diagnose: [logsOf(sourcecred.service, place.project)],
    leaves: stateAfter(context),
    next: `see that both are in the network (./cogni status ${context.request.environment}), then ${applyCommand(context.request)}`,
    interruptible: true,
    // Where no file changes its place, this is what the plan is for.
    settles: moved(context).files.length === 0,
  };
}

const keep = (context: SourcecredContext): Step =>
  keepFiles(moved(context), {
    leaves: stateAfter(context),
    next: `see that ${place.folder} on the host can be written to, then ${applyCommand(context.request)}`,
  });

function tidy(context: SourcecredContext): Step {
  const { gone, request } = context;
  return {
    id: 'tidy',
    name: 'remove what nothing uses any more, and put the places of the files onto the disk',
    why: 'configurations of earlier versions, old files, and what runs that were killed have left; a host that loses its power starts with what was proven too',
    actions: [
      ...(gone.length === 0
        ? []
        : [
            run({
              argv: ['rm', '--recursive', '--force', '--', ...gone.map((path) => `${place.folder}/${path}`)],
              deadline: quick,
            }),
          ]),
      ...forget.map(run),
      run(forgetLogins),
      run(settlePlaces(moved(context))),
    ],
    leaves: 'SourceCred runs as rendered; some old files are left',
    next: applyCommand(request),
  };
}
