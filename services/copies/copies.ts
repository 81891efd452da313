import type { Keep } from '../archive/keep';
import { keepFaults } from '../archive/keep';

/**
 * Portable copies, every night, beside the archive of the database: a logical dump of each database and the files that cannot be
 * made again, encrypted for people whose private keys are on no host. They need neither the archive's passphrase nor its
 * programs: `age`, `pg_restore` and `tar` open them. A change costs nothing but a container that is made anew.
 */
export interface Copies {
  /** Recipients of age (`age1…`). Their private halves belong to no host: whoever has the host cannot read older copies. */
  readonly recipients: readonly string[];
  /** Hour of the day (UTC) from which on the day's copy is made. A first one is made at once. @default 2 */
  readonly hour?: number;
  /** Which copies are still wanted. @default - as the archive's own backups */
  readonly keep?: Keep;
}

/** When the day's copy is due, where nothing is said. */
const usualHour = 2;

export const hourOf = ({ hour = usualHour }: Copies): number => hour;

/** The form of an X25519 recipient (age's specification, "The X25519 recipient type": Bech32). */
const recipient = /^age1[02-9ac-hj-np-z]{58}$/;

/** Everything wrong with it, each as the end of a sentence that begins with the field. */
export function copiesFaults({ recipients, keep, ...copies }: Copies): readonly string[] {
  const hour = hourOf({ recipients, ...copies });
  return [
    ...(recipients.length === 0 ? ['recipients is empty: nobody could read a copy'] : []),
    ...recipients
      .filter((each) => !recipient.test(each))
      .map((each) =>
        each.startsWith('AGE-SECRET-KEY-')
          ? 'recipients holds a private key: take it out of the repository, and make another one'
          : `recipients "${each}" is no recipient of age (age1…)`,
      ),
    ...(Number.isInteger(hour) && hour >= 0 && hour <= 23
      ? []
      : [`hour ${hour} is not a whole number from 0 to 23`]),
    ...(keep === undefined ? [] : keepFaults(keep).map((fault) => `keep ${fault}`)),
  ];
}
