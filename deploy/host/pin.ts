import { systemClock, type Clock } from '../../foundation/clock';
import { ExitCode, Failure } from '../../foundation/failure';
import { run as runProcess, type Run } from '../../foundation/process';
import { silent, type Progress } from '../../foundation/progress';
import type { Secret } from '../../foundation/secret';
import type { SshHost } from '../ssh';
import { HostUnreachable, LoginRefused } from '../ssh-failure';
import { ConnectionLost } from '../transport';
import { contact, type FirstContact } from './first-contact';
import { describeKey, provedKeys, verifyHostKey, type HostKey } from './host-key';
import { tryReadPins, writePins, type Pins } from './pins';
import { parseReport } from './report';

export interface PinProps {
  readonly host: SshHost;
  /** The machine's enrollment token (`enrollmentOf` its user-data). Not needed where the key is pinned already. */
  readonly token?: Secret;
  /**
   * What the provider calls the machine (its server id). A pin of another machine is out of date and is proved anew;
   * the same machine with another key is refused.
   */
  readonly machine?: string;
  /** Proves and pins again, although the same machine is pinned with another key: after a reinstall that was meant. */
  readonly replace?: boolean;
  /** Milliseconds to wait for the machine to boot and write its proof. */
  readonly deadline: number;
  readonly progress?: Progress;
  readonly clock?: Clock;
  readonly run?: Run;
  /** Changes to the environment of ssh, e.g. another SSH_AUTH_SOCK. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface PinResult {
  readonly keys: readonly HostKey[];
  /** False when they were pinned before. */
  readonly pinnedNow: boolean;
}

/** Milliseconds between two connections. */
const pause = 1_000;
/** Milliseconds between two looks at how far a bootstrap is that has written no proof yet. */
const lookEvery = 10_000;
/** Milliseconds that logins may be refused, from the first of them: a machine may answer before its user is there. */
const loginGrace = 5 * 60_000;

/**
 * Pins a host's keys, once they are proved: connects taking any key, reads the proof, and believes it only if the
 * token makes it for the very key that this connection saw. Then every key that the proof vouches for is written to
 * `host.knownHosts`; from then on that file decides, strictly.
 *
 * Where keys are pinned for this machine already, nothing is asked of the host.
 *
 * @throws Failure with exit code 3 when the key is not proved, or there is no token to prove it with; with exit code 1
 *   when the machine does not answer, or writes no proof, within the deadline
 */
export async function pinHost(props: PinProps): Promise<PinResult> {
  const { host, machine } = props;
  const pins = tryReadPins(host.knownHosts, host.hostKeyAlias);
  if (pins && !props.replace && !isOfAnotherMachine(pins, machine))
    return { keys: pins.keys, pinnedNow: false };
  const progress = props.progress ?? silent;
  if (pins)
    progress.note(
      `${host.hostKeyAlias} is pinned for another machine or is to be pinned again: proving its key`,
    );
  if (!props.token) throw noToken(host);
  const keys = await prove(props, props.token, progress);
  const now = (props.clock ?? systemClock).now();
  writePins(host.knownHosts, host.hostKeyAlias, { keys, machine }, now);
  progress.note(`pinned ${keys.map(describeKey).join(', ')} in ${host.knownHosts}`);
  return { keys, pinnedNow: true };
}

const isOfAnotherMachine = (pins: Pins, machine: string | undefined): boolean =>
  machine !== undefined && pins.machine !== undefined && pins.machine !== machine;

/** Asks until the host has written its proof. A proof that does not hold ends it at once: waiting mends no such thing. */
async function prove(props: PinProps, token: Secret, progress: Progress): Promise<readonly HostKey[]> {
  const { host } = props;
  const clock = props.clock ?? systemClock;
  const run = props.run ?? runProcess;
  const environment = props.env === undefined ? {} : { env: props.env };
  const started = clock.monotonic();
  const isPassing = passing();
  let said = '';
  let lookedAt = 0;
  for (;;) {
    const answer = await contact(host, 'proof', { run, ...environment });
    const elapsed = clock.monotonic() - started;
    const keys = judge(props, answer, token);
    if (keys) return keys;
    if (answer.failure && !isPassing(answer.failure, clock.monotonic())) throw answer.failure;
    if (elapsed + pause > props.deadline) throw await unproved(props, run, answer, elapsed);
    if (!answer.failure && elapsed - lookedAt >= lookEvery) {
      lookedAt = elapsed;
      // Unproven, so it is believed for one thing only: that waiting on is of no use.
      const { printed } = await contact(host, 'report', { run, ...environment });
      const { cloudInitEnded, running } = parseReport(printed);
      if (cloudInitEnded && !running) {
        const last = await contact(host, 'proof', { run, ...environment });
        const late = judge(props, last, token);
        if (late) return late;
        if (!last.failure) throw await unproved(props, run, last, clock.monotonic() - started);
      }
    }
    const state = describeWait(answer);
    if (state !== said) progress.note(`${host.address}: ${state}`);
    said = state;
    await clock.sleep(pause);
  }
}

/** The proved keys; undefined while there is nothing to judge. */
function judge(
  { host, replace }: PinProps,
  { seen, proof }: FirstContact,
  token: Secret,
): readonly HostKey[] | undefined {
  if (seen === undefined || proof.length === 0) return undefined;
  const verdict = verifyHostKey(token.reveal(), seen, proof);
  if (verdict === 'proved') return provedKeys(token.reveal(), proof);
  const shown = `${host.user}@${host.address} answered with ${describeKey(seen)}`;
  throw new Failure({
    what:
      verdict === 'wrong'
        ? `${shown}, and its proof was not made with the enrollment token of ${host.environment}: it has the token of other user-data (a reinstall at the provider gives a machine its first token again, which nobody keeps), or someone is in between`
        : `${shown}, which its proof does not name: its keys were changed after it was enrolled, or someone is in between`,
    state: 'nothing is pinned, and nothing but a request for the proof was sent',
    next:
      verdict === 'wrong' && replace
        ? `./cogni host check ${host.environment}; if the provider reinstalled the machine, have Terraform make a new server (docs/bootstrap.md, "When it fails")`
        : `./cogni host check ${host.environment}`,
    exitCode: ExitCode.refused,
  });
}

/**
 * Says of each failure of one wait whether waiting on may mend it: a host that does not answer yet, or that has no
 * deploy user yet.
 * @returns takes the failure and the time it came at (monotonic milliseconds)
 */
export function passing(): (thrown: Failure, at: number) => boolean {
  let refusedSince: number | undefined;
  return (thrown, at) => {
    if (thrown instanceof HostUnreachable || thrown instanceof ConnectionLost) return true;
    if (!(thrown instanceof LoginRefused)) return false;
    refusedSince ??= at;
    return at - refusedSince <= loginGrace;
  };
}

function describeWait(answer: FirstContact): string {
  if (answer.seen === undefined) return 'waiting for it to answer on SSH';
  return answer.failure ? 'answers on SSH, but lets nobody in yet' : 'waiting for the proof of its host key';
}

/** @param after milliseconds that were waited */
async function unproved(props: PinProps, run: Run, last: FirstContact, after: number): Promise<Failure> {
  const { host } = props;
  const within = `within ${Math.round(after / 1000)} s`;
  if (last.failure) {
    return new Failure({
      what: `${host.user}@${host.address} could not be logged in to ${within}: ${last.failure.what}`,
      faults: last.failure.faults,
      state: 'the machine may still be booting; nothing is pinned',
      next: `./cogni host wait ${host.environment}`,
      output: last.failure.output,
      cause: last.failure,
    });
  }
  const environment = props.env === undefined ? {} : { env: props.env };
  const { printed } = await contact(host, 'report', { run, ...environment });
  const { log, cloudInitEnded, running } = parseReport(printed);
  const over = cloudInitEnded && !running ? ', and says that its bootstrap is over' : '';
  return new Failure({
    what: `${host.user}@${host.address} wrote no proof of its host key ${within}${over}, so it is not known to be ours`,
    state: 'nothing is pinned',
    next: `look at its console, or reinstall it with new user-data; then: ./cogni host wait ${host.environment}`,
    output: log === '' ? '' : `What it says of itself, unproven:\n${log}`,
  });
}

const noToken = (host: SshHost): Failure =>
  new Failure({
    what: `no host key is pinned for ${host.hostKeyAlias}, and there is no enrollment token to prove one with`,
    state: 'nothing was sent to the host',
    next: `bring ${host.knownHosts} from the machine that provisioned ${host.environment}, or reinstall the host with a new token`,
    exitCode: ExitCode.refused,
  });
