import { ExitCode, Failure } from '../../foundation/failure';
import { app, edgePages, slotOf, waitBudgets } from '../../services';
import { holdLock } from '../lock/hold';
import { execInEdge, logsOf, quick, remove, rename } from '../rolling/commands';
import { layout } from '../rolling/layout';
import type { GateCheck, Plan, Step } from '../step';
import type { RemoteCommand } from '../transport';
import {
  applyCommand,
  edgeFiles,
  inContainer,
  renderedFile,
  type EdgeFile,
  type EdgeRequest,
} from './request';
import { servesWhat, theSame } from './serves';
import { differenceOf, hashesCommand, type EdgeDifference, type EdgeFacts } from './survey';

export interface EdgePlan extends Plan {
  /** What of the edge is not as rendered; all false in a plan without steps. */
  readonly difference: EdgeDifference;
  /** What the change costs visitors, in sentences: to be said before it is made. */
  readonly costs: readonly string[];
}

/** Milliseconds. `stop` is what the old container has to end, and what making the new one takes. */
const limits = {
  pull: 10 * 60_000,
  validate: 60_000,
  stop: 90_000,
  start: waitBudgets.caddy.toMilliseconds(),
  load: 60_000,
  gate: 30_000,
} as const;

const costsOf = {
  reload:
    'loading a changed configuration closes the idle connections of clients: the few requests that are on their way on one are lost (measured: about 9 at 200 a second and 40 ms round trip), and WebSockets are closed',
  replace:
    'replacing the container closes the site: nothing answers from the moment the old one is told to stop, through the 20 s at most that requests under way get, until the new one has started',
} as const;

/**
 * The steps that bring a running edge to what is rendered. What is new waits beside what is there, is judged by the Caddy
 * that will run it, loaded, read back and asked from outside; only then it takes the place of the old files. So what
 * the disk holds is always what was proven last: it is what is gone back to, and what a restart of the host starts.
 * Pure.
 *
 * @throws Failure with exit code 3 when the container has to be replaced and nobody has said so, or none runs
 */
export function planEdge(request: EdgeRequest, facts: EdgeFacts): EdgePlan {
  const { environment } = request;
  const difference = differenceOf(request, facts);
  const title = `apply the edge of ${environment}`;
  if (!Object.values(difference).includes(true)) return { title, steps: [], difference, costs: [] };
  refuseUnsaid(request, facts, difference);
  const context = { request, facts, difference };
  const load = difference.caddyfile || difference.loaded;
  return {
    title,
    difference,
    costs: [
      ...(difference.container ? [costsOf.replace] : []),
      ...(load && facts.running ? [costsOf.reload] : []),
    ],
    steps: [
      lock(context),
      ...(difference.compose || difference.caddyfile ? [stage(context)] : []),
      ...(difference.container ? [pull(context)] : []),
      validate(context),
      ...(difference.container ? [replace(context)] : []),
      ...(load ? [loadStep(context)] : []),
      verify(context),
      gate(context),
      ...(difference.compose || difference.caddyfile ? [keep(context)] : []),
    ],
  };
}

function refuseUnsaid(request: EdgeRequest, { running }: EdgeFacts, { container }: EdgeDifference): void {
  if (!container || request.replaceContainer) return;
  const { environment } = request;
  throw new Failure(
    running
      ? {
          what: `the edge of ${environment} is made from something else than is rendered (image, ports, mounts or limits): its container has to be replaced, and ${costsOf.replace.replace(/^.*?: /, '')}`,
          state: 'nothing was changed',
          next: `at a quiet moment: ${applyCommand({ ...request, replaceContainer: true })}`,
          exitCode: ExitCode.refused,
        }
      : {
          what: `the edge of ${environment} does not run`,
          state: 'nothing was changed',
          next: `./cogni host converge ${environment} starts it; where a replacement of its container was cut off: ${applyCommand({ ...request, replaceContainer: true })}`,
          exitCode: ExitCode.refused,
        },
  );
}

interface Context {
  readonly request: EdgeRequest;
  readonly facts: EdgeFacts;
  readonly difference: EdgeDifference;
}

const before = 'the edge serves as before';

/** The file that is to be loaded: the new one, or the one that is there where only what was loaded differs. */
const wanted = ({ difference }: Context): string =>
  difference.caddyfile ? edgeFiles.caddyfile.next : edgeFiles.caddyfile.file;

function lock({ request, facts }: Context): Step {
  const { who, from } = request.by;
  const { compose, caddyfile } = facts.hashes;
  const expected = [
    [compose, edgeFiles.compose.file],
    [caddyfile, edgeFiles.caddyfile.file],
  ].flatMap(([hash, file]) => (hash === undefined ? [] : [`${hash}  ${file}`]));
  return {
    id: 'lock',
    name: 'take the deploy lock',
    why: 'no deploy, and no other change of the edge, at the same time',
    actions: [
      holdLock(`${who} on ${from}, changing the edge since ${request.at.toISOString()}`),
      {
        // The plan was made from what was there before the lock was taken.
        do: 'run',
        command: hashesCommand,
        expect: { exit: [expected.length === 2 ? 0 : 1], stdout: { equals: expected.join('\n') } },
      },
    ],
    leaves: `${before}, or as another run has just left it`,
    next: `wait until the other run has ended, then ${applyCommand(request)}`,
  };
}

const changed = ({ difference }: Context): readonly EdgeFile[] => [
  ...(difference.compose ? [edgeFiles.compose] : []),
  ...(difference.caddyfile ? [edgeFiles.caddyfile] : []),
];

function stage(context: Context): Step {
  const { request } = context;
  const { folder } = layout.edge;
  const files = changed(context);
  return {
    id: 'stage',
    name: 'write the new files beside the old ones',
    why: 'what is there stays until the new is proven, and is what a restart would start meanwhile',
    actions: [
      {
        do: 'write',
        folder,
        files: files.map((file) => {
          const { content, mode } = renderedFile(request, file);
          return { path: file.next.slice(folder.length + 1), mode, content };
        }),
      },
    ],
    undo: files.map(({ next }) => remove(next)),
    leaves: before,
    next: `see that ${folder} on the host can be written to and has room, then ${applyCommand(request)}`,
  };
}

function pull({ request, facts }: Context): Step {
  const { image } = facts.rendered;
  return {
    id: 'pull',
    name: 'pull the image of the edge',
    why: 'while the old one serves: the time without an edge must hold no download',
    doneWhen: [
      {
        do: 'run',
        command: { argv: ['docker', 'image', 'inspect', '--format={{.Id}}', image], deadline: quick },
      },
    ],
    actions: [{ do: 'run', command: { argv: ['docker', 'pull', '--quiet', image], deadline: limits.pull } }],
    spends: 'pull',
    leaves: before,
    next: `see that the host reaches the registry, then ${applyCommand(request)}`,
    interruptible: true,
  };
}

/** In the container that will run it; where that is to be replaced, in a passing one of the image to come. */
function validate(context: Context): Step {
  const { request, facts, difference } = context;
  const passing = [
    ...['docker', 'run', '--rm', '--network=none'],
    ...[`--volume=${layout.edge.folder}/caddy:/etc/caddy:ro`, facts.rendered.image],
  ];
  // The new container starts with the file that is there, and is then told to load the new one.
  const files = difference.container
    ? [...(facts.hashes.caddyfile === undefined ? [] : [edgeFiles.caddyfile.file]), wanted(context)]
    : [wanted(context)];
  return {
    id: 'validate',
    name: 'have Caddy judge the configuration',
    why: 'the same binary in the same environment as will run it: what it refuses is never loaded',
    actions: [...new Set(files)].map((file) => {
      const words = ['caddy', 'validate', '--config', inContainer(file), '--adapter', 'caddyfile'];
      return {
        do: 'run',
        command: {
          argv: difference.container
            ? ([...passing, ...words] as unknown as RemoteCommand['argv'])
            : execInEdge(...words),
          deadline: limits.validate,
        },
      };
    }),
    leaves: before,
    next: `read what Caddy says above and mend services/edge or the record of ${request.environment}; ./cogni render ${request.environment} shows the file`,
  };
}

const up = (file: string): RemoteCommand => ({
  argv: [
    'docker',
    'compose',
    '--ansi=never',
    '--progress=plain',
    `--project-name=${layout.edge.project}`,
    `--project-directory=${layout.edge.folder}`,
    `--file=${file}`,
    'up',
    '--detach',
    '--no-deps',
    '--pull=never',
    '--wait',
    `--wait-timeout=${limits.start / 1000}`,
    layout.edge.service,
  ],
  deadline: limits.stop + limits.start,
});

function replace({ request, facts, difference }: Context): Step {
  const { service, project } = layout.edge;
  return {
    id: 'replace',
    name: 'replace the container of the edge',
    why: 'what it is made of has changed; the site does not answer until this step is done',
    actions: [
      { do: 'run', command: up(difference.compose ? edgeFiles.compose.next : edgeFiles.compose.file) },
    ],
    // Where the file that is there is the wanted one, there is nothing else to go back to.
    ...(difference.compose && facts.hashes.compose !== undefined
      ? { undo: [up(edgeFiles.compose.file)] }
      : {}),
    diagnose: [logsOf(service, project)],
    spends: 'start',
    leaves: 'the edge is made as before',
    next: `read the log of the edge above, then ${applyCommand(request)}`,
  };
}

const reload = (file: string): RemoteCommand => ({
  argv: execInEdge(
    'caddy',
    'reload',
    '--config',
    inContainer(file),
    '--adapter',
    'caddyfile',
    '--address',
    '127.0.0.1:2019',
  ),
  deadline: limits.load,
});

function loadStep(context: Context): Step {
  const { request, facts, difference } = context;
  const back = difference.caddyfile && facts.hashes.caddyfile !== undefined;
  return {
    id: 'load',
    name: 'load the configuration',
    why: 'Caddy starts the new one beside the old, and keeps the old one where that fails; loading what is loaded already does nothing',
    actions: [{ do: 'run', command: reload(wanted(context)) }],
    ...(back ? { undo: [reload(edgeFiles.caddyfile.file)] } : {}),
    diagnose: [logsOf(layout.edge.service, layout.edge.project)],
    leaves: before,
    next: `read what Caddy says above, then ${applyCommand(request)}`,
  };
}

function verify(context: Context): Step {
  return {
    id: 'verify',
    name: 'read back what the edge serves',
    why: 'the running Caddy is asked for its configuration, which must be what it makes of the file',
    actions: [
      {
        do: 'run',
        command: servesWhat(inContainer(wanted(context))),
        expect: { stdout: { equals: theSame } },
        retry: { every: 500, within: 10_000 },
      },
    ],
    leaves: before,
    next: `see who else changes the edge of ${context.request.environment}, then ${applyCommand(context.request)}`,
  };
}

/** What visitors get of an edge that is well: the application, or a page of the edge's own. */
export function gateCheck(
  { domain }: Pick<EdgeRequest, 'domain'>,
  { upstream, maintenance }: Pick<EdgeFacts, 'upstream' | 'maintenance'>,
): GateCheck {
  if (slotOf(upstream) !== undefined) return { url: `https://${domain}${app.paths.ready}`, status: 200 };
  const text = maintenance ? edgePages.maintenance : edgePages.noRelease;
  return { url: `https://${domain}/`, status: 503, text };
}

function gate({ request, facts }: Context): Step {
  return {
    id: 'gate',
    name: `ask https://${request.domain} from outside`,
    why: 'a configuration that loads may still not answer; what visitors do not get is taken back',
    actions: [
      {
        do: 'gate',
        checks: [gateCheck(request, facts)],
        retry: { every: 250, within: limits.gate, inARow: 3 },
      },
    ],
    diagnose: [logsOf(layout.edge.service, layout.edge.project)],
    leaves: before,
    next: `see with ./cogni status ${request.environment} whether the application is well, and read the log of the edge above, then ${applyCommand(request)}`,
    interruptible: true,
  };
}

function keep(context: Context): Step {
  return {
    id: 'keep',
    name: 'put the new files in the place of the old ones',
    why: 'from here on a restart starts what was proven',
    actions: changed(context).map(({ next, file }) => ({ do: 'run', command: rename(next, file) })),
    leaves: before,
    next: `see that ${layout.edge.folder} on the host can be written to, then ${applyCommand(context.request)}`,
  };
}
