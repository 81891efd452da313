import { busy, oneAtATime } from '../lock/one-at-a-time';
import { logsOf } from '../rolling/commands';
import { layout } from '../rolling/layout';
import type { Step } from '../step';
import type { RemoteCommand } from '../transport';
import { before, limits, run, type EdgeContext } from './context';
import { applyCommand, edgeFiles } from './request';

/** Milliseconds that Docker Compose may be at work at it. */
export const atWorkAtMost = limits.stop + limits.start;

/** One at a time: that of a run that was killed goes on, and two of one project would be in each other's way. */
const alone = (...argv: RemoteCommand['argv']): RemoteCommand =>
  oneAtATime({ argv, deadline: atWorkAtMost }, layout.edge.atWork);

const up = (file: string): RemoteCommand =>
  alone(
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
  );

/** Old containers end and new ones start in this step alone. */
export function replace(context: EdgeContext): Step {
  const { request, difference } = context;
  const { service, project } = layout.edge;
  return {
    id: 'replace',
    name: 'replace the container of the edge',
    why: 'what it is made of has changed; the site does not answer until this step is done',
    actions: [
      {
        ...run(up(difference.compose ? edgeFiles.compose.next : edgeFiles.compose.file)),
        ...busy('Docker Compose', 'the edge'),
      },
    ],
    diagnose: [logsOf(service, project)],
    spends: 'start',
    ...goingBack(context),
    next: `read the log of the edge above, then ${applyCommand(request)}`,
  };
}

/** What there is to go back to from a new container, and what is so where that fails. */
function goingBack({ facts, difference }: EdgeContext): Pick<Step, 'undo' | 'leaves' | 'unlessTakenBack'> {
  if (difference.compose && facts.hashes.compose !== undefined) {
    return {
      undo: [up(edgeFiles.compose.file)],
      leaves: facts.running
        ? 'the edge serves as before, made from the file that was there'
        : 'the edge did not run before; it was started from the file that was there',
    };
  }
  // No file makes the old one again: it can be started for as long as it has not been removed, and else this fails.
  if (facts.running && facts.container !== undefined) {
    return {
      undo: [alone('docker', 'start', facts.container)],
      leaves: 'the edge serves as before, from the container of before',
      unlessTakenBack:
        'the container of before may have been removed, and nothing on the host says how it was made: where the edge runs, it is as rendered today',
    };
  }
  return { leaves: 'the edge did not run before; where it runs now, it is as rendered today' };
}

/** The state that a step leaves once the container may have been replaced, after everything was taken back that can be. */
export const stateAfter = (context: EdgeContext): string =>
  context.difference.container ? goingBack(context).leaves : before(context);
