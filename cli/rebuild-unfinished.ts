import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../foundation/clock';
import { ExitCode, Failure } from '../foundation/failure';
import { withFileLock } from '../foundation/file-lock';
import type { Progress } from '../foundation/progress';
import type { IdentityReport } from '../recovery/identity/look';
import {
  abandonFaults,
  anewFaults,
  goingOnFaults,
  livesAgainFaults,
  mayLiveAgain,
} from '../recovery/rebuild/going-on';
import { begunIn, findUnfinished, type RebuildJournal, type RebuildStory } from '../recovery/rebuild/journal';
import { rebuildReport } from '../recovery/rebuild/report';
import type { Environment } from '../stacks/environment';
import { environmentFolder } from '../stacks/here';
import { givenUpKeysFile } from './host-access';
import { identityHere } from './host-identity';
import { printResult, type OutputOptions } from './output';
import { alone, synthesizeHere } from './plan-target';
import { goOnCommand, type RebuildOptions } from './rebuild-options';

/** A rebuild that was begun and is not done, and what speaks against going on with it. */
export interface Unfinished {
  readonly story: RebuildStory;
  /** What was found of the host; undefined where what is given up is out of the way, or something else is asked for. */
  readonly identity: IdentityReport | undefined;
  /** What came last of each stage that was begun. */
  readonly stages: readonly { readonly stage: string; readonly outcome: string }[];
  readonly faults: readonly string[];
  /** What to do about the faults. */
  readonly next: string;
}

/** The part of an environment that tells of its host. */
export type HostOf = Pick<Environment, 'name' | 'host'>;

/** Journals and reports of the rebuilds of an environment. */
export const rebuildFolder = (name: string): string => join(environmentFolder(name), 'rebuild');

/** One of them at a time on this machine. */
export const rebuildLock = (name: string): string => join(environmentFolder(name), 'rebuild.lock');

/**
 * Looks at the rebuild that would be gone on with. Changes nothing. While what it gives up is not out of the way, the host is looked at again: it may
 * have come back since, days ago.
 *
 * @param identify asks state, inventory and host
 * @returns undefined where none is gone on with: none was begun, none of its stages was, or another one is to take its place
 */
export async function lookAtUnfinished(
  { name, host }: HostOf,
  unfinished: RebuildJournal | undefined,
  given: RebuildOptions,
  progress: Progress,
  identify: (of: HostOf) => Promise<IdentityReport> = identityNow,
): Promise<Unfinished | undefined> {
  const story = unfinished?.story();
  if (story === undefined || given.anew !== undefined) return undefined;
  const { begun } = story;
  if (!story.lines.some((line) => line.kind === 'stage-begun')) return undefined;
  const found = { story, stages: lastOutcomes(story) };
  const others = goingOnFaults(begun, host.name, given);
  if (others.length > 0) {
    const next = `go on with it: ${goOnCommand(name, begun, given)}; where it cannot come to its end any more, this command with --anew ${begun.id} begins another one in its place`;
    return { ...found, identity: undefined, faults: others, next };
  }
  // A run that was cut off behind the move of the keys has not written that it was done.
  const isAside = existsSync(givenUpKeysFile(name, begun.id));
  if (isAside || !mayLiveAgain(story)) return { ...found, identity: undefined, faults: [], next: '' };
  const identity = await progress.step('look at state, inventory and host', () => identify({ name, host }), {
    why: 'what is given up is not out of the way yet, and may have come back since the rebuild was begun',
    describe: ({ verdict }) => verdict.id,
  });
  return {
    ...found,
    identity,
    faults: livesAgainFaults(story, identity, given.lost),
    next: `where the host is to live on: ./cogni rebuild ${name} --abandon ${begun.id} ends the rebuild, then ./cogni host check ${name}`,
  };
}

async function identityNow({ name, host }: HostOf): Promise<IdentityReport> {
  if (host.kind !== 'existing') await alone(`cogni rebuild ${name}`, synthesizeHere);
  return identityHere(name);
}

function lastOutcomes(story: RebuildStory): Unfinished['stages'] {
  const last = new Map(rebuildReport(story).stages.map(({ stage, outcome }) => [stage, outcome]));
  return [...last].map(([stage, outcome]) => ({ stage, outcome }));
}

/**
 * The rebuild to go on with; undefined where another one is to begin.
 *
 * @throws Failure (exit code 3) where another one is asked for, or the host that it gives up lives again
 */
export async function goneOnWith(
  environment: HostOf,
  unfinished: RebuildJournal | undefined,
  given: RebuildOptions,
  progress: Progress,
  identify: (of: HostOf) => Promise<IdentityReport> = identityNow,
): Promise<RebuildJournal | undefined> {
  const look = await lookAtUnfinished(environment, unfinished, given, progress, identify);
  if (unfinished === undefined || look === undefined) return undefined;
  const { story, identity, faults, next } = look;
  const { begun } = story;
  if (faults.length > 0) {
    throw new Failure({
      what: `the rebuild ${begun.id} of ${environment.name} is not done, and ${identity === undefined ? 'is another one than is asked for' : 'its host is not as it was when it was begun'}`,
      faults,
      state: `as it was left: ${unfinished.file}${identity === undefined ? '' : takenSoFar(environment.name, story)}`,
      next,
      exitCode: ExitCode.refused,
    });
  }
  progress.note(`going on with the rebuild ${begun.id}, begun by ${begun.by.who} on ${begun.by.from}`);
  return unfinished;
}

/** What may be another on a host that lives on. */
const takenSoFar = (name: string, story: RebuildStory): string =>
  begunIn(story, 'fence')
    ? `; of "fence" a part may be done: name, label, floating addresses and power of the server (the provider’s console shows them, and ./cogni plan ${name} what differs from the record)`
    : '';

/** @throws Failure (exit code 3) for a word that names no rebuild which was begun */
export function requireAnew(
  name: string,
  anew: string | undefined,
  unfinished: RebuildJournal | undefined,
): void {
  const faults = anewFaults(anew, unfinished?.story()?.begun.id);
  if (faults.length > 0) throw noneBegun(`no other rebuild of ${name} is begun`, name, faults);
}

/**
 * Ends a rebuild that was begun, as it is: nothing is taken back, and no command goes on with it any more.
 *
 * @throws Failure (exit code 3) for a word that does not name the one that is unfinished; (4) while it is under way
 */
export async function abandonRebuild(name: string, id: string, options: OutputOptions): Promise<void> {
  const purpose = `./cogni rebuild ${name} --abandon ${id}`;
  // Nothing is written for an environment that there is not.
  if (!existsSync(rebuildFolder(name)))
    throw noneBegun(`no rebuild of ${name} was ended`, name, abandonFaults(id, undefined));
  await withFileLock(rebuildLock(name), { purpose }, () => {
    const unfinished = findUnfinished(rebuildFolder(name), () => systemClock.now());
    const story = unfinished?.story();
    const faults = abandonFaults(id, story?.begun.id);
    if (unfinished === undefined || story === undefined || faults.length > 0)
      throw noneBegun(`no rebuild of ${name} was ended`, name, faults);
    unfinished.append({ kind: 'given-up' });
    const stages = lastOutcomes(story);
    printResult(
      options,
      { abandoned: id, stages, journal: unfinished.file },
      [
        `the rebuild ${id} of ${name} is ended, and nothing of it was taken back${takenSoFar(name, story)}`,
        `  so far: ${stages.map(({ stage, outcome }) => `${stage} ${outcome}`).join(', ') || 'nothing was begun'}`,
        `  next: ./cogni host check ${name}`,
      ].join('\n'),
    );
    return Promise.resolve();
  });
}

const noneBegun = (what: string, name: string, faults: readonly string[]): Failure =>
  new Failure({
    what,
    faults,
    state: 'nothing was changed',
    next: `./cogni rebuild ${name} --dry-run`,
    exitCode: ExitCode.refused,
  });
