import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
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

/** What flock(1) exits with when another process holds the lock; any other code is a fault of its own. */
const conflict = 75;

/**
 * Does something while holding a lock on this machine.
 *
 * It is an operating-system lock (flock(2), util-linux's `flock`) held by a child that lives on a pipe from this
 * process: however this process ends, kill -9 included, the pipe closes, the child ends and the lock is free. So
 * nothing can strand it and nothing has to guess whether a holder still lives.
 *
 * @param path the lock file; `<path>.holder` beside it says who holds it, for the message only.
 * @throws Failure with `ExitCode.locked` when another run holds it for longer than `wait`.
 */
export async function withFileLock<T>(
  path: string,
  props: FileLockProps,
  work: () => Promise<T>,
): Promise<T> {
  const clock = props.clock ?? systemClock;
  const until = clock.monotonic() + (props.wait ?? 0);
  const holderFile = `${path}.holder`;
  mkdirSync(dirname(path), { recursive: true });
  let announced = false;
  let holder = await tryHold(path);
  while (!holder) {
    const other = tryReadFile(holderFile)?.trim() || 'a run that is just starting';
    if (clock.monotonic() >= until) {
      throw new Failure({
        what: `another run holds the lock ${path}: ${other}`,
        next: 'wait until it has ended, then run this again',
        exitCode: ExitCode.locked,
      });
    }
    if (!announced) props.onWait?.(other);
    announced = true;
    await clock.sleep(250);
    holder = await tryHold(path);
  }
  try {
    writeFileSync(holderFile, `${props.purpose} (process ${process.pid})\n`);
    return await work();
  } finally {
    holder.child.stdin.end();
    await holder.closed;
  }
}

interface Holder {
  readonly child: ChildProcessWithoutNullStreams;
  /** Listened for from the start: a child that was ended from outside says so only once. */
  readonly closed: Promise<void>;
}

/** The child that holds the lock, or undefined when another one does. */
async function tryHold(path: string): Promise<Holder | undefined> {
  // `cat` gives back the byte it is sent: that it runs at all means that the lock is held. A group of its own keeps
  // it from being ended by the terminal's Ctrl-C before we have cleaned up.
  const child = spawn(
    'flock',
    ['--exclusive', '--nonblock', '--conflict-exit-code', String(conflict), path, 'cat'],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    },
  );
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.stdin.on('error', () => undefined);
  child.stdin.write('.');
  const stderr: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => stderr.push(chunk));
  return new Promise((resolve, reject) => {
    child.stdout.once('data', () => resolve({ child, closed }));
    child.once('error', (cause) =>
      reject(
        new Failure({
          what: `flock could not be started: ${cause.message}`,
          next: 'install util-linux, then run this again',
          cause,
        }),
      ),
    );
    child.once('close', (code) => {
      if (code === conflict) resolve(undefined);
      else
        reject(
          new Failure({
            what: `the lock ${path} could not be taken: flock ended with exit code ${code ?? 'none'}`,
            output: stderr.join(''),
            next: 'look at that folder (permissions, free space), then run this again',
          }),
        );
    });
  });
}
