import { commandFailure } from '../../foundation/process';
import { holdLock } from '../lock/hold';
import { busy, oneAtATime } from '../lock/one-at-a-time';
import { quick, remove } from '../rolling/commands';
import { layout } from '../rolling/layout';
import type { Plan } from '../step';
import type { RemoteCommand, Transport } from '../transport';
import { atWorkAtMost } from './replace';
import { applyCommand, edgeFiles, type EdgeFile, type EdgeRequest } from './request';
import { containerCommand, type EdgeFacts } from './survey';

/** Every place of a file but its own: where versions of it wait while a run brings it. */
const beside = (each: EdgeFile): readonly string[] =>
  Object.values<string>({ ...each }).filter((place) => place !== each.file && place !== each.path);

const waiting = Object.values(edgeFiles).flatMap(beside);

/** A missing one is no failure: `find` names what is there. */
const question: RemoteCommand = {
  argv: [
    ...(['find', layout.edge.folder, '-maxdepth', '2', '-type', 'f', '('] as const),
    ...waiting.flatMap((place, index) => [...(index === 0 ? [] : ['-o']), '-path', place]),
    ')',
  ],
  deadline: quick,
};

/**
 * Versions of the edge's files that wait beside them: of a run that was cut off, unless one is under way.
 *
 * @throws Failure when the host does not say
 */
export async function findWaiting(transport: Transport, request: EdgeRequest): Promise<readonly string[]> {
  const output = await transport.run(question);
  if (output.code === 0) return output.stdout.split('\n').filter(Boolean).sort();
  throw commandFailure(
    { ...question, argv: ['find'] },
    { ...output, stdout: '' },
    {
      what: `${transport.describe()} does not say what lies in ${layout.edge.folder}`,
      state: 'nothing was changed',
      next: `./cogni host check ${request.environment}`,
    },
  );
}

/** The steps that remove them, where the edge is as rendered and no other plan would. Pure. */
export function planSweep(
  request: EdgeRequest,
  files: readonly string[],
  { madeFrom, container }: EdgeFacts,
): Plan {
  const { who, from } = request.by;
  const leaves = 'the edge serves what is rendered';
  return {
    title: `tidy the edge of ${request.environment}`,
    steps: [
      {
        id: 'lock',
        name: 'take the deploy lock',
        why: 'files that wait while nobody holds it wait for nobody',
        actions: [holdLock(`${who} on ${from}, tidying the edge since ${request.at.toISOString()}`)],
        leaves,
        next: `wait until the other run has ended, then ${applyCommand(request)}`,
      },
      {
        id: 'look',
        name: 'see that its container is still the one that was looked at',
        why: 'a run that was killed since may have left Docker Compose at work, which replaces it: the edge is then not what is rendered',
        actions: [
          {
            do: 'run',
            command: oneAtATime({ ...containerCommand, deadline: atWorkAtMost }, layout.edge.atWork),
            expect: { stdout: { equals: ['running', madeFrom, container].join('\t') } },
            overtaken:
              'another run has replaced the container of the edge since this one looked at the host: this plan fits no more',
            ...busy('Docker Compose', 'the edge'),
          },
        ],
        leaves: 'the edge is as another run has just left it',
        next: applyCommand(request),
      },
      {
        id: 'sweep',
        name: 'remove what a run that was cut off has left',
        why: 'it differs from nothing that is rendered today, so no change of the edge would take its place',
        actions: files.map((file) => ({ do: 'run', command: remove(file) })),
        leaves,
        next: `see that ${layout.edge.folder} on the host can be written to, then ${applyCommand(request)}`,
      },
    ],
  };
}
