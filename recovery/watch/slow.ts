import type { Transport } from '../../deploy/transport';
import { ConnectionLost } from '../../deploy/transport';
import type { Clock } from '../../foundation/clock';
import { Failure, messageOf } from '../../foundation/failure';
import { longestExcuse } from './conditions';
import type { Slow } from './observe';

/** Milliseconds between two looks at backups and certificate. */
export const slowEvery = 5 * 60_000;

/**
 * Milliseconds after a look at backups that found something wrong: one look proves nothing, and whoever is told should not wait for that of the next five minutes.
 * What makes backups says for half a minute what it found while its host was started again.
 */
export const againAfter = 60_000;

/** Looks in a row at backups that could not be looked at, after which that itself is what is wrong with them. */
const blindLooks = 2;

/** The same where no connection could be made: an hour. A host that is away is told by itself; one that answers short questions alone is not. */
const awayLooks = 12;

export interface SlowProps {
  readonly certificate: () => Promise<Slow['certificate']>;
  /** @default - there is no archive, or nobody logs in */
  readonly backups?: {
    readonly connect: () => Promise<Transport>;
    /** Fails where nothing makes backups there, or the archive does not answer. */
    readonly look: (transport: Transport) => Promise<NonNullable<Slow['backups']>>;
  };
  readonly clock: Pick<Clock, 'monotonic' | 'now'>;
  /** Lines for people. */
  readonly log: (line: string) => void;
}

/**
 * Looks every {@link slowEvery} at what takes long, beside whoever asks, and never twice at the same time.
 *
 * Backups that cannot be looked at are backups that nobody knows to be there: the first such look proves nothing (a deploy
 * makes their container anew), a second one in a row is an alarm. What a look finds wrong is looked at again {@link againAfter}: each
 * result says when it was looked at, so that one that is given out many times counts as one look. What is behind a host that cannot be reached is not known, for an hour.
 *
 * While somebody works on the host (a deploy restarts what makes backups, a restore stops it with the database), what would be seen there
 * proves nothing: for {@link longestExcuse} it is not looked at, and what was found before stays.
 *
 * @returns what was found last; asks for more when it is time. `busy`: a deploy or a restore is under way, or maintenance is on
 */
export function slowLooks({ certificate, backups, clock, log }: SlowProps): (busy?: boolean) => Slow {
  let seen: { readonly [Name in 'backups' | 'certificate']?: Slow[Name] | undefined } = {};
  let lookedAt: NonNullable<Slow['lookedAt']> = {};
  const see = (found: typeof seen): void => {
    seen = { ...seen, ...found };
    const now = clock.now().getTime();
    lookedAt = { ...lookedAt, ...Object.fromEntries(Object.keys(found).map((name) => [name, now])) };
  };
  let blind = 0;
  let away = 0;
  let busySince: number | undefined;
  /** How often somebody began to work there: a look that was under way then counts for nothing. */
  let disturbed = 0;
  const lookAtCertificate = async (): Promise<void> => {
    const found = await certificate().catch(() => undefined);
    see({ certificate: found });
  };
  const lookAtBackups = async (): Promise<void> => {
    if (backups === undefined) return;
    let transport: Transport | undefined;
    const begun = disturbed;
    try {
      transport = await backups.connect();
      const found = await backups.look(transport);
      if (begun !== disturbed) return;
      see({ backups: found });
      blind = 0;
      away = 0;
    } catch (thrown) {
      if (begun !== disturbed) return;
      const why = thrown instanceof Failure ? thrown.what : messageOf(thrown);
      log(`the backups could not be looked at: ${why}`);
      const isAway = transport === undefined || thrown instanceof ConnectionLost;
      if (isAway) away += 1;
      else blind += 1;
      const isUnseen = isAway ? away >= awayLooks : blind >= blindLooks;
      see({ backups: isUnseen ? unseen(why) : undefined });
    } finally {
      await transport?.close();
    }
  };
  const certificateLook = nowAndThen(lookAtCertificate, clock, log, () => slowEvery);
  const backupsLook = nowAndThen(lookAtBackups, clock, log, () =>
    seen.backups?.alarms.length ? againAfter : slowEvery,
  );
  return (busy = false) => {
    if (busy && busySince === undefined) disturbed += 1;
    busySince = busy ? (busySince ?? clock.monotonic()) : undefined;
    certificateLook();
    if (busySince === undefined || clock.monotonic() - busySince > longestExcuse) backupsLook();
    const { certificate: time, backups: kept } = seen;
    if (time === undefined && kept === undefined) return {};
    return { ...(time && { certificate: time }), ...(kept && { backups: kept }), lookedAt };
  };
}

const unseen = (why: string): NonNullable<Slow['backups']> => ({
  alarms: [`they could not be looked at: ${why}`],
  newestGood: undefined,
  logAge: undefined,
  waitingMebibytes: undefined,
});

/** Begins what takes long when it is time, and not before the last one has ended. */
function nowAndThen(
  look: () => Promise<void>,
  clock: Pick<Clock, 'monotonic'>,
  log: (line: string) => void,
  every: () => number,
): () => void {
  let begun = -Infinity;
  let isUnderWay = false;
  return () => {
    if (isUnderWay || clock.monotonic() - begun < every()) return;
    begun = clock.monotonic();
    isUnderWay = true;
    void look()
      .catch((thrown: unknown) => log(messageOf(thrown)))
      .finally(() => (isUnderWay = false));
  };
}
