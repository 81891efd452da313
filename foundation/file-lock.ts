import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemClock, type Clock } from './clock';
import { ExitCode, Failure } from './failure';
import { tryReadFile } from './files';

export interface FileLockProps {
  /** What is being done, for the message another run sees. */
  readonly purpose: string;
  /** Milliseconds to wait for another run. @default 0 - refuse at once */
  readonly wait?: number;
  readonly clock?: Clock;
  /** Told once when it has to wait, with the holder's purpose. */
  readonly onWait?: (holder: string) => void;
}

/**
 * Does something while holding a lock on this machine. The lock names its holder's process and that process's start
 * time, so that one left behind by a killed run (or a reused process id) is recognised and taken over.
 *
 * @throws Failure with {@link ExitCode.locked} when another living run holds it for longer than `wait`.
 */
export async function withFileLock<T>(path: string, props: FileLockProps, work: () => Promise<T>): Promise<T> {
  const clock = props.clock ?? systemClock;
  const until = clock.monotonic() + (props.wait ?? 0);
  mkdirSync(dirname(path), { recursive: true });
  let announced = false;
  while (!tryTake(path, props.purpose)) {
    const holder = describeHolder(path);
    if (clock.monotonic() >= until) {
      throw new Failure({
        what: `another run holds the lock ${path}: ${holder}`,
        next: 'wait until it has ended, then run this again',
        exitCode: ExitCode.locked,
      });
    }
    if (!announced) props.onWait?.(holder);
    announced = true;
    await clock.sleep(200);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function tryTake(path: string, purpose: string): boolean {
  try {
    const descriptor = openSync(path, 'wx', 0o600);
    writeSync(descriptor, `${process.pid} ${startTime(process.pid)} ${purpose}\n`);
    closeSync(descriptor);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  }
  const holder = tryReadFile(path);
  // An empty file is one whose writer is between its two calls: it is alive.
  if (holder === undefined || holder === '' || holderLives(holder)) return false;
  rmSync(path, { force: true });
  return tryTake(path, purpose);
}

function holderLives(holder: string): boolean {
  const [pid, started] = holder.split(' ');
  return startTime(Number(pid)) === started;
}

function describeHolder(path: string): string {
  const [pid, , ...purpose] = (tryReadFile(path) ?? '').trim().split(' ');
  return pid ? `${purpose.join(' ')} (process ${pid})` : 'a run that is just starting';
}

/** Clock ticks since boot at which a process started (proc(5), stat, field 22), or "" when there is none. */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
