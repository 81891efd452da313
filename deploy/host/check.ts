import { run as runProcess, type Run } from '../../foundation/process';
import type { SshHost } from '../ssh';
import { parseEvidence, type Evidence } from '../identity/evidence';
import { contact, type FirstContact } from './first-contact';
import { describeKey } from './host-key';
import { tryReadPins } from './pins';
import { parseReport } from './report';

/** What a host says of itself, held against what is pinned. */
export interface HostCheck {
  readonly environment: string;
  readonly address: string;
  /** Key that the address showed, as type and fingerprint; undefined when nothing answered on SSH. */
  readonly seen: string | undefined;
  /** Keys that are pinned, likewise. */
  readonly pinned: readonly string[];
  /**
   * - `pinned`: it is the machine that was pinned.
   * - `other key`: something answers that is not.
   * - `not pinned`: it answers, and nothing is known of it.
   * - `silent`: nothing answers.
   */
  readonly identity: 'pinned' | 'other key' | 'not pinned' | 'silent';
  /** What its bootstrap says: only believed of a pinned machine. */
  readonly bootstrap: 'done' | 'failed' | 'running' | 'unknown';
  /** Why nobody could log in; undefined when one could. */
  readonly login: string | undefined;
  /** What tells the machine, its disk and its data from any others: only of a pinned machine that lets one in. */
  readonly evidence: Evidence | undefined;
}

/**
 * Looks at a host without changing anything, here or there: does it answer with its pinned key, and how far is its
 * bootstrap. Connects taking any key, into a known_hosts of this one connection, and sends nothing but the question.
 */
export async function checkHost(props: {
  readonly host: SshHost;
  readonly run?: Run;
  readonly env?: Readonly<Record<string, string | undefined>>;
}): Promise<HostCheck> {
  const { host, run = runProcess, env } = props;
  return judgeContact(host, await contact(host, 'evidence', { run, ...(env === undefined ? {} : { env }) }));
}

/** What follows from what an address answered, held against what is pinned. */
export function judgeContact(host: SshHost, answer: FirstContact & { readonly printed: string }): HostCheck {
  const pins = tryReadPins(host.knownHosts, host.hostKeyAlias);
  const seen = answer.seen;
  const identity = !seen
    ? 'silent'
    : !pins
      ? 'not pinned'
      : pins.keys.some((key) => key.type === seen.type && key.base64 === seen.base64)
        ? 'pinned'
        : 'other key';
  const report = parseReport(answer.printed);
  const bootstrap =
    identity !== 'pinned' || answer.failure
      ? 'unknown'
      : report.ok
        ? 'done'
        : report.fail
          ? 'failed'
          : report.running
            ? 'running'
            : 'unknown';
  const environment = host.environment;
  return {
    environment,
    address: host.address,
    seen: seen && describeKey(seen),
    pinned: (pins?.keys ?? []).map(describeKey),
    identity,
    bootstrap,
    login: answer.failure?.what,
    evidence: identity === 'pinned' && !answer.failure ? parseEvidence(answer.printed) : undefined,
  };
}

/** The lines of one look, for people. */
export function checkText(check: HostCheck): string {
  return [
    `${check.environment} at ${check.address}`,
    `  identity   ${check.identity}`,
    `  seen       ${check.seen ?? 'nothing answers on SSH'}`,
    `  pinned     ${check.pinned.join(', ') || 'nothing'}`,
    `  bootstrap  ${check.bootstrap}`,
    ...(check.login === undefined ? [] : [`  login      ${check.login}`]),
  ].join('\n');
}
