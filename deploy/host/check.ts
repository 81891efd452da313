import { ExitCode } from '../../foundation/failure';
import { run as runProcess, type Run } from '../../foundation/process';
import type { SshHost } from '../ssh';
import { contact } from './first-contact';
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
  /** What to do. */
  readonly next: string;
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
  const { host } = props;
  const pins = tryReadPins(host.knownHosts, host.hostKeyAlias);
  const answer = await contact(host, 'report', {
    run: props.run ?? runProcess,
    ...(props.env === undefined ? {} : { env: props.env }),
  });
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
    next: adviceFor(environment, identity, bootstrap),
  };
}

/** Never destructive: which of two machines is the right one cannot be told from here alone. */
function adviceFor(
  environment: string,
  identity: HostCheck['identity'],
  bootstrap: HostCheck['bootstrap'],
): string {
  switch (identity) {
    case 'pinned':
      if (bootstrap === 'done') return `nothing: it is the pinned machine and bootstrapped`;
      return bootstrap === 'failed'
        ? `./cogni host converge ${environment}`
        : `./cogni host wait ${environment}`;
    case 'other key':
      return (
        'compare with the provider’s console: was the server reinstalled, or does another machine have its address? ' +
        `If it was reinstalled with the token that is kept here: ./cogni host pin ${environment} --replace. After any other ` +
        'reinstall nobody has its token: have Terraform make a new server. Otherwise trust nothing that it says'
      );
    case 'not pinned':
      return `./cogni host pin ${environment}`;
    case 'silent':
      return `look at the server in the provider’s console: is it on, is its address still this one?`;
  }
}

export function checkText(check: HostCheck): string {
  return [
    `${check.environment} at ${check.address}`,
    `  identity   ${check.identity}`,
    `  seen       ${check.seen ?? 'nothing answers on SSH'}`,
    `  pinned     ${check.pinned.join(', ') || 'nothing'}`,
    `  bootstrap  ${check.bootstrap}`,
    ...(check.login === undefined ? [] : [`  login      ${check.login}`]),
    `  next       ${check.next}`,
  ].join('\n');
}

/** 0 for the pinned machine with its bootstrap done; 3 where a person must decide whom to trust; 1 otherwise. */
export function exitCodeOf({ identity, bootstrap }: HostCheck): ExitCode {
  if (identity === 'other key') return ExitCode.refused;
  return identity === 'pinned' && bootstrap === 'done' ? ExitCode.done : ExitCode.failed;
}
