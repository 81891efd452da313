import { forgetChange, type FileChange, type FilePlaces } from '../file-change';
import type { FileToWrite, RunAction } from '../step';
import type { RemoteCommand } from '../transport';
import { place, type SourcecredRequest } from './request';
import type { SourcecredFacts } from './survey';

/** What every step of a change of SourceCred is made from. */
export interface SourcecredContext {
  readonly request: SourcecredRequest;
  readonly facts: SourcecredFacts;
  readonly changed: readonly FileToWrite[];
  /** Folders of configurations that nothing mounts any more. */
  readonly gone: readonly string[];
}

/** The state that a step leaves before the container is touched. */
export const before = ({ facts }: SourcecredContext): string =>
  facts.container?.running ? 'SourceCred runs as before' : 'SourceCred does not run, as before';
export const application = 'the application is not concerned';

export const has = ({ changed }: SourcecredContext, name: string): boolean =>
  changed.some(({ path }) => path === name);

/** Files that have to wait for their place; those of a configuration have one of their own. */
export const moved = (context: SourcecredContext): FileChange => ({
  top: place.folder,
  files: (['compose', 'settings'] as const)
    .filter((which) => has(context, nameOf(place[which])))
    .map((which) => ({
      ...placesOf(which),
      there: context.facts.hashes[nameOf(place[which])] !== undefined,
    })),
});

/** Of a file, below the folder. */
export const nameOf = (file: string): string => file.slice(place.folder.length + 1);

const placesOf = (which: 'compose' | 'settings'): FilePlaces => ({
  file: place[which],
  next: place.next[which],
  previous: place.previous[which],
});

/** Removes what a change has put beside the files, also one of a run that was killed. */
export const forget = forgetChange([placesOf('compose'), placesOf('settings')]);

export const run = (command: RemoteCommand): RunAction => ({ do: 'run', command });
