import { systemClock, type Clock } from '../../foundation/clock';
import { ExitCode, Failure } from '../../foundation/failure';
import type { Output } from '../../foundation/process';
import type { Archive } from '../../services';
import type { RemoteCommand, Transport } from '../transport';
import { questions } from './commands';
import {
  copiesComplaint,
  judgeCopies,
  listCopies,
  parseCopies,
  type JudgedCopies,
  type JudgedCopy,
} from './copies';
import { parseInfo, parseLog, parseServer, type ArchiveInfo } from './facts';
import { clockAlarms, judge, type Judgement } from './judge';
import { judgeReceiver, parseReceiver, type JudgedReceiver } from './receiver';
import { isAllSent } from './segment';

export interface BackupReport extends Judgement {
  readonly environment: string;
  /** `<endpoint>/<bucket>` */
  readonly place: string;
  /** Portable copies, the newest first; undefined where none are made. */
  readonly copies?: readonly JudgedCopy[];
  /** Of the log, on another host; undefined where there is none, or the database did not answer. */
  readonly receiver?: JudgedReceiver;
}

/** An archive as it was looked at. */
interface Looked {
  readonly info: ArchiveInfo;
  /**
   * When the archive last took log, by its own list; undefined: it has none. The server's word for it counts log as taken that was dropped
   * because the backlog was full.
   */
  readonly newestLog: Date | undefined;
  /** Only the segment that is written is not in the archive: a database to which nothing is written sends nothing. */
  readonly allSent: boolean;
  readonly report: BackupReport;
}

/**
 * Looks at the archive of an environment, and says what is to be thought of it. Only reads.
 *
 * @throws Failure when nothing makes backups on the host, or the archive does not answer
 */
export async function lookAtBackups(
  transport: Pick<Transport, 'run'>,
  environment: string,
  archive: Archive,
  clock: Pick<Clock, 'now'> = systemClock,
): Promise<Looked> {
  const server = await transport.run(questions.server);
  // What is asked next may take its time, and two clocks are compared.
  const now = clock.now();
  const said = server.code === 0 ? parseServer(server.stdout) : undefined;
  const faults = said ? clockAlarms(said, now) : [];
  const [info, log] = [
    await answerOf(transport, questions.info, environment, faults),
    await answerOf(transport, questions.log, environment, faults),
  ];
  const known = parseInfo(info.stdout);
  const facts = {
    info: known,
    runs: parseLog(log.stdout),
    server: said,
    archive,
    now,
  };
  const judgement = judge(facts);
  const complaints = await complaintsOf(transport, questions.complaint, 'what makes backups');
  const copied = await lookAtCopies(transport, archive, facts.now);
  const receiving = await lookAtReceiver(transport, environment, archive);
  return {
    info: known,
    newestLog: newestOf(facts.runs.map(({ to }) => to)),
    allSent: said !== undefined && isAllSent(facts.runs, said),
    report: {
      environment,
      place: `${archive.endpoint}/${archive.bucket}`,
      ...judgement,
      ...(copied && { copies: copied.copies }),
      ...(receiving && { receiver: receiving.receiver }),
      alarms: [...judgement.alarms, ...complaints, ...(copied?.alarms ?? []), ...(receiving?.alarms ?? [])],
    },
  };
}

const newestOf = (times: readonly Date[]): Date | undefined =>
  times.reduce<Date | undefined>((newest, time) => (newest && newest > time ? newest : time), undefined);

/**
 * What a container says of its last run. A backup that failed, or log that was read back and is damaged, stands nowhere else: the archive
 * itself shows it only when the last good one has grown old.
 */
async function complaintsOf(
  transport: Pick<Transport, 'run'>,
  command: RemoteCommand,
  who: string,
): Promise<readonly string[]> {
  const { code, stdout } = await transport.run(command);
  if (code === 0) return [];
  return stdout
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => `${who} says: ${line.trim()}`);
}

/** A database that does not answer is an alarm already. */
export async function lookAtReceiver(
  transport: Pick<Transport, 'run'>,
  environment: string,
  { receiver }: Archive,
): Promise<ReturnType<typeof judgeReceiver> | undefined> {
  if (receiver === undefined) return undefined;
  const { code, stdout } = await transport.run(questions.receiver);
  return code === 0 ? judgeReceiver(parseReceiver(stdout), receiver, environment) : undefined;
}

/** What makes them may not run: that is no reason to say nothing of the backups. */
async function lookAtCopies(
  transport: Pick<Transport, 'run'>,
  archive: Archive,
  now: Date,
): Promise<JudgedCopies | undefined> {
  if (archive.copies === undefined) return undefined;
  const { code, stdout, stderr } = await transport.run(listCopies);
  if (code === 0) {
    const { copies, alarms } = judgeCopies(parseCopies(stdout), archive, now);
    const complaints = await complaintsOf(transport, copiesComplaint, 'what makes portable copies');
    return { copies, alarms: [...alarms, ...complaints] };
  }
  const [said = ''] = `${stderr}${stdout}`.trim().split('\n');
  return { copies: [], alarms: [`the portable copies could not be looked at: ${said}`] };
}

async function answerOf(
  transport: Pick<Transport, 'run'>,
  command: RemoteCommand,
  environment: string,
  faults: readonly string[],
): Promise<Output> {
  const output = await transport.run(command);
  if (output.code === 0) return output;
  const text = `${output.stdout}${output.stderr}`.trim();
  const gone = /no such container|is not running/i.test(text);
  throw new Failure({
    what: gone
      ? `nothing makes backups on the host of ${environment}: its container is not there or does not run`
      : `the archive of ${environment} could not be looked at`,
    faults,
    next: gone
      ? `./cogni deploy ${environment} --image-tag <tag>    (starts it; ./cogni status ${environment} shows what runs)`
      : `see that the bucket can be reached from the host and that its key was not revoked, then ./cogni backup list ${environment}`,
    output: text,
  });
}

/**
 * The archive of an environment's record.
 *
 * @throws Failure (exit code 3) for an environment that has none
 */
export function requireArchive(environment: string, archive: Archive | undefined): Archive {
  if (archive !== undefined) return archive;
  throw new Failure({
    what: `${environment} has no archive: nothing of it is backed up`,
    next: `give its record an archive (stacks/environments.ts; docs/backup.md says how), then ./cogni deploy ${environment} --image-tag <tag>`,
    exitCode: ExitCode.refused,
  });
}
