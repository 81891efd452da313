import type { IdentityReport } from '../identity/look';

/**
 * Whether a rebuild may begin at a verdict of `./cogni host check`.
 * - `lost`: the host or its data are gone, or another machine stands in its place. The word that names what is given up is enough.
 * - `unsure`: it may be. A second word says that a person has looked.
 * - `empty`: the machine is ours and holds nothing yet: it is filled, and nothing is given up.
 * - `living`: it, or its data, are there. No word helps.
 */
export type Leave = 'lost' | 'unsure' | 'empty' | 'living';

/** By the ids of `recovery/identity/verdicts.ts`; a test holds the two against each other. */
export const leaves: Readonly<Record<string, Leave>> = {
  'data-lost': 'lost',
  'data-other': 'unsure',
  'disk-foreign': 'unsure',
  'disk-copied': 'unsure',
  'two-machines': 'living',
  'ours-elsewhere': 'living',
  unlisted: 'living',
  ending: 'living',
  untracked: 'living',
  'keys-forgotten': 'living',
  'address-shared': 'living',
  moved: 'living',
  'data-silent': 'unsure',
  unfinished: 'living',
  twin: 'living',
  'twin-unsure': 'living',
  unmarked: 'living',
  fresh: 'empty',
  'data-gone': 'empty',
  well: 'living',
  'well-itself': 'living',
  recycled: 'lost',
  'recycled-beside': 'unsure',
  ended: 'lost',
  'replaced-and-unkeyed': 'lost',
  'replaced-and-moved': 'lost',
  'replaced-silently': 'lost',
  'other-key': 'unsure',
  'not-pinned': 'unsure',
  closed: 'unsure',
  'nothing-there': 'lost',
  lost: 'lost',
  'lost-as-listed': 'unsure',
  stopped: 'unsure',
  hung: 'unsure',
  'address-unknown': 'unsure',
  silent: 'unsure',
};

/** What is given up: the server of the state, the machine at the record's address, or nothing that anybody knows of. */
export interface GivenUp {
  /** Number at the provider; undefined where no source has one. */
  readonly server: number | undefined;
  readonly address: string | undefined;
}

/** What a rebuild would give up, by what the three sources said. */
export function givenUpIn({ state, host }: Pick<IdentityReport, 'state' | 'host'>): GivenUp {
  const known = 'value' in state ? state.value : null;
  return { server: known?.id, address: known?.address ?? host?.address };
}

/** What a person has to say before anything is begun. */
export interface RebuildWords {
  /** `<host>@<what is given up>` */
  readonly replace?: string | undefined;
  /** `<host>@<verdict>`: a person has looked, and it is lost. */
  readonly lost?: string | undefined;
}

/** The word that names what is given up: a command that was meant for another host, or for another server of it, does nothing. */
export const replaceWord = (host: string, { server, address }: GivenUp): string =>
  `${host}@${server ?? address ?? 'nothing'}`;

export const lostWord = (host: string, verdict: string): string => `${host}@${verdict}`;

/** What speaks against a rebuild at a verdict; nothing: it may begin. Pure. */
export function gateFaults(
  host: string,
  report: Pick<IdentityReport, 'verdict'>,
  givenUp: GivenUp,
  { replace, lost }: RebuildWords,
): readonly string[] {
  const { id, means, next } = report.verdict;
  const leave = leaves[id] ?? 'living';
  const wanted = replaceWord(host, givenUp);
  const seen = lostWord(host, id);
  if (leave === 'living')
    return [`the host is not lost (${id}): ${means}. No word lets a rebuild begin; ${next}`];
  return [
    ...(leave === 'empty'
      ? unwanted('--replace', replace, 'nothing is given up: the machine holds no data')
      : replace === wanted
        ? []
        : [
            replace === undefined
              ? `${described(givenUp)} is given up, and what it may still hold with it: --replace ${wanted} says that this is meant`
              : `--replace ${replace} is not ${wanted}, which is what would be given up`,
          ]),
    ...(leave === 'unsure'
      ? lost === seen
        ? []
        : [
            lost === undefined
              ? `whether it is lost cannot be told from here (${id}): ${means}. When a person has looked, and it is: --lost ${seen}`
              : `--lost ${lost} is not ${seen}, which is what was found`,
          ]
      : unwanted('--lost', lost, `it is ${id}, which needs no such word`)),
  ];
}

const described = ({ server, address }: GivenUp): string =>
  server !== undefined
    ? `server ${server}${address === undefined ? '' : ` (${address})`}`
    : address !== undefined
      ? `the machine at ${address}`
      : 'whatever the host was';

const unwanted = (option: string, given: string | undefined, why: string): readonly string[] =>
  given === undefined ? [] : [`${option} ${given}: ${why}`];
