import { z } from 'zod';
import { Failure } from '../foundation/failure';
import { edgePages } from '../services';
import { quick, remove, rename } from './rolling/commands';
import { syncFiles } from './rolling/file-moves';
import { layout } from './rolling/layout';
import type { Plan, Step } from './step';
import type { RemoteCommand, Transport } from './transport';

/**
 * Maintenance of a site: a file beside that of the active upstream, which the edge looks for on each request. On and off is
 * one rename, without a reload; a reboot changes nothing.
 */

const noteSchema = z.object({
  /** UTC. */
  since: z.string(),
  by: z.object({ who: z.string(), from: z.string() }),
  reason: z.string().optional(),
});

/** What the file says, for whoever asks; the edge only looks whether it is there. */
export type MaintenanceNote = Readonly<z.infer<typeof noteSchema>>;

export type MaintenanceState =
  | { readonly state: 'off' }
  /** The note is undefined where somebody else made the file. */
  | { readonly state: 'on'; readonly note: MaintenanceNote | undefined };

const file = layout.edge.maintenance;
const { folder } = layout.edge.upstream;
const next = '.maintenance.next';
/** Where the file waits for the rename that puts it in its place; a run that is cut off leaves it. */
export const maintenanceNext = `${folder}/${next}`;

/** Whether there is such a file, and what it says. A missing one is no failure: `find` says nothing then. */
export const askMaintenance: RemoteCommand = {
  argv: [
    'find',
    folder,
    '-maxdepth',
    '1',
    '-path',
    file,
    '-printf',
    'on\\n',
    '-exec',
    'cat',
    '--',
    '{}',
    ';',
  ],
  deadline: quick,
};

/** @throws Failure when the host has no edge to ask */
export async function readMaintenance(transport: Transport, environment: string): Promise<MaintenanceState> {
  const { code, stdout, stderr } = await transport.run(askMaintenance);
  if (code === 0) return parseMaintenance(stdout);
  throw new Failure({
    what: `${transport.describe()} does not say whether it is under maintenance: ${stderr.trim() || `exit code ${code ?? 'none'}`}`,
    next: `./cogni host check ${environment}`,
  });
}

export function parseMaintenance(text: string): MaintenanceState {
  if (!text.startsWith('on\n')) return { state: 'off' };
  try {
    return { state: 'on', note: noteSchema.parse(JSON.parse(text.slice(3))) };
  } catch {
    return { state: 'on', note: undefined };
  }
}

export interface MaintenanceRequest {
  readonly environment: string;
  /** Host name of its site. */
  readonly domain: string;
  readonly by: { readonly who: string; readonly from: string };
  /** For operators; visitors do not see it. @default - none */
  readonly reason?: string;
  readonly at: Date;
}

/** The steps that switch it on, and see that visitors get the page. Pure. */
export function planMaintenanceOn(request: MaintenanceRequest, before: MaintenanceState): Plan {
  const { environment, domain } = request;
  const on = maintenanceOn(request, before);
  const prove: Step = {
    id: 'prove',
    name: `see that https://${domain} is under maintenance`,
    why: 'an edge that was started before it knew of maintenance does not look for the file',
    actions: [
      {
        do: 'gate',
        checks: [{ url: `https://${domain}/`, status: 503, text: edgePages.maintenance }],
        retry: { every: 500, within: 10_000 },
      },
    ],
    leaves: on.leaves,
    next: `./cogni edge apply ${environment} --dry-run says whether the edge differs from what is rendered today, and without --dry-run brings it there`,
    interruptible: true,
  };
  return { title: `maintenance of ${environment}`, steps: [on, prove] };
}

/** The step that switches it on. Pure. */
export function maintenanceOn(
  { environment, by, reason, at }: Omit<MaintenanceRequest, 'domain'>,
  before: MaintenanceState,
): Step {
  const since = before.state === 'on' ? before.note?.since : undefined;
  const note: MaintenanceNote = {
    since: since ?? at.toISOString(),
    by,
    ...(reason === undefined ? {} : { reason }),
  };
  return {
    id: 'on',
    name: 'switch maintenance on',
    why: 'the edge looks for this file on each request: nothing is reloaded, nobody is cut off',
    actions: [
      {
        do: 'write',
        folder,
        files: [{ path: next, mode: 0o644, content: `${JSON.stringify(note)}\n` }],
      },
      // Maintenance must still be on, and its note whole, after a power failure.
      ...[syncFiles(folder, [next], []), rename(maintenanceNext, file), onDisk].map((command) => ({
        do: 'run' as const,
        command,
      })),
    ],
    // One that was on before stays on.
    ...(before.state === 'on' ? {} : { undo: [removal] }),
    cleanUp: [remove(maintenanceNext)],
    leaves: before.state === 'on' ? 'maintenance is on, as before' : 'maintenance is off, as before',
    next: `see that ${folder} on the host can be written to, then ./cogni maintenance on ${environment}`,
  };
}

/** Which files the folder has. */
const onDisk = syncFiles(folder, [], []);

const removal: RemoteCommand = { argv: ['rm', '--force', '--', file], deadline: quick };

/** The plan of {@link maintenanceOff}. Pure. */
export const planMaintenanceOff = ({ environment }: Pick<MaintenanceRequest, 'environment'>): Plan => ({
  title: `end of the maintenance of ${environment}`,
  steps: [maintenanceOff(environment)],
});

/** The step that switches it off, also where it is off. Pure. */
export const maintenanceOff = (environment: string): Step => ({
  id: 'off',
  name: 'switch maintenance off',
  why: 'from the next request on the application answers again',
  actions: [
    { do: 'run', command: removal },
    { do: 'run', command: { argv: ['test', '!', '-e', file], deadline: quick } },
    { do: 'run', command: remove(maintenanceNext) },
    { do: 'run', command: onDisk },
  ],
  leaves: 'maintenance may still be on, or be on again after a power failure',
  next: `./cogni maintenance status ${environment}`,
});
