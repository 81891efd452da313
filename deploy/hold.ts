import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Command, Output } from '../foundation/process';
import { reveal } from '../foundation/secret';
import type { Held, TransportOptions } from './transport';

/** Milliseconds a held command has to end after its input was closed, before it is killed. */
const grace = 10_000;

/**
 * Starts a program on this machine, writes `stdin` and leaves it open, and waits for the first line of output that
 * `isLine` accepts. The pipe closes when this process ends, however it ends, so a program that reads to the end of
 * its input cannot outlive it.
 *
 * @returns the running program, or how it ended when it did so first. `deadline` is for the first line; a program
 *   that has not said it by then is killed and reported as timed out.
 */
export async function hold(
  command: Command,
  options: TransportOptions & { readonly isLine?: (line: string) => boolean } = {},
): Promise<Held | Output> {
  const [program, ...args] = command.argv;
  const started = performance.now();
  const child = spawn(program, args, {
    env: { ...process.env, ...command.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    // Out of the terminal's process group: Ctrl-C is ours to handle, and must not cut what is being held.
    detached: true,
  });
  let stdout = '';
  let stderr = '';
  let timedOut = false;
  const kill = (): void => void child.kill('SIGKILL');
  const closed = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
    child.once('error', (cause) => {
      stderr += cause.message;
      resolve({ code: 127, signal: null });
    });
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-65_536);
    options.onOutput?.(chunk, 'stderr');
  });
  child.stdin.on('error', () => undefined);
  child.stdin.write(command.stdin === undefined ? '' : reveal(command.stdin));
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, command.deadline);
  options.signal?.addEventListener('abort', kill, { once: true });
  if (options.signal?.aborted) kill();

  const firstLine = new Promise<string>((resolve) => {
    let inPlace = false;
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      options.onOutput?.(chunk, 'stdout');
      if (inPlace) return;
      stdout = (stdout + chunk).slice(-65_536);
      const line = stdout
        .split('\n')
        .slice(0, -1)
        .find(options.isLine ?? (() => true));
      inPlace = line !== undefined;
      if (line !== undefined) resolve(line);
    });
  });
  const first = await Promise.race([firstLine, closed]);
  clearTimeout(timer);
  options.signal?.removeEventListener('abort', kill);
  if (typeof first !== 'string') {
    return { ...first, stdout, stderr, timedOut, milliseconds: performance.now() - started };
  }
  return {
    line: first,
    alive: () => child.exitCode === null && child.signalCode === null,
    ended: closed.then(() => undefined),
    send: (text) => void child.stdin.write(text),
    release: async () => {
      child.stdin.end();
      if (child.exitCode !== null || child.signalCode !== null) return;
      const killer = setTimeout(kill, grace);
      await once(child, 'close');
      clearTimeout(killer);
    },
  };
}
