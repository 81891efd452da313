import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock, type Clock } from '../foundation/clock';
import { Failure } from '../foundation/failure';
import { tryReadFile, writeAtomically } from '../foundation/files';

/**
 * Background processes of a sandbox that are not containers (the emulator, the SSH agent). Each has a pid file that
 * also holds the process's start time, so that a reused process id is never taken for it, let alone ended.
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

interface PidFile {
  readonly pid: number;
  /** Clock ticks since boot (proc(5), stat, field 22). */
  readonly startTime: string;
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
    await stopDaemon(daemon.folder, daemon.name, clock);
  }
  mkdirSync(daemon.folder, { recursive: true });
  const logFile = join(daemon.folder, `${daemon.name}.log`);
  const log = openSync(logFile, 'a', 0o600);
  const [program, ...args] = daemon.argv;
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...daemon.env },
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
  while (!(await daemon.ready())) {
    const ended = child.exitCode !== null || child.signalCode !== null;
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
  return 'started';
}

/** Ends the daemon if it is the very process that was started, waits until it is gone, and removes its pid file. */
export async function stopDaemon(folder: string, name: string, clock: Clock = systemClock): Promise<void> {
  const recorded = tryReadPidFile(folder, name);
  for (let waited = 0; recorded && lives(recorded); waited += 50) {
    if (waited === 0) process.kill(recorded.pid, 'SIGTERM');
    if (waited === 5_000) process.kill(recorded.pid, 'SIGKILL');
    if (waited > 10_000) {
      throw new Failure({
        what: `${name} (process ${recorded.pid}) does not end`,
        next: `look at process ${recorded.pid}`,
      });
    }
    await clock.sleep(50);
  }
  rmSync(pidFilePath(folder, name), { force: true });
}

/** Whether the daemon's process lives. */
export function daemonLives(folder: string, name: string): boolean {
  const recorded = tryReadPidFile(folder, name);
  return recorded !== undefined && lives(recorded);
}

const pidFilePath = (folder: string, name: string): string => join(folder, `${name}.pid`);

function tryReadPidFile(folder: string, name: string): PidFile | undefined {
  const text = tryReadFile(pidFilePath(folder, name));
  return text === undefined ? undefined : (JSON.parse(text) as PidFile);
}

const lives = (recorded: PidFile): boolean => startTimeOf(recorded.pid) === recorded.startTime;

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
