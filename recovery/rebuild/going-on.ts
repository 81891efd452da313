import type { HostWord } from '../identity/case';
import type { IdentityReport } from '../identity/look';
import { leaves, lostWord, replaceWord } from './gate';
import { begunIn, doneIn, type RebuildBegun, type RebuildStory } from './journal';

/** What a person asks for when a rebuild was begun that is not done. */
export interface AskedAgain {
  readonly to?: string | undefined;
  readonly imageTag?: string | undefined;
  readonly replace?: string | undefined;
  readonly revoked?: string | undefined;
}

/** What is asked for that the run which was begun does not do; nothing: it can be gone on with. */
export function otherThanBegun(
  { target, release }: Pick<RebuildBegun, 'target' | 'release'>,
  { to = 'newest', imageTag = release.tag }: Pick<AskedAgain, 'to' | 'imageTag'>,
): readonly string[] {
  return [
    ...(to === target ? [] : [`it brings the database to ${target}, not to ${to}`]),
    ...(imageTag === release.tag ? [] : [`it deploys ${release.tag}, not ${imageTag}`]),
  ];
}

/** The same of a rebuild, which gives a host up as well. @param host name of the one that the record has now */
export function goingOnFaults(begun: RebuildBegun, host: string, asked: AskedAgain): readonly string[] {
  const { server, address } = begun.givenUp;
  const word = replaceWord(begun.host, { server, address });
  return [
    ...otherThanBegun(begun, asked),
    ...(asked.replace === undefined || asked.replace === word
      ? []
      : [`it gives up ${word}, not ${asked.replace}`]),
    ...(asked.revoked === undefined || asked.revoked === begun.oldKey
      ? []
      : [`it waits for the end of ${begun.oldKey ?? 'no key'}, not of ${asked.revoked}`]),
    ...(host === begun.host ? [] : [`it is of the host ${begun.host}`]),
  ];
}

/**
 * Whether what a rebuild gives up may still be what it was, so that it has to be looked at before the rebuild is gone on with. The last of what takes it
 * away puts its pinned key aside: from then on no look can tell it from a stranger, and a host that is well is the new one.
 */
export const mayLiveAgain = (story: RebuildStory): boolean => story.begun.replaces && !doneIn(story, 'aside');

/**
 * What speaks against going on with a rebuild while what it gives up is not out of the way, by what is found of it now: it may have come back
 * since the words were said. Nothing: it is gone on with. Pure.
 *
 * @param lost word that a person said now, for the verdict of now
 */
export function livesAgainFaults(
  story: RebuildStory,
  { verdict: { id, means }, case: found }: Pick<IdentityReport, 'verdict' | 'case'>,
  lost: string | undefined,
): readonly string[] {
  const { begun } = story;
  const leave = leaves[id] ?? 'living';
  const before = `the rebuild was begun when it was ${begun.verdict.id}`;
  if (leave === 'living')
    return [`the host is not lost (${id}): ${means}; ${before}. No word lets it be given up`];
  const word = lostWord(begun.host, id);
  const seen =
    leave !== 'unsure' ||
    id === begun.verdict.id ||
    lost === word ||
    // Switched off by this very rebuild.
    (id === 'stopped' && begunIn(story, 'fence')) ||
    // Nothing has come back, and it was lost for certain, or is fenced: the provider, who would say so again, was not asked this time.
    (nothingAnswers.includes(found.host) && (leaves[begun.verdict.id] === 'lost' || doneIn(story, 'fence')));
  return seen
    ? []
    : [
        `it is ${id} by now, and whether it is lost cannot be told from that: ${means}; ${before}. When a person has looked again, and it is: --lost ${word}`,
      ];
}

const nothingAnswers: readonly HostWord[] = ['silent', 'no address'];

/** What is wrong with a word that ends a rebuild which was begun: it names that one. */
export const abandonFaults = (abandon: string, unfinished: string | undefined): readonly string[] =>
  abandon === unfinished
    ? []
    : [
        unfinished === undefined
          ? `--abandon ${abandon}: no rebuild is there that was begun and is not done`
          : `--abandon ${abandon} is not ${unfinished}, which is the one that was begun and is not done`,
      ];

/**
 * What is wrong with a word that another rebuild begins in the place of one that was begun: it names that one, so that it means no other.
 *
 * @param unfinished id of the one that is not done; undefined where there is none
 */
export const anewFaults = (anew: string | undefined, unfinished: string | undefined): readonly string[] =>
  anew === undefined || anew === unfinished
    ? []
    : [
        unfinished === undefined
          ? `--anew ${anew}: no rebuild is there that was begun and is not done`
          : `--anew ${anew} is not ${unfinished}, which is the one that was begun and is not done`,
      ];
