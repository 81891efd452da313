import { ExitCode, Failure } from '../../foundation/failure';
import { waitBudgets } from '../../services';
import { sourcecred } from '../../services/sourcecred/sourcecred';
import { holdLock } from '../lock/hold';
import { execInEdge, logsOf, quick, remove, rename } from '../rolling/commands';
import { forgetLogins, pullWithLogin } from '../rolling/registry-login';
import type { FileToWrite, Plan, RunAction, Step } from '../step';
import type { RemoteCommand } from '../transport';
import { applyCommand, filesOf, hashesOf, place, type SourcecredRequest } from './request';
import { hashesCommand, type SourcecredFacts } from './survey';

const minutes = (count: number): number => count * 60_000;

/** Milliseconds. */
const limits = {
  pull: minutes(10),
  healthy: waitBudgets.sourcecred.toMilliseconds(),
  stop: minutes(1),
} as const;

/**
 * The steps that bring SourceCred on a host to what is rendered: a container from files that wait beside those that are
 * there, and take their place once it is healthy. Its volume is touched by none of them. None when all is as rendered
 * and healthy. Pure.
 *
 * @throws Failure with exit code 3 where the host has no folder for it
 */
export function planSourcecred(request: SourcecredRequest, facts: SourcecredFacts): Plan {
  const title = `bring SourceCred to ${request.environment}`;
  requireFolder(request, facts);
  const changed = changedFiles(request, facts);
  const gone = staleInstances(request, facts);
  if (changed.length === 0 && gone.length === 0 && facts.container?.healthy) return { title, steps: [] };
  const context = { request, facts, changed, gone };
  return {
    title,
    steps: [
      lock(context),
      pull(context),
      ...(changed.length > 0 ? [stage(context)] : []),
      start(context),
      prove(context),
      keep(context),
      tidy(context),
    ],
  };
}

interface Context {
  readonly request: SourcecredRequest;
  readonly facts: SourcecredFacts;
  readonly changed: readonly FileToWrite[];
  /** Folders of configurations that nothing mounts any more. */
  readonly gone: readonly string[];
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

const before = ({ facts }: Context): string =>
  facts.container?.running ? 'SourceCred runs as before' : 'SourceCred does not run, as before';
const application = 'the application is not concerned';

const has = ({ changed }: Context, name: string): boolean => changed.some(({ path }) => path === name);
const run = (command: RemoteCommand): RunAction => ({ do: 'run', command });

function lock(context: Context): Step {
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
      { do: 'run', command: hashesCommand, expect: { stdout: { equals: seen } } },
    ],
    leaves: `${before(context)}, or as another run has just left it`,
    next: `wait until the other run has ended, then ${applyCommand(request)}`,
  };
}

function pull(context: Context): Step {
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
function stage(context: Context): Step {
  const waits: Readonly<Record<string, string>> = {
    'compose.yaml': place.next.compose,
    '.env': place.next.settings,
  };
  const files = context.changed.map((file) => ({
    ...file,
    path: waits[file.path]?.slice(place.folder.length + 1) ?? file.path,
  }));
  return {
    id: 'stage',
    name: 'write the new files beside the old ones',
    why: 'what is there stays until the new is proven, and is what a restart would start meanwhile',
    actions: [{ do: 'write', folder: place.folder, files }],
    undo: Object.values(place.next).map((file) => remove(file)),
    leaves: before(context),
    next: `see that ${place.folder} on the host can be written to and has room, then ${applyCommand(context.request)}`,
  };
}

const compose = (files: { compose: string; settings: string }, ...words: string[]): RemoteCommand['argv'] => [
  'docker',
  'compose',
  '--ansi=never',
  '--progress=plain',
  `--project-name=${place.project}`,
  `--project-directory=${place.folder}`,
  `--file=${files.compose}`,
  `--env-file=${files.settings}`,
  ...words,
];

const up = (files: { compose: string; settings: string }, ...more: string[]): RemoteCommand => ({
  argv: compose(files, 'up', '--detach', '--pull=never', '--remove-orphans', ...more, sourcecred.service),
  deadline: limits.healthy + limits.stop,
});

function start(context: Context): Step {
  const { facts, request } = context;
  const next = {
    compose: has(context, 'compose.yaml') ? place.next.compose : place.compose,
    settings: has(context, '.env') ? place.next.settings : place.settings,
  };
  const known = facts.hashes['compose.yaml'] !== undefined && facts.hashes['.env'] !== undefined;
  return {
    id: 'start',
    name: 'start SourceCred',
    why: 'from the new files; it is healthy once it has something to show, which the first time takes minutes',
    actions: [run(up(next, '--wait', `--wait-timeout=${limits.healthy / 1000}`))],
    // What ran before is told to run again, and is not waited for: it has its data.
    undo: [
      known && facts.container
        ? up(place)
        : {
            argv: [
              'docker',
              'compose',
              `--project-name=${place.project}`,
              'rm',
              '--stop',
              '--force',
              sourcecred.service,
            ],
            deadline: limits.stop,
          },
    ],
    diagnose: [logsOf(sourcecred.service, place.project)],
    spends: 'start',
    leaves: `${before(context)}; its data are untouched, and ${application}`,
    next: `read its log above (a token that GitHub does not take, a repository that is not there), then ${applyCommand(request)}`,
    interruptible: true,
  };
}

function prove(context: Context): Step {
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
    leaves: `${before(context)}; its data are untouched, and ${application}`,
    next: `see that both are in the network (./cogni status ${context.request.environment}), then ${applyCommand(context.request)}`,
    interruptible: true,
  };
}

function keep(context: Context): Step {
  const moves = [
    ...(has(context, 'compose.yaml') ? [rename(place.next.compose, place.compose)] : []),
    ...(has(context, '.env') ? [rename(place.next.settings, place.settings)] : []),
  ];
  return {
    id: 'keep',
    name: 'put the new files in the place of the old ones',
    why: 'from here on a restart starts what was proven',
    actions: [
      ...moves.map(run),
      run({ argv: ['sync', '--file-system', '--', place.folder], deadline: quick }),
    ],
    settles: true,
    leaves: before(context),
    next: `see that ${place.folder} on the host can be written to, then ${applyCommand(context.request)}`,
  };
}

function tidy({ gone, request }: Context): Step {
  return {
    id: 'tidy',
    name: 'remove what nothing uses any more',
    why: 'configurations of earlier versions, and what runs that were killed have left',
    actions: [
      ...(gone.length === 0
        ? []
        : [
            run({
              argv: ['rm', '--recursive', '--force', '--', ...gone.map((path) => `${place.folder}/${path}`)],
              deadline: quick,
            }),
          ]),
      // Of a run that was killed.
      ...Object.values(place.next).map((file) => run(remove(file))),
      run(forgetLogins),
    ],
    leaves: 'SourceCred runs as rendered; some old files are left',
    next: applyCommand(request),
  };
}
