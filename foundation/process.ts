import { spawn } from 'node:child_process';
import { Failure } from './failure';
import { reveal, type Sensitive } from './secret';
import { tieGroup } from './tied-group';

/** A command as data: what would run, without a shell in between. */
export interface Command {
  /** Program and arguments. Never holds a secret: it can be read in the process list. */
  readonly argv: readonly [string, ...string[]];
  /** Written to standard input, which is then closed. The only way in for secrets. */
  readonly stdin?: Sensitive;
  /** Added to (or, where undefined, taken from) the caller's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Milliseconds after which the whole process group is ended. Nothing waits for ever. */
  readonly deadline: number;
}

export interface Output {
  /** 0 to 255; null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** True when the deadline ended it. */
  readonly timedOut: boolean;
  readonly milliseconds: number;
}

export interface RunOptions {
  /** Called with each chunk as it comes, for live output. */
  readonly onOutput?: (chunk: string, stream: 'stdout' | 'stderr') => void;
  readonly signal?: AbortSignal;
  /** Bytes kept of each stream: the beginning is dropped beyond it. @default 16 MiB */
  readonly keep?: number;
  /** Milliseconds between asking it to end (SIGTERM) and ending it. @default 5 seconds */
  readonly grace?: number;
  /**
   * Whether nothing of it may outlive this process, or the program itself: not when this process is killed outright, nor
   * children of a program that was. @default false: what was begun goes on to its end
   */
  readonly tied?: boolean;
}

/** Runs commands; the one adapter around child processes, replaced in tests. */
export type Run = (command: Command, options?: RunOptions) => Promise<Output>;

/**
 * Runs a command to its end and reports how it ended, whatever that was. Throws a {@link Failure} only when the
 * program cannot be started at all.
 */
export const run: Run = (command, options = {}) =>
  new Promise((resolve, reject) => {
    const [program, ...args] = command.argv;
    const started = performance.now();
    const keep = options.keep ?? 16 * 1024 * 1024;
    const child = spawn(program, args, {
      cwd: command.cwd,
      env: mergedEnvironment(command.env),
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own, so that the deadline ends grandchildren as well.
      detached: true,
    });
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    let killer: NodeJS.Timeout | undefined;
    const grace = options.grace ?? 5_000;
    const untie = options.tied && child.pid !== undefined ? tieGroup(child.pid, grace) : undefined;
    const end = (): void => {
      signalGroup(child.pid, 'SIGTERM');
      killer ??= setTimeout(() => signalGroup(child.pid, 'SIGKILL'), grace);
    };
    const timer = setTimeout(() => {
      timedOut = true;
      end();
    }, command.deadline);
    const cleanUp = (): void => {
      clearTimeout(timer);
      if (killer) clearTimeout(killer);
      options.signal?.removeEventListener('abort', end);
    };
    if (options.signal?.aborted) end();
    options.signal?.addEventListener('abort', end, { once: true });

    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout = (stdout + chunk).slice(-keep);
      options.onOutput?.(chunk, 'stdout');
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr = (stderr + chunk).slice(-keep);
      options.onOutput?.(chunk, 'stderr');
    });
    // A program may end before it has read everything; how it ended says enough.
    child.stdin.on('error', () => undefined);
    child.stdin.end(command.stdin === undefined ? '' : reveal(command.stdin));

    child.on('error', (cause: NodeJS.ErrnoException) => {
      cleanUp();
      const missing = cause.code === 'ENOENT';
      reject(
        new Failure({
          what: missing
            ? `the program "${program}" was not found`
            : `"${program}" could not be started: ${cause.message}`,
          next: missing
            ? `install ${program}, or put it on PATH, then run this again`
            : 'mend that, then run this again',
          cause,
        }),
      );
    });
    child.on('close', (code, signal) => {
      cleanUp();
      // Who was killed has not ended its children.
      if (options.tied && code !== 0) signalGroup(child.pid, 'SIGKILL');
      untie?.();
      resolve({ code, signal, stdout, stderr, timedOut, milliseconds: performance.now() - started });
    });
  });

/** Runs a command and gives its standard output, or throws a {@link Failure} that shows what it printed. */
export async function capture(
  command: Command,
  options: RunOptions & { readonly run?: Run } = {},
): Promise<string> {
  const output = await (options.run ?? run)(command, options);
  if (output.code === 0) return output.stdout;
  throw commandFailure(command, output);
}

/** The {@link Failure} for a command that ended badly: names the program, how it ended, and the end of its output. */
export function commandFailure(
  command: Command,
  output: Output,
  more: { what?: string; state?: string; next?: string } = {},
): Failure {
  const ending = output.timedOut
    ? `did not end within ${Math.round(command.deadline / 1000)} s`
    : output.signal
      ? `was ended by ${output.signal}`
      : `ended with exit code ${output.code}`;
  const text = [output.stdout.trim(), output.stderr.trim()].filter(Boolean).join('\n');
  return new Failure({
    what: more.what ? `${more.what}: ${command.argv[0]} ${ending}` : `${command.argv.join(' ')} ${ending}`,
    state: more.state ?? 'whatever that command had done by then',
    next: more.next ?? 'read its output above, then run this again',
    output: text.split('\n').slice(-40).join('\n'),
  });
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It is gone already.
  }
}

function mergedEnvironment(extra: Command['env']): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const [name, value] of Object.entries(extra ?? {})) {
    if (value === undefined) Reflect.deleteProperty(env, name);
    else env[name] = value;
  }
  return env;
}
