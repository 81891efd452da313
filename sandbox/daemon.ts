import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock, type Clock } from '../foundation/clock';
import { Failure } from '../foundation/failure';
import { tryReadFile, writeAtomically } from '../foundation/files';

/**
 * Background processes of a sandbox that are not containers (the emulator, the SSH agent). Each has a pid file that
 * also holds the process's start time, so that a reused process id is never taken for it, let alone ended. Each carries
 * a mark in its environment too: it is found again when it was started and its pid file never written, or lost.
 */
export interface DaemonProps {
  /** Names its pid file and log: `<folder>/<name>.pid`, `<folder>/<name>.log`. */
  readonly name: string;
  readonly folder: string;
  readonly argv: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  /** True once it does its work; asked again and again until the deadline. */
  readonly ready: () => boolean | Promise<boolean>;
  /** Milliseconds. @default 20 000 */
  readonly deadline?: number;
  readonly clock?: Clock;
}

/** One process, told from all that had or will have its id. */
interface Started {
  readonly pid: number;
  /** Clock ticks since boot (proc(5), stat, field 22). */
  readonly startTime: string;
}

interface PidFile extends Started {
  /** What it was started with; another command line means another recipe: it is restarted. */
  readonly argv: readonly string[];
}

/** Makes sure the daemon runs with exactly this command line, and waits until it is ready. */
export async function ensureDaemon(daemon: DaemonProps): Promise<'running already' | 'started'> {
  const clock = daemon.clock ?? systemClock;
  const recorded = tryReadPidFile(daemon.folder, daemon.name);
  if (recorded && lives(recorded)) {
    if (JSON.stringify(recorded.argv) === JSON.stringify(daemon.argv) && (await daemon.ready()))
      return 'running already';
  }
  await stopDaemon(daemon.folder, daemon.name, { clock, argv: daemon.argv });
  mkdirSync(daemon.folder, { recursive: true });
  const logFile = join(daemon.folder, `${daemon.name}.log`);
  const log = openSync(logFile, 'a', 0o600);
  const [program, ...args] = daemon.argv;
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: {
      ...process.env,
      ...daemon.env,
      [markVariable]: markOf(daemon.folder, daemon.name, daemon.argv),
    },
  });
  closeSync(log);
  let failure: Error | undefined;
  child.on('error', (error) => (failure = error));
  child.unref();
  if (child.pid !== undefined) {
    const pidFile: PidFile = { pid: child.pid, startTime: startTimeOf(child.pid) ?? '', argv: daemon.argv };
    writeAtomically(pidFilePath(daemon.folder, daemon.name), `${JSON.stringify(pidFile)}\n`);
  }
  const until = clock.monotonic() + (daemon.deadline ?? 20_000);
  for (;;) {
    const ready = await daemon.ready();
    // Looked at after the answer: another process may have given it.
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (ready && !failure && !ended) return 'started';
    if (failure || ended || clock.monotonic() > until) {
      throw new Failure({
        what: failure
          ? `${daemon.name} could not be started: ${failure.message}`
          : ended
            ? `${daemon.name} ended right after its start`
            : `${daemon.name} was not ready in time`,
        output: (tryReadFile(logFile) ?? '').split('\n').slice(-30).join('\n'),
        next: `read ${logFile}, then run ./cogni sandbox up again`,
      });
    }
    await clock.sleep(25);
  }
}

export interface StopOptions {
  readonly clock?: Clock;
  /** Its command line, where no other process can have the same: finds it even if its environment may not be read. */
  readonly argv?: readonly string[];
}

/**
 * Ends the daemon: the very process that was started, and any of the same name that no pid file tells of. Waits until
 * they are gone, and removes the pid file.
 */
export async function stopDaemon(folder: string, name: string, options: StopOptions = {}): Promise<void> {
  const clock = options.clock ?? systemClock;
  const recorded = tryReadPidFile(folder, name);
  const ours = [...(recorded ? [recorded] : []), ...findDaemons(folder, name, options.argv)];
  for (let waited = 0; ; waited += 50) {
    const living = ours.filter(lives);
    if (living.length === 0) break;
    if (waited === 0) for (const { pid } of living) signal(pid, 'SIGTERM');
    if (waited === 5_000) for (const { pid } of living) signal(pid, 'SIGKILL');
    if (waited > 10_000) {
      const pids = living.map(({ pid }) => pid).join(', ');
      throw new Failure({
        what: `${name} (process ${pids}) does not end`,
        next: `look at process ${pids}`,
      });
    }
    await clock.sleep(50);
  }
  rmSync(pidFilePath(folder, name), { force: true });
}

/**
 * The living processes that were started as this daemon, with or without a pid file. A child of the daemon inherits the
 * mark and has another command line, which the mark does not fit.
 *
 * @param argv see {@link StopOptions.argv}
 */
export function findDaemons(folder: string, name: string, argv?: readonly string[]): readonly Started[] {
  const found: Started[] = [];
  for (const entry of readdirSync('/proc')) {
    const commandLine = /^\d+$/.test(entry) ? tryReadList(`/proc/${entry}/cmdline`) : undefined;
    if (commandLine === undefined || commandLine.length === 0 || !isMine(entry)) continue;
    // ssh-agent(1) hides its environment from everybody, its own user included.
    const environment = tryReadList(`/proc/${entry}/environ`);
    const ours = environment
      ? environment.includes(`${markVariable}=${markOf(folder, name, commandLine)}`)
      : argv !== undefined && JSON.stringify(commandLine) === JSON.stringify(argv);
    const startTime = ours ? startTimeOf(Number(entry)) : undefined;
    if (startTime !== undefined) found.push({ pid: Number(entry), startTime });
  }
  return found;
}

const markVariable = 'COGNI_DAEMON';

const markOf = (folder: string, name: string, argv: readonly string[]): string =>
  `${join(folder, name)}:${createHash('sha256').update(JSON.stringify(argv)).digest('hex').slice(0, 16)}`;

/** proc(5): strings that each end in a NUL byte. Undefined where it may not be read, or the process has ended. */
function tryReadList(file: string): readonly string[] | undefined {
  try {
    return readFileSync(file, 'utf8').split('\0').slice(0, -1);
  } catch {
    return undefined;
  }
}

/**
 * Whether the process belongs to the user who runs this (proc(5), status: real user id), on this machine: a container
 * may run the same at the same path, seen from here (pid_namespaces(7)).
 */
function isMine(pid: string): boolean {
  try {
    if (readlinkSync(`/proc/${pid}/ns/pid`) !== readlinkSync('/proc/self/ns/pid')) return false;
    const uid = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return uid === String(process.getuid?.());
  } catch {
    return false;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (cause) {
    // It has ended by itself.
    if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
  }
}

/** Whether the process that the pid file names lives. */
export function daemonLives(folder: string, name: string): boolean {
  const recorded = tryReadPidFile(folder, name);
  return recorded !== undefined && lives(recorded);
}

const pidFilePath = (folder: string, name: string): string => join(folder, `${name}.pid`);

function tryReadPidFile(folder: string, name: string): PidFile | undefined {
  const text = tryReadFile(pidFilePath(folder, name));
  return text === undefined ? undefined : (JSON.parse(text) as PidFile);
}

const lives = (recorded: Started): boolean => startTimeOf(recorded.pid) === recorded.startTime;

function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name in parentheses may hold spaces; state "Z" is a process that ended and was not reaped yet.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : fields[18];
  } catch {
    return undefined;
  }
}
