import type { Seeded } from '../../../seeded';

/** Seconds that sending may take: a minute may be lost with the longest `timeout` that an archive may have, 45 s. */
const sending = 15;

/** Seconds of acknowledged commits that may be lost with a host, with an archive of this `timeout` alone. */
export const mostLost = (timeout: number): number => timeout + sending;

/**
 * Seconds that clients write before their host is lost: longer than may be lost, or an archive that gets nothing would lose no more than that;
 * and to any moment of the time in which a piece of log is written.
 */
export const writingFor = (random: Pick<Seeded, 'next'>, timeout: number): number =>
  mostLost(timeout) + 1 + random.next() * timeout;
