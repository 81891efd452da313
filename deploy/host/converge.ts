import { randomUUID } from 'node:crypto';
import { faultsOf, hostFiles, hostLayout, revisionOf, type HostNeeds } from '../../bootstrap';
import { ExitCode, Failure } from '../../foundation/failure';
import { commandFailure, type Output } from '../../foundation/process';
import { silent, type Progress } from '../../foundation/progress';
import { atWorkAtMost } from '../edge/replace';
import type { RemoteCommand, Transport } from '../transport';
import { parseFindings, type Finding } from './findings';
import { inPlaceCommand, stageFiles, stagingFolder } from './staging';

export interface ConvergeProps {
  readonly environment: string;
  /** Connected to the living host as the deploy user. */
  readonly transport: Transport;
  /** What the host is to be today. */
  readonly needs: HostNeeds;
  /** Only finds out and says what would be done. */
  readonly dryRun?: boolean;
  readonly progress?: Progress;
  /** Names this run's own folder on the host, letters and digits; random where none is given. */
  readonly runId?: string;
}

export interface ConvergeResult {
  /** What each phase found before anything was changed; in the order of the phases. */
  readonly findings: readonly Finding[];
  /** Files below /opt/cogni/bootstrap that are rendered otherwise today, or new, or no longer there. */
  readonly files: readonly string[];
  /** Files of the running edge that are rendered otherwise today: never changed here. */
  readonly edgeDiffers: readonly string[];
  /** True when the phases were run. */
  readonly applied: boolean;
}

/**
 * Milliseconds. A check waits until no Docker Compose is at work on the edge, and asks systemd, Docker and the firewall a few questions; a run
 * may install packages.
 */
const deadlines = { check: atWorkAtMost + 120_000, clean: 20_000, run: 30 * 60_000 };

/** Exit codes of bootstrap.sh (bootstrap/phases/main.sh). */
const checkCodes = { nothingToDo: 0, wouldAct: 10, onlyTheEdgeDiffers: 11 };
const anotherRun = 75;

/**
 * Brings a living host to what is rendered today: the phases of the first boot, as they are now. First they are sent
 * to the host's memory and only check; if one of them would act (or a file of theirs differs), they take the place of
 * the old ones and run. The edge is started where it does not run, and never touched where it does: a difference is
 * reported.
 *
 * @throws Failure when the needs are unfit, another run is under way (exit code 4), or a phase fails: with the
 *   phase's name and the host's own output
 */
export async function convergeHost(props: ConvergeProps): Promise<ConvergeResult> {
  const { transport } = props;
  const progress = props.progress ?? silent;
  refuseUnfit(props);
  const staged = stagingFolder(props.runId ?? randomUUID().replaceAll('-', ''));
  try {
    return await converge(props, staged, progress);
  } finally {
    // What a broken connection leaves there is removed by a later run.
    await transport.run(asRoot(['rm', '-rf', '--', staged], deadlines.clean)).catch(() => undefined);
  }
}

async function converge(props: ConvergeProps, staged: string, progress: Progress): Promise<ConvergeResult> {
  const { transport, needs } = props;
  const files = await progress.step(
    'send what is rendered today',
    () => stageFiles(transport, hostFiles(needs), staged),
    {
      describe: (differing) =>
        differing.length === 0 ? 'the same as on the host' : `${differing.length} files differ`,
    },
  );
  const findings = await progress.step('check each phase', () => check(props, staged), {
    why: 'nothing is changed by that; where Docker Compose of a run that was killed is still at work on the edge, its end is waited for',
  });
  const edgeDiffers = findings
    .filter((finding) => finding.verdict === 'differs')
    .map((finding) => finding.what);
  for (const path of edgeDiffers) {
    progress.note(
      `the running edge differs from what is rendered: ${path}; it is left alone, since each change of it costs requests; ./cogni edge apply ${props.environment} makes it`,
    );
  }
  const needed = files.length > 0 || findings.some((finding) => finding.verdict === 'acts');
  if (!needed || props.dryRun) return { findings, files, edgeDiffers, applied: false };
  await progress.step('put it in place', () => inPlace(props, staged));
  await progress.step(`run the phases (${revisionOf(needs).slice(0, 12)})`, () => runPhases(props, progress));
  return { findings, files, edgeDiffers, applied: true };
}

function refuseUnfit({ needs, environment }: ConvergeProps): void {
  const faults = faultsOf(needs);
  if (faults.length === 0) return;
  throw new Failure({
    what: `what is rendered for ${environment} does not fit a host`,
    faults,
    state: 'nothing was sent to the host',
    next: `correct ${environment} in stacks/environments.ts or its key file, then run this again`,
  });
}

async function check({ transport, environment }: ConvergeProps, staged: string): Promise<Finding[]> {
  const command = asRoot(['bash', `${staged}/bootstrap.sh`, 'check'], deadlines.check);
  const output = await transport.run(command);
  refuseSecondRun(environment, output);
  const codes: readonly (number | null)[] = Object.values(checkCodes);
  if (codes.includes(output.code)) return parseFindings(output.stdout);
  const failed = parseFindings(output.stdout).find((finding) => finding.verdict === 'failed');
  throw commandFailure(command, output, {
    what: `what the phases would do on ${environment} could not be found out${failed ? `, in phase ${failed.phase}: ${failed.what}` : ''}`,
    state: 'nothing was changed',
    next: `mend that, then: ./cogni host converge ${environment} --dry-run`,
  });
}

async function inPlace({ transport, environment }: ConvergeProps, staged: string): Promise<void> {
  const command = inPlaceCommand(staged);
  const output = await transport.run(command);
  refuseSecondRun(environment, output);
  if (output.code === 0) return;
  throw commandFailure(command, output, {
    what: `the phases could not be put in place on ${environment}`,
    state: `${hostLayout.bootstrap} (or .old beside it) holds the old phases; none was run`,
    next: `mend that, then: ./cogni host converge ${environment}`,
  });
}

async function runPhases({ transport, environment }: ConvergeProps, progress: Progress): Promise<void> {
  const command = asRoot([hostLayout.script, 'run'], deadlines.run);
  const lines = lineByLine((line) => {
    const phase = /^\S+ phase (\S+) (begins|done.*|failed.*)$/.exec(line);
    if (phase) progress.note(`${phase[1]}: ${phase[2]}`);
  });
  const output = await transport.run(command, { onOutput: lines });
  refuseSecondRun(environment, output);
  if (output.code === 0) return;
  const [, phase, reason] =
    /phase (\S+) failed with exit code (.*)/.exec(output.stdout + output.stderr) ?? [];
  throw commandFailure(command, output, {
    what: phase
      ? `phase ${phase} failed on ${environment} (${reason})`
      : `the phases could not be run on ${environment}`,
    state: `the phases before ${phase ?? 'it'} are done; what ran on the host still runs`,
    next: `mend what the host's output above names, then: ./cogni host converge ${environment}`,
  });
}

function refuseSecondRun(environment: string, output: Output): void {
  if (output.code !== anotherRun) return;
  throw new Failure({
    what: `another run of the bootstrap is under way on ${environment}`,
    next: `./cogni host wait ${environment}`,
    exitCode: ExitCode.locked,
  });
}

const asRoot = (argv: readonly string[], deadline: number): RemoteCommand => ({
  argv: ['sudo', '-n', ...argv],
  deadline,
});

/** Whole lines of a stream that comes in pieces. */
function lineByLine(take: (line: string) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(take);
  };
}
