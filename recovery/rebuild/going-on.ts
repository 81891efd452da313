import { replaceWord } from './gate';
import type { RebuildBegun } from './journal';

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
