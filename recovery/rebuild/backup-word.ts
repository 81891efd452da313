import type { OffHostFacts } from './off-host';

/** What guards read of the newest good backup, for a host of which it is not sure that it is lost. */
export type BackupAge = Pick<OffHostFacts, 'chosen' | 'reaches' | 'stale'>;

/** Milliseconds that the data may end before now without a word: a person who looks at a silent host takes as long. */
const unspoken = 60 * 60_000;

/**
 * What speaks against giving up a host that may live, because what is off it is old; nothing: it is fresh, a person does with it, or the verdict
 * is sure, and nothing newer can be had. Pure.
 *
 * @param unsure the verdict cannot tell whether it is lost
 * @param word name of the host, as a person wrote it
 */
export function backupFaults(
  host: string,
  unsure: boolean,
  { chosen, reaches, stale }: BackupAge,
  now: Date,
  word: string | undefined,
): readonly string[] {
  // That there is none is said already, and no word helps.
  if (chosen === undefined) return [];
  const ends = reaches === undefined || now.getTime() - reaches.getTime() > unspoken;
  const why = [
    ...(stale === undefined ? [] : [`there is no fresh verified backup: ${stale}`]),
    ...(ends ? [`the data come back ${lossText(reaches)}`] : []),
  ];
  if (!unsure || why.length === 0)
    return word === undefined
      ? []
      : [`--without-backup ${word}: ${unsure ? 'the backups are fresh' : 'the verdict needs no such word'}`];
  if (word !== undefined) return word === host ? [] : [`--without-backup ${word} is not ${host}`];
  return [
    `${host} may still live, and ${why.join('; ')}. Look whether it can be brought back, or backed up; to lose what only it has all the same: --without-backup ${host}`,
  ];
}

/** Up to when the data come back, as the end of a sentence. */
export const lossText = (reaches: Date | undefined): string =>
  reaches === undefined
    ? 'to a moment that is not known'
    : `up to ${reaches.toISOString()}: what was committed later is lost`;
