import { ExitCode, Failure } from '../../foundation/failure';
import { app, edgePages, slotOf } from '../../services';
import { holdLock } from '../lock/hold';
import { execInEdge, logsOf, quick } from '../rolling/commands';
import { layout } from '../rolling/layout';
import type { GateCheck, Plan, Step } from '../step';
import type { RemoteCommand } from '../transport';
import { before, limits, type EdgeContext } from './context';
import { replace, stateAfter } from './replace';
import { applyCommand, edgeFiles, inContainer, type EdgeRequest } from './request';
import { servesWhat, theSame } from './serves';
import { keep, stage, tidy } from './steps-files';
import { differenceOf, hashesCommand, type EdgeDifference, type EdgeFacts } from './survey';

export interface EdgePlan extends Plan {
  /** What of the edge is not as rendered; all false in a plan without steps. */
  readonly difference: EdgeDifference;
  /** What the change costs visitors, in sentences: to be said before it is made. */
  readonly costs: readonly string[];
}

const costsOf = {
  reload:
    'loading a changed configuration closes the idle connections of clients: requests that are on their way on one are lost (measured: about 62 each time, of 200 a second over HTTP/1.1 and 60 over HTTP/2), and WebSockets are closed',
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
      ...(difference.compose || difference.caddyfile ? [keep(context), tidy(context)] : []),
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

/** The file that is to be loaded: the new one, or the one that is there where only what was loaded differs. */
const wanted = ({ difference }: EdgeContext): string =>
  difference.caddyfile ? edgeFiles.caddyfile.next : edgeFiles.caddyfile.file;

function lock(context: EdgeContext): Step {
  const { request, facts } = context;
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
        overtaken:
          'another run has changed the files of the edge since this one looked at the host, and has let the lock go: this plan fits no more',
      },
    ],
    leaves: `${before(context)}, or as another run has just left it`,
    next: `wait until the other run has ended, then ${applyCommand(request)}`,
  };
}

function pull(context: EdgeContext): Step {
  const { request, facts } = context;
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
    leaves: before(context),
    next: `see that the host reaches the registry, then ${applyCommand(request)}`,
    interruptible: true,
  };
}

/** In the container that will run it; where that is to be replaced, in a passing one of the image to come. */
function validate(context: EdgeContext): Step {
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
    leaves: before(context),
    next: `read what Caddy says above and mend services/edge or the record of ${request.environment}; ./cogni render ${request.environment} shows the file`,
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

function loadStep(context: EdgeContext): Step {
  const { request, facts, difference } = context;
  const back = difference.caddyfile && facts.hashes.caddyfile !== undefined;
  return {
    id: 'load',
    name: 'load the configuration',
    why: 'Caddy starts the new one beside the old, and keeps the old one where that fails; loading what is loaded already does nothing',
    actions: [{ do: 'run', command: reload(wanted(context)) }],
    ...(back ? { undo: [reload(edgeFiles.caddyfile.file)] } : {}),
    diagnose: [logsOf(layout.edge.service, layout.edge.project)],
    leaves: stateAfter(context),
    next: `read what Caddy says above, then ${applyCommand(request)}`,
  };
}

function verify(context: EdgeContext): Step {
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
    leaves: stateAfter(context),
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

function gate(context: EdgeContext): Step {
  const { request, facts } = context;
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
    leaves: stateAfter(context),
    next: `see with ./cogni status ${request.environment} whether the application is well, and read the log of the edge above, then ${applyCommand(request)}`,
    interruptible: true,
  };
}
