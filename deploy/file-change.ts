import { quick, remove, rename } from './rolling/commands';
import { syncFiles } from './rolling/file-moves';
import type { Step } from './step';
import type { RemoteCommand } from './transport';

/** Where a file of a host is that a new one takes the place of, once that is proven; all of it absolute, in one folder. */
export interface FilePlaces {
  readonly file: string;
  /** The new one, until then. */
  readonly next: string;
  /** A copy of the old one, until the new one is on the disk. */
  readonly previous: string;
}

/** Where files change that are below one folder. */
export interface FileChange {
  /** That folder, absolute. */
  readonly top: string;
  readonly files: readonly (FilePlaces & {
    /** Whether there is an old one. */
    readonly there: boolean;
  })[];
}

const below = (top: string, path: string): string => path.slice(top.length + 1);

/**
 * After the new files were written: they are put onto the disk, so that none of them is found cut short after a power failure, and
 * the old ones are copied.
 *
 * @param more other files that were written with them, below the same folder
 */
export const makeReady = (
  { top, files }: FileChange,
  more: readonly string[] = [],
): readonly RemoteCommand[] => [
  syncFiles(top, [...files.map(({ next }) => below(top, next)), ...more], []),
  ...files
    .filter(({ there }) => there)
    .map(({ file, previous }): RemoteCommand => ({
      argv: ['cp', '--archive', '--force', '--no-target-directory', '--', file, previous],
      deadline: quick,
    })),
];

/** The new files take the place of the old ones. */
const takePlace = ({ files }: FileChange): readonly RemoteCommand[] =>
  files.map(({ next, file }) => rename(next, file));

/** The old files have their places again, however many of the new ones had taken them. */
const givePlaceBack = ({ files }: FileChange): readonly RemoteCommand[] =>
  files.map(({ there, previous, file }) => (there ? rename(previous, file) : remove(file)));

/**
 * The end of a change: the files are what was proven.
 *
 * @param own what is left where it fails, and what to do then
 */
export const keepFiles = (change: FileChange, own: Pick<Step, 'leaves' | 'next'>): Step => ({
  id: 'keep',
  name: 'put the new files in the place of the old ones',
  why: 'from here on a restart starts what was proven',
  actions: takePlace(change).map((command) => ({ do: 'run', command })),
  undo: givePlaceBack(change),
  settles: true,
  unlessTakenBack: 'some of the new files may be in the place of the old ones',
  ...own,
});

/**
 * What is in which place now is so after a power failure too: their folders are put onto the disk, not the whole file system. Whether
 * that goes well says nothing of what is in place, so it belongs behind what settles a plan.
 */
export const settlePlaces = ({ top, files }: FileChange): RemoteCommand =>
  syncFiles(
    top,
    [],
    files.map(({ file }) => below(top, file)),
  );

/** Removes what was beside files for a change, also of a run that was killed. */
export const forgetChange = (files: readonly FilePlaces[]): readonly RemoteCommand[] =>
  files.flatMap(({ next, previous }) => [remove(next), remove(previous)]);
