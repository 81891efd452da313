import type { Loss, Severity } from './manifest';

/** What a person wrote on the command line of `cogni apply`. */
export interface Words {
  /** `<name>@<hash>`: what may be lost by which plan. */
  readonly wipe: readonly string[];
  /** First digits of the hash of a plan that was looked at. */
  readonly reviewed: string | undefined;
  /** Names of hosts that may be lost without a backup. */
  readonly withoutBackup: readonly string[];
}

/** What a plan does, as far as words are asked for. */
export interface Judged {
  readonly verdict: string;
  readonly severity: Severity;
  readonly losses: readonly Loss[];
  /** It would be approved, and then fail. */
  readonly doomed: boolean;
}

/** Whether a host has a backup that was proven to be one, as a guard found it. */
export type BackupStanding =
  | { readonly kind: 'verified'; readonly description: string }
  | { readonly kind: 'none'; readonly why: string }
  /** It could not be asked: that is never taken for a backup. */
  | { readonly kind: 'unknown'; readonly why: string };

/** Asked for each disk that a plan empties or throws away, by the name of its host. */
export type BackupGuard = (host: string) => Promise<BackupStanding>;

/** Digits of a hash that a person has to write. */
const digits = 8;

/** The words in one value of an option: white space stands between several, as a workflow hands on what a person typed into one field. */
export const wordsIn = (text: string): readonly string[] =>
  text.trim() === '' ? [text] : text.trim().split(/\s+/);

/** Faults in the form of the words themselves. */
export function wordFaults({ wipe, reviewed }: Words): readonly string[] {
  return [
    ...wipe
      .filter((word) => !/^[^@\s]+@[0-9a-f]{8,64}$/.test(word))
      .map((word) => `--wipe ${word} is not of the form <name>@<8 or more digits of the plan's hash>`),
    ...(reviewed === undefined || /^[0-9a-f]{8,64}$/.test(reviewed)
      ? []
      : [`--reviewed ${reviewed} is not 8 or more digits of the plan's hash`]),
  ];
}

/** The words that this plan needs, as options. */
export function neededWords(judged: Judged, hash: string): readonly string[] {
  const short = hash.slice(0, digits);
  return [
    ...namesOf(judged.losses).map((name) => `--wipe ${name}@${short}`),
    ...(judged.losses.length === 0 && judged.severity === 'needs-review' ? [`--reviewed ${short}`] : []),
  ];
}

const namesOf = (losses: readonly Loss[]): readonly string[] => [...new Set(losses.map(({ name }) => name))];

/**
 * Everything that stands between a plan and its being applied, as far as people have to say it. Words for another plan,
 * or for what is not lost, are refused too: whoever wrote them means something else.
 *
 * @param hash SHA-256 of the plan, in hex
 */
export async function wordRefusals(
  judged: Judged,
  hash: string,
  words: Words,
  backup: BackupGuard,
): Promise<readonly string[]> {
  const short = hash.slice(0, digits);
  const given = words.wipe.map((word) => {
    const at = word.lastIndexOf('@');
    return { word, name: word.slice(0, at), means: hash.startsWith(word.slice(at + 1)) };
  });
  const names = namesOf(judged.losses);
  const allowed = (name: string): boolean => given.some((each) => each.name === name && each.means);
  const unsaid = judged.losses
    .filter(({ name }) => !allowed(name))
    .map(
      ({ name, verdict, address }) =>
        `${verdict}: ${name} (${address}) ${whatHappens(verdict)}; if that is meant, say so: --wipe ${name}@${short}`,
    );
  const stray = given
    .filter(({ name, means }) => !means || !names.includes(name))
    .map(({ word, name, means }) =>
      means
        ? `--wipe ${word}: this plan takes nothing from ${name}`
        : `--wipe ${word} is meant for another plan: this one is ${short}`,
    );
  const needsReview = judged.losses.length === 0 && judged.severity === 'needs-review';
  const misread = words.reviewed !== undefined && !hash.startsWith(words.reviewed);
  const disks = namesOf(judged.losses.filter(({ disk }) => disk));
  return [
    ...(judged.doomed
      ? ['DOOMED: this plan fails half-way; take the change back, or allow what it needs, and plan again']
      : []),
    ...(judged.severity === 'destructive' && judged.losses.length === 0 && !judged.doomed
      ? [`${judged.verdict}: it destroys something, and what is not known; it is not applied`]
      : []),
    ...unsaid,
    ...stray,
    ...(needsReview && words.reviewed === undefined
      ? [`${judged.verdict}: it needs a review; when that has been done, say so: --reviewed ${short}`]
      : []),
    ...(misread ? [`--reviewed ${words.reviewed} is meant for another plan: this one is ${short}`] : []),
    ...(await backupRefusals(disks, words.withoutBackup, backup)),
    ...words.withoutBackup
      .filter((name) => !disks.includes(name))
      .map((name) => `--without-backup ${name}: this plan empties no disk of ${name}`),
  ];
}

const whatHappens = (verdict: string): string =>
  verdict === 'WIPE'
    ? 'loses its disk'
    : verdict === 'REPLACE'
      ? 'is destroyed and made anew'
      : 'is destroyed';

async function backupRefusals(
  hosts: readonly string[],
  without: readonly string[],
  backup: BackupGuard,
): Promise<readonly string[]> {
  const asked = await Promise.all(
    hosts
      .filter((host) => !without.includes(host))
      .map(async (host) => ({ host, standing: await backup(host) })),
  );
  return asked.flatMap(({ host, standing }) => {
    if (standing.kind === 'verified') return [];
    const what =
      standing.kind === 'none'
        ? `no fresh backup of ${host}`
        : `whether there is a fresh backup of ${host} is not known here`;
    return [`${what}: ${standing.why}; to lose it all the same: --without-backup ${host}`];
  });
}
