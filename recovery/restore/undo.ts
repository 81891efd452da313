import { removeCopyContainer } from './steps-prepare';
import type { Plan, Step } from '../../deploy/step';
import { runtimeServices } from '../../services';
import { contextOf, type Context } from './context';
import { undoCommand, type UndoRequest } from './request';
import { lockStep, startSteps, stopSteps, tidyStep } from './steps-switch';
import { hasServed, type HostFacts } from './survey';

/** What a restore has done to the data that a host serves. */
type Done =
  /** Its data serve, or would: those of before lie aside, or there were none. */
  | 'switched'
  /** The data of before lie aside, and none are in their place. */
  | 'between'
  /** Nothing: its copy lies beside the data. */
  | 'nothing'
  /** It is not known here. */
  | 'unknown';

function doneBy(id: string, { data, order, copy, ready, kept }: HostFacts['volume']): Done {
  if (kept.includes(`before-${id}`)) return data === 'missing' ? 'between' : 'switched';
  if (order?.id !== id) return 'unknown';
  return ready && !copy && data === 'full' ? 'switched' : 'nothing';
}

/**
 * Takes a restore back, finished or cut off at any point, as data: the same renames the other way round. What it had brought, and what was
 * written to that since, is kept as `undone-<id>`. Pure.
 */
export function planUndo(request: UndoRequest, facts: HostFacts): Plan {
  const { environment, id } = request;
  const context = contextOf(request, facts, id, undoCommand(request, id));
  const done = doneBy(id, facts.volume);
  return {
    title: `take the restore ${id} of ${environment} back`,
    steps: [
      lockStep(context, `taking the restore ${id} of ${environment} back`),
      ...(done === 'nothing' ? [] : [...stopSteps(context), backStep(context, done)]),
      ...startSteps(context),
      tidyStep(context),
    ],
  };
}

function backStep({ id, volume, facts, again, before }: Context, done: Done): Step {
  return {
    id: 'back',
    name: 'put the data of before back in their place',
    why: done === 'between' ? 'one rename' : `two renames; what was restored is kept as undone-${id}`,
    actions: [{ do: 'run', command: volume.undo(id) }],
    undo: done === 'switched' ? [volume.redo(id)] : [],
    settles: !facts.services.includes(runtimeServices.postgres),
    leaves: before,
    next: again,
  };
}

/** Everything that speaks against it. Pure. */
export function undoFaults({ id, machine, replace }: UndoRequest, { volume }: HostFacts): readonly string[] {
  const done = doneBy(id, volume);
  const word = `${machine}@${id}`;
  const known = volume.kept.flatMap((name) => (name.startsWith('before-') ? [name.slice(7)] : []));
  const faults: (readonly [boolean, string])[] = [
    [
      done === 'unknown',
      `there is no restore ${id} on ${machine} that could be taken back${known.length === 0 ? '' : `; there is: ${known.join(', ')}`}`,
    ],
    [
      done === 'switched' && replace === undefined,
      `what was written since the restore is no longer served: --replace ${word} says that this is meant`,
    ],
    [
      replace !== undefined && replace !== word,
      `--replace ${replace} is not ${word}, which is what would be done`,
    ],
  ];
  return faults.flatMap(([holds, fault]) => (holds ? [fault] : []));
}

/** Removes what a finished restore, or its undo, keeps: from then on it cannot be taken back. Pure. */
export function planForget(request: UndoRequest, facts: HostFacts): Plan {
  const { environment, id } = request;
  const again = `./cogni restore ${environment} --forget ${id}`;
  const context = contextOf(request, facts, id, again);
  return {
    title: `forget what the restore ${id} of ${environment} keeps`,
    steps: [
      lockStep(context, `removing what the restore ${id} of ${environment} keeps`),
      {
        id: 'forget',
        name: 'remove the data that are kept',
        why: 'they take as much of the disk as the database did; the archive has what it has',
        actions: [
          { do: 'run', command: removeCopyContainer },
          { do: 'run', command: context.volume.forget(id) },
          // Of a restore that is over, and whose last step was lost.
          ...(facts.volume.order === undefined
            ? []
            : [{ do: 'run', command: context.volume.clean } as const]),
        ],
        leaves: 'some of the data that were kept may be gone',
        next: again,
      },
    ],
  };
}

/** Everything that speaks against it. Pure. */
export function forgetFaults({ id, machine, replace }: UndoRequest, facts: HostFacts): readonly string[] {
  const { volume } = facts;
  const word = `${machine}@${id}`;
  const faults: (readonly [boolean, string])[] = [
    [
      !volume.kept.some((name) => name.endsWith(`-${id}`)),
      `nothing is kept of a restore ${id}${volume.kept.length === 0 ? '' : `; there is: ${volume.kept.join(', ')}`}`,
    ],
    [
      volume.data !== 'full' || (volume.order !== undefined && !hasServed(facts)),
      'a restore was cut off: go on with it, or take it back, before anything is removed',
    ],
    [
      replace !== word,
      `the restore cannot be taken back any more: --replace ${word} says that this is meant`,
    ],
  ];
  return faults.flatMap(([holds, fault]) => (holds ? [fault] : []));
}
