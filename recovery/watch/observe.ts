import type { Glance } from '../../deploy/host/glance';
import { hostWordOf } from '../identity/words';
import { longestLock, type ConditionId, type Excuse } from './conditions';
import type { Observation, Verdict } from './memory';

/** What the slow looks found, the last time that they were made. */
export interface Slow {
  /** Undefined where there is no archive, or it could not be looked at. */
  readonly backups?: {
    readonly alarms: readonly string[];
    /** When the newest good one was made; undefined where there is none. */
    readonly newestGood: Date | undefined;
    /** Milliseconds since the archive last took log: what was dropped is none. */
    readonly logAge: number | undefined;
    readonly waitingMebibytes: number | undefined;
    /** Of the log on another host; undefined where there is none, or it is not known. */
    readonly receiver?: {
      readonly there: boolean;
      readonly behind: number | undefined;
      readonly waited: boolean;
    };
    /** The last drill that proved something, or failed; undefined where there was none, or it is not known. */
    readonly drill?: {
      readonly at: Date;
      readonly passed: boolean;
      /** A key that is trusted here has signed its report. */
      readonly trusted: boolean;
    };
  };
  /** Of the certificate that the site shows. */
  readonly certificate?: { readonly from: Date; readonly until: Date };
  /** When each was looked at, milliseconds since 1970. */
  readonly lookedAt?: { readonly [Name in 'backups' | 'certificate']?: number };
}

/** What one look found. */
export interface Look {
  readonly environment: string;
  /** Milliseconds since 1970: when it was begun and when it had ended. */
  readonly begun: number;
  readonly at: number;
  readonly glance: Glance;
  /** Why the site is not as it should be; undefined where it is. */
  readonly siteFault: string | undefined;
  readonly slow: Slow;
}

/** Nobody logs in: the pinned key alone is looked at, and the site. */
export type Depth = 'inside' | 'keys only';

/** Of the root file system. */
const fullFrom = 0.9;
/** Of a certificate's time: Caddy renews when a third is left, so at a fifth several tries have failed. */
const renewedBefore = 1 / 5;

/**
 * What a look says about each condition. Pure.
 *
 * @param wasMarked an earlier look saw the marker of its data: a machine without one is not a new one, however well it is
 */
export function observationOf(look: Look, depth: Depth, wasMarked = false): Observation {
  const { glance, begun, at } = look;
  const { inside } = glance;
  const excuses: readonly Excuse[] = [
    ...(inside?.deploying ? (['deploy'] as const) : []),
    ...(inside?.maintenance ? (['maintenance'] as const) : []),
  ];
  return {
    ...{ begun, at, excuses },
    marked: isMarked(look),
    seen: { ...ofHost(look, depth, wasMarked), ...ofSite(look, wasMarked), ...ofSlow(look, wasMarked) },
  };
}

type Seen = Observation['seen'];

const judged = (wrong: boolean, why: string): Verdict => ({
  wrong,
  why: wrong ? why : '',
});

function ofHost({ environment, glance, siteFault, at }: Look, depth: Depth, wasMarked: boolean): Seen {
  const { check, inside } = glance;
  const word = hostWordOf(environment, check, wasMarked);
  const site = siteFault === undefined ? 'its site answers' : `nor does its site: ${siteFault}`;
  const away = word === 'silent' || (word === 'closed' && depth === 'inside');
  const host = judged(
    away,
    word === 'silent'
      ? `nothing answers on SSH at ${check.address}; ${site}`
      : `it shows its key, and its answer does not come: ${check.login ?? 'cut off'}; ${site}`,
  );
  if (away) return { host };
  const identity = judged(
    ['other key', 'foreign', 'other disk'].includes(word),
    word === 'other key'
      ? `${check.address} shows ${check.seen ?? 'another key'}, and ${check.pinned.join(', ')} is pinned`
      : `the disk at ${check.address} is not the one that was marked for ${environment}`,
  );
  const { evidence } = check;
  if (evidence === undefined || word === 'other key') return { host, identity };
  const { marker, data, release } = evidence;
  const expected = wasMarked || typeof marker === 'object' || release !== undefined;
  return {
    host,
    identity,
    ...(typeof marker === 'object' && data.state !== 'silent'
      ? {
          data: judged(
            word === 'no data' || word === 'other data',
            data.state === 'marked'
              ? `the database holds the data ${data.id}, and its disk was marked with ${marker.data}`
              : `the database does not hold the data ${marker.data}`,
          ),
        }
      : marker === 'none' && wasMarked
        ? {
            data: judged(
              true,
              'its disk was marked with its data, and has no marker now: it was emptied, or rolled back to an image of before its first deploy',
            ),
          }
        : {}),
    ...(expected
      ? { database: judged(data.state === 'silent', data.state === 'silent' ? data.why : '') }
      : {}),
    ...(inside?.disk ? { disk: ofDisk(inside.disk) } : {}),
    ...(inside ? { lock: ofLock(inside.held, at) } : {}),
  };
}

/** Whether the run that holds the lock of deploys has held it for too long. */
function ofLock(held: NonNullable<Look['glance']['inside']>['held'], at: number): NonNullable<Seen['lock']> {
  if (held === undefined) return judged(false, '');
  const { since, says } = held;
  return judged(
    at - since.getTime() >= longestLock,
    `held since ${since.toISOString()}: ${says ?? 'by a run that does not say what it is'}`,
  );
}

function ofDisk({ used, free }: { readonly used: number; readonly free: number }): Seen['disk'] & object {
  const part = used / (used + free);
  return judged(part >= fullFrom, `${Math.floor(part * 100)} % of the disk is used`);
}

/** The pinned machine shows the marker of this environment. */
function isMarked({ environment, glance: { check } }: Look): boolean {
  const marker = check.identity === 'pinned' ? check.evidence?.marker : undefined;
  return typeof marker === 'object' && marker.environment === environment;
}

/** Nothing was deployed to it yet. */
const isFresh = ({ glance: { check } }: Look, wasMarked: boolean): boolean =>
  !wasMarked && check.evidence !== undefined && check.evidence.release === undefined;

/** A host that nothing was deployed to yet has no site. */
const ofSite = (look: Look, wasMarked: boolean): Seen =>
  isFresh(look, wasMarked) ? {} : { site: judged(look.siteFault !== undefined, look.siteFault ?? '') };

function ofSlow(look: Look, wasMarked: boolean): Seen {
  const { slow, at } = look;
  const { certificate, lookedAt } = slow;
  const onceOf = (name: 'backups' | 'certificate'): Pick<Verdict, 'lookedAt'> =>
    lookedAt?.[name] === undefined ? {} : { lookedAt: lookedAt[name] };
  // Before the first deploy nothing makes any.
  const backups = isFresh(look, wasMarked) ? undefined : slow.backups;
  const seen: Partial<Record<ConditionId, Verdict>> = {};
  if (backups) {
    seen.backup = { ...judged(backups.alarms.length > 0, backups.alarms.join('; ')), ...onceOf('backups') };
  }
  if (certificate) {
    const { from, until } = certificate;
    const left = until.getTime() - at;
    seen.certificate = {
      ...judged(
        left < (until.getTime() - from.getTime()) * renewedBefore,
        `it ends at ${until.toISOString()}, and was not renewed`,
      ),
      ...onceOf('certificate'),
    };
  }
  return seen;
}
