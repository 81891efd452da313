import { systemClock } from '../../foundation/clock';
import { Failure } from '../../foundation/failure';
import { silent, type Progress } from '../../foundation/progress';
import { connect as connectBySsh, type SshHost } from '../ssh';
import type { Transport } from '../transport';
import { passing, pinHost, type PinProps, type PinResult } from './pin';
import { parseReport, reportCommand, type HostReport, type PhaseFailure, type Success } from './report';

export interface WaitProps extends Omit<PinProps, 'replace'> {
  /** Milliseconds for all of it: boot, proof, every phase. */
  readonly deadline: number;
  /** Opens the connection; a test hands in its own. */
  readonly connect?: typeof connectBySsh;
}

export interface WaitResult extends PinResult {
  readonly success: Success;
}

/** Milliseconds between two looks at the host. */
const pause = 1_000;
/** Milliseconds after which the same phase is named again. */
const reminder = 10_000;

/**
 * Waits until a host's bootstrap has done all of it: what `cogni host wait <env>` and Terraform's gate do. Connects
 * (again and again, while the host boots), proves and pins its key or holds it against the pinned one, and follows
 * the phases.
 *
 * @throws Failure when the bootstrap failed (phase, exit code, command, the host's own log), ended without a word, or
 *   is not done within the deadline; with exit code 3 when the host's key is not the pinned or the proved one
 */
export async function waitForBootstrap(props: WaitProps): Promise<WaitResult> {
  const clock = props.clock ?? systemClock;
  const progress = props.progress ?? silent;
  const started = clock.monotonic();
  const pinned = await pinHost(props);
  let said: { text: string; at: number } | undefined;
  let lastReport: HostReport | undefined;
  let lastFailure: Failure | undefined;
  let transport: Transport | undefined;
  const isPassing = passing();
  try {
    for (;;) {
      const elapsed = clock.monotonic() - started;
      if (elapsed > props.deadline) throw notInTime(props, lastReport, lastFailure);
      try {
        transport ??= await (props.connect ?? connectBySsh)(
          props.host,
          props.env === undefined ? {} : { env: props.env },
        );
        const output = await transport.run(reportCommand);
        lastReport = parseReport(output.stdout);
        const success = judge(props.host, lastReport);
        if (success) {
          progress.note(`bootstrap of ${props.host.environment} is done: ${describeTimings(success)}`);
          return { ...pinned, success };
        }
      } catch (thrown) {
        if (!(thrown instanceof Failure) || !isPassing(thrown, clock.monotonic())) throw thrown;
        lastFailure = thrown;
        await transport?.close().catch(() => undefined);
        transport = undefined;
      }
      said = follow(
        progress,
        said,
        transport ? describe(lastReport) : 'waiting for it to answer on SSH',
        elapsed,
      );
      await clock.sleep(pause);
    }
  } finally {
    await transport?.close().catch(() => undefined);
  }
}

/** The bootstrap of a host failed: what its marker says. */
export class BootstrapFailed extends Failure {
  override readonly name = 'BootstrapFailed';
}

/** The success marker; undefined while the host is at work. */
function judge(host: SshHost, report: HostReport): Success | undefined {
  if (report.fail) throw failed(host, report.fail, report);
  if (report.ok) return report.ok;
  if (report.cloudInitEnded && !report.running) throw endedWithoutMarker(host, report);
  return undefined;
}

function failed(host: SshHost, fail: PhaseFailure, report: HostReport): BootstrapFailed {
  return new BootstrapFailed({
    what: `the bootstrap of ${host.environment} (${host.address}) failed in phase ${fail.phase} with exit code ${fail.exitCode}: ${fail.command}`,
    state: `the phases before it are done; the host is up and can be logged in to as ${host.user}`,
    next: `mend what the host's log below names, then: ./cogni host converge ${host.environment}`,
    output: report.log,
  });
}

function endedWithoutMarker(host: SshHost, report: HostReport): BootstrapFailed {
  return new BootstrapFailed({
    what: `cloud-init has ended on ${host.environment} (${host.address}), but the bootstrap left no marker: it was killed${report.phase ? ` in phase ${report.phase}` : ' before its first phase, or could not be written to the disk'}`,
    faults: report.cloudInitErrors.map((error) => `cloud-init: ${error}`),
    state: `unknown; the host is up and can be logged in to as ${host.user}`,
    next: `./cogni host converge ${host.environment}`,
    output: report.log,
  });
}

function notInTime(props: WaitProps, report: HostReport | undefined, failure: Failure | undefined): Failure {
  const { host } = props;
  const within = `within ${Math.round(props.deadline / 1000)} s`;
  return new Failure({
    what: `the bootstrap of ${host.environment} (${host.address}) was not done ${within}: ${describe(report)}`,
    faults: [
      ...(failure ? [failure.what] : []),
      ...(report?.cloudInitErrors ?? []).map((error) => `cloud-init: ${error}`),
    ],
    state: 'the bootstrap may still be at work on the host',
    next: `./cogni host wait ${host.environment}`,
    output: report?.log ?? failure?.output ?? '',
  });
}

function describe(report: HostReport | undefined): string {
  if (!report) return 'the host has not said anything';
  if (report.phase) return `phase ${report.phase}`;
  return report.running ? 'the bootstrap begins' : 'waiting for cloud-init to begin the bootstrap';
}

function follow(
  progress: Progress,
  said: { text: string; at: number } | undefined,
  text: string,
  elapsed: number,
): { text: string; at: number } {
  if (said?.text === text && elapsed - said.at < reminder) return said;
  progress.note(said?.text === text ? `${text}, still, after ${Math.round(elapsed / 1000)} s` : text);
  return { text, at: elapsed };
}

const describeTimings = (success: Success): string =>
  Object.entries(success.milliseconds)
    .map(([phase, milliseconds]) => `${phase} ${(milliseconds / 1000).toFixed(1)} s`)
    .join(', ');
