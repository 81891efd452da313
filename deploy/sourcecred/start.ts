import { waitBudgets } from '../../services';
import { sourcecred } from '../../services/sourcecred/sourcecred';
import { busy, oneAtATime } from '../lock/one-at-a-time';
import { logsOf, quick } from '../rolling/commands';
import type { Step } from '../step';
import type { RemoteCommand } from '../transport';
import { application, before, has, moved, run, type SourcecredContext } from './context';
import { applyCommand, composeOn, place } from './request';
import { isMadeFromFiles } from './survey';

const minutes = (count: number): number => count * 60_000;

/** Milliseconds. */
export const limits = {
  pull: minutes(10),
  /** To end the old container, which has half a minute, and to make and start the new one. */
  make: minutes(2),
  healthy: waitBudgets.sourcecred.toMilliseconds(),
} as const;

/** The files that the new container is made from. */
const wanted = (context: SourcecredContext): { compose: string; settings: string } => ({
  compose: has(context, 'compose.yaml') ? place.next.compose : place.compose,
  settings: has(context, '.env') ? place.next.settings : place.settings,
});

/** One at a time: that of a run that was killed goes on, and two of one project would be in each other's way. */
const alone = (...argv: RemoteCommand['argv']): RemoteCommand =>
  oneAtATime({ argv, deadline: limits.make }, place.atWork);

const up = (files: { compose: string; settings: string }): RemoteCommand =>
  alone(...composeOn(files), ...['up', '--detach', '--pull=never', '--remove-orphans', sourcecred.service]);

/** Is over within seconds, and never cut in two: what waits for minutes comes after it, and changes nothing. */
export function start(context: SourcecredContext): Step {
  return {
    id: 'start',
    name: 'start SourceCred',
    why: 'from the new files',
    actions: [{ ...run(up(wanted(context))), ...busy('Docker Compose', 'SourceCred') }],
    diagnose: [logsOf(sourcecred.service, place.project)],
    spends: 'start',
    ...goingBack(context),
    next: `read its log above, then ${applyCommand(context.request)}`,
  };
}

/** What there is to go back to from the new container, and what is so where that fails. */
function goingBack(context: SourcecredContext): Pick<Step, 'undo' | 'leaves' | 'unlessTakenBack'> {
  const { container, hashes } = context.facts;
  const rest = `its data are untouched, and ${application}`;
  const leaves = `${before(context)}; ${rest}`;
  if (container === undefined) {
    const rm = ['rm', '--stop', '--force', sourcecred.service] as const;
    return { undo: [alone('docker', 'compose', `--project-name=${place.project}`, ...rm)], leaves };
  }
  const known = hashes['compose.yaml'] !== undefined && hashes['.env'] !== undefined;
  // What ran before is told to run again, and is not waited for: it has its data.
  if (known && moved(context).files.length > 0) {
    const undo = [up(place)];
    if (!container.running)
      return {
        undo,
        leaves: `SourceCred did not run before; it was started from the files that were there; ${rest}`,
      };
    return {
      undo,
      leaves: isMadeFromFiles(context.facts) ? leaves : `made anew from the files that were there, ${leaves}`,
    };
  }
  // No file makes the old one again: it can be started for as long as it has not been removed, and else this fails.
  if (container.running) {
    return {
      undo: [alone('docker', 'start', container.id)],
      leaves,
      unlessTakenBack:
        'the container of before may have been removed, and nothing on the host says how it was made: where SourceCred runs, it is as rendered today',
    };
  }
  return {
    leaves: `SourceCred did not run before; where it runs now, it is as rendered today; ${rest}`,
  };
}

/** Changes nothing: a run that is cancelled or killed meanwhile leaves nothing at work that its like would meet. */
export function wait(context: SourcecredContext): Step {
  const words = ['up', '--detach', '--no-recreate', '--no-deps', '--pull=never', '--wait'];
  return {
    id: 'wait',
    name: 'wait until SourceCred is healthy',
    why: 'it is once it has something to show, which the first time takes minutes',
    actions: [
      run({
        argv: [
          ...composeOn(wanted(context)),
          ...words,
          `--wait-timeout=${limits.healthy / 1000}`,
          sourcecred.service,
        ],
        deadline: limits.healthy + quick,
      }),
    ],
    diagnose: [logsOf(sourcecred.service, place.project)],
    spends: 'start',
    leaves: stateAfter(context),
    next: `read its log above (a token that GitHub does not take, a repository that is not there), then ${applyCommand(context.request)}`,
    interruptible: true,
  };
}

/** The state that is left once the container may have been made anew, after everything was taken back that can be. */
export const stateAfter = (context: SourcecredContext): string => goingBack(context).leaves;
