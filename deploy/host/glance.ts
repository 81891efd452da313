import { run as runProcess, type Run } from '../../foundation/process';
import { parseEvidence } from '../identity/evidence';
import { parseLock } from '../lock/status';
import type { SshHost } from '../ssh';
import { judgeContact, type HostCheck } from './check';
import { contact } from './first-contact';
import { sectionsOf } from './report';

/** What one short look at a host shows. */
export interface Glance {
  readonly check: HostCheck;
  /** What the pinned machine says besides; undefined of any other, and where its answer was cut off. */
  readonly inside:
    | {
        /** A run holds the deploy lock. */
        readonly deploying: boolean;
        /** Since when, and what that run said of itself; undefined where nobody holds it, or that is not known. */
        readonly held?: { readonly since: Date; readonly says: string | undefined };
        readonly maintenance: boolean;
        /** Bytes of the root file system. */
        readonly disk: { readonly used: number; readonly free: number } | undefined;
      }
    | undefined;
}

/** Looks at a host for at most 6 s, without changing anything. */
export async function glanceAt(props: {
  readonly host: SshHost;
  /** `false`: its key alone is looked at. @default true */
  readonly login?: boolean;
  readonly run?: Run;
  readonly env?: Readonly<Record<string, string | undefined>>;
}): Promise<Glance> {
  const answer = await contact(props.host, 'glance', {
    run: props.run ?? runProcess,
    login: props.login ?? true,
    ...(props.env === undefined ? {} : { env: props.env }),
  });
  const check = judgeContact(props.host, answer);
  if (check.identity !== 'pinned') return { check, inside: undefined };
  const inside = insideOf(answer.printed);
  // Cut off after all but the data was said: it is the database that does not answer, not the host.
  const whole =
    inside && !check.evidence ? { login: undefined, evidence: parseEvidence(answer.printed) } : {};
  return { check: { ...check, ...whole }, inside };
}

function insideOf(printed: string): Glance['inside'] {
  const sections = sectionsOf(printed);
  if (!sections.has('inside')) return undefined;
  const [used = NaN, free = NaN] = (sections.get('filesystem') ?? '').trim().split(/\s+/).map(Number);
  const lock = parseLock(sections.get('lock') ?? '');
  return {
    deploying: lock?.state === 'held',
    ...(lock?.state === 'held' && lock.since !== undefined
      ? { held: { since: new Date(lock.since), says: lock.says } }
      : {}),
    maintenance: (sections.get('maintenance') ?? '').trim() === 'on',
    disk: Number.isFinite(used + free) && used + free > 0 ? { used, free } : undefined,
  };
}
