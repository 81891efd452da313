import type { Sensitive } from '../../foundation/secret';
import { checkpointBytes, copyFiles, copyFolder } from '../../services';
import type { Checkpoint } from '../backup/checkpoint';
import { targetText, type Chosen } from '../backup/choose';
import type { Step } from '../step';
import type { RemoteCommand } from '../transport';

/** Where a copy of a database is put together: how its program is run there (`services/archive/copy.ts`). */
export interface CopyPlace {
  /** Container that has the key of the archive. */
  readonly archive: string;
  /** Container that runs the copy's server; the same one, or one without key and network. */
  readonly server: string;
  /** What its failures leave, and what to run then. */
  readonly leaves: string;
  readonly next: string;
}

/** Milliseconds: for a database of many gigabytes over a slow line. */
const work = 12 * 60 * 60_000;

/** Milliseconds for what only asks. */
const question = 5 * 60_000;

/** Runs the program of a copy in one of its containers. */
export const copyCommand = (
  container: string,
  words: readonly string[],
  deadline = question,
  stdin?: Sensitive,
): RemoteCommand => ({
  argv: [
    'docker',
    'exec',
    ...(stdin === undefined ? [] : ['--interactive']),
    container,
    '/bin/sh',
    `${copyFolder}/${copyFiles.program}`,
    ...words,
  ],
  ...(stdin === undefined ? {} : { stdin }),
  deadline,
});

/** As a server's configuration takes it: it knows no `T` and no `Z` there. */
const serverTime = (at: Date): string => at.toISOString().replace('T', ' ').replace('Z', '+00');

/** What the program of a copy takes for a target. */
function aim(
  { target }: Chosen,
  checkpoint: Checkpoint | undefined,
): readonly [kind: string, target: string] {
  switch (target.kind) {
    case 'end':
      return ['end', ''];
    case 'time':
      return ['time', serverTime(target.at)];
    case 'name':
      return ['name', target.name];
    case 'backup': {
      const recorded = checkpoint?.databases.at(-1)?.point;
      return recorded === undefined ? ['immediate', ''] : ['name', recorded];
    }
  }
}

/** Brings the backup's files, without their log. A copy that was begun before is begun anew. */
export function restoreStep(
  { archive, server, leaves, next }: CopyPlace,
  { backup: { label } }: Chosen,
  checkpoint: Checkpoint | undefined,
): Step {
  return {
    id: 'restore',
    name: `restore the backup ${label} into a copy`,
    why: 'out of the archive, and beside whatever is there',
    actions: [
      { do: 'run', command: copyCommand(server, ['stop']) },
      ...(checkpoint === undefined
        ? []
        : [{ do: 'run', command: copyCommand(archive, ['recorded', label]) } as const]),
      { do: 'run', command: copyCommand(archive, ['restore', label], work) },
    ],
    spends: 'pull',
    leaves,
    next,
    interruptible: true,
  };
}

/**
 * Brings the copy to each moment of the checkpoint in turn, and compares each table of its database: none where nothing was recorded, and
 * none for a target that may lie before those moments.
 */
export function compareSteps(
  { server, leaves, next }: CopyPlace,
  { timeline, target }: Chosen,
  checkpoint: Checkpoint | undefined,
): readonly Step[] {
  const databases = checkpoint?.databases ?? [];
  const later = databases.some(({ at }) => target.kind === 'time' && at > target.at);
  if (target.kind === 'name' || later) return [];
  return databases.map(({ name, point }, index) => ({
    id: `compare-${index + 1}`,
    name: `compare the database ${name} with what was recorded`,
    why: 'rows and checksums of each table, at the very moment of the log that was recorded',
    actions: [
      {
        do: 'run',
        command: copyCommand(server, ['at', 'name', point, String(timeline), 'pause'], work),
      },
      {
        do: 'run',
        // The copy's tables may be a little larger: what was read must be read again.
        command: copyCommand(server, ['same', String(index + 1), name, String(2 * checkpointBytes)], work),
      },
    ],
    leaves,
    next: `the backup is not what the database was: ${next}`,
    interruptible: true,
  }));
}

/**
 * Brings the copy to its target: promoted, it is a database of its own, with a timeline that nobody has seen yet.
 *
 * @param upTo the last piece of log that leads on from the backup: a server that cannot read on takes that for the end. It must get to it where the newest
 *   moment is wanted, and where a moment in time is that no later commit follows in the log, which is then its end
 * @param since that end is the moment only where the last commit or checkpoint in the log is not before this. @default whatever is last in it
 */
export function reachStep(
  { server, leaves, next }: CopyPlace,
  chosen: Chosen,
  checkpoint: Checkpoint | undefined,
  upTo?: string,
  since?: Date,
): Step {
  const { kind } = chosen.target;
  const known = upTo === undefined ? [] : [upTo];
  const surely = since === undefined ? [] : [serverTime(since)];
  const begin = copyCommand(
    server,
    [
      ...['at', ...aim(chosen, checkpoint), String(chosen.timeline), 'promote'],
      ...(kind === 'time' ? known.flatMap((last) => [last, ...surely]) : []),
    ],
    work,
  );
  return {
    id: 'reach',
    name: `bring the copy to ${targetText(chosen.target)}`,
    why: 'through all log from the backup on: a piece that is missing shows here',
    actions: [
      { do: 'run', command: begin },
      ...(kind === 'end' ? known : []).map(
        (last) => ({ do: 'run', command: copyCommand(server, ['came', last]) }) as const,
      ),
      { do: 'run', command: copyCommand(server, ['newest']) },
    ],
    spends: 'migration',
    leaves,
    next:
      since === undefined
        ? next
        : `where a --to is named above, that one, or the same as now once a backup has sent all later log; ${next}`,
    interruptible: true,
  };
}
