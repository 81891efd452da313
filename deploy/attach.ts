import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import type { Command } from '../foundation/process';

/** A command for a host that somebody listens to for as long as it runs. */
export interface AttachedCommand {
  readonly argv: readonly [string, ...string[]];
  /** Gives it a terminal there, and hands ours over: for programs that a person works in. @default false */
  readonly terminal?: boolean;
}

export interface AttachOptions {
  /**
   * `ours`: standard input of this process. `open`: nothing comes, and it ends when `signal` is aborted. A stream is handed on byte by
   * byte, and its end is the end of the input.
   */
  readonly stdin: 'ours' | 'open' | Readable;
  /** Called with each chunk of output. @default - it goes to standard output and standard error of this process, byte by byte */
  readonly onOutput?: (chunk: string, stream: 'stdout' | 'stderr') => void;
  /** Aborted: its standard input ends, and a command of {@link whileInputIsOpen} with it. */
  readonly signal?: AbortSignal;
}

/** How it ended: an exit code, or a signal (128 and its number, as shells say it). */
export type AttachedCode = number;

/** Milliseconds from the end of its input to that of the program, before it is killed here. */
const grace = 10_000;

/** Starts a program on this machine and stays with it until it ends. */
export function attach(
  command: Pick<Command, 'argv' | 'env'>,
  { stdin, onOutput, signal }: AttachOptions,
): Promise<AttachedCode> {
  return new Promise((resolve, reject) => {
    const [program, ...args] = command.argv;
    const output = onOutput ? 'pipe' : 'inherit';
    const child = spawn(program, args, {
      env: { ...process.env, ...command.env },
      stdio: [stdin === 'ours' ? 'inherit' : 'pipe', output, output],
      // Ctrl-C then reaches this process alone, which ends the command properly.
      detached: stdin !== 'ours',
    });
    if (stdin instanceof Readable && child.stdin) stdin.pipe(child.stdin);
    let killer: NodeJS.Timeout | undefined;
    const end = (): void => {
      if (child.stdin) child.stdin.end();
      else child.kill('SIGTERM');
      killer ??= setTimeout(() => child.kill('SIGKILL'), grace);
    };
    child.stdin?.on('error', () => undefined);
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream]?.setEncoding('utf8').on('data', (chunk: string) => onOutput?.(chunk, stream));
    }
    if (signal?.aborted) end();
    signal?.addEventListener('abort', end, { once: true });
    const cleanUp = (): void => {
      signal?.removeEventListener('abort', end);
      if (killer) clearTimeout(killer);
    };
    child.once('error', (cause) => {
      cleanUp();
      reject(cause);
    });
    // What it has left running may still hold our end of its input open.
    child.once('exit', () => child.stdin?.end());
    child.once('close', (code, ended) => {
      cleanUp();
      resolve(code ?? (ended === 'SIGKILL' ? 137 : 143));
    });
  });
}

/**
 * The same program, ended on the host as soon as its standard input does: with the client or its connection, however those
 * end. Fixed; the program is its arguments.
 */
export const whileInputIsOpen = (...argv: readonly [string, ...string[]]): AttachedCommand['argv'] => [
  'sh',
  '-c',
  `exec 3<&0
"$@" </dev/null 3<&- &
program=$!
{ cat <&3; kill "$program"; } >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$program"
code=$?
kill "$watcher" 2>/dev/null
exit "$code"`,
  'sh',
  ...argv,
];
