import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../foundation/failure';
import { tryReadFile } from '../foundation/files';
import { run, type Command, type Output } from '../foundation/process';
import { attach } from './attach';
import { hold } from './hold';
import { programOf } from './behind-a-lock';
import { remoteCommandLine } from './quote';
import { connectionFailure, withoutDebug } from './ssh-failure';
import { SshRunner, runnerArgv } from './ssh-runner';
import { longestControlPath, sshOptions, type SshOptions } from './ssh-options';
import {
  ConnectionLost,
  isHeld,
  type Held,
  type RemoteCommand,
  type Transport,
  type TransportOptions,
} from './transport';

/** A host that is reached over SSH. */
export interface SshHost {
  /** Name of the environment: for messages and the commands they name. */
  readonly environment: string;
  readonly address: string;
  readonly user: string;
  /** @default 22 */
  readonly port?: number;
  /** Our own known_hosts file, in which the host's key is pinned as `hostKeyAlias`. */
  readonly knownHosts: string;
  /** `cogni-<env>` */
  readonly hostKeyAlias: string;
  /** Public key file of the agent's key to log in with; without it each key of the agent is tried. */
  readonly publicKey?: string;
}

/** Milliseconds for the whole of connecting: TCP, key exchange, authentication, the first command. */
const connectDeadline = 30_000;
/** Milliseconds that the host's own deadline of a command has before this side gives the command up. */
const reportGrace = 15_000;
/** Seconds between TERM and KILL of a command that passed its deadline on the host. */
const killAfter = 5;
/** What timeout(1) exits with: deadline passed; and the same with KILL. */
const timedOutCodes = [124, 137];
const hello = 'cogni-connected';

/**
 * Opens the one connection of a deploy: a multiplexing master. Its own remote command runs the commands whose
 * output nobody follows ({@link SshRunner}); the others are sessions of their own.
 *
 * The master's remote command reads from a pipe of this process. When this process ends, however it ends, the pipe
 * closes, and the connection goes with the last session on it.
 *
 * @param options.env changes to the environment of ssh, e.g. another SSH_AUTH_SOCK.
 * @throws Failure when the host cannot be reached, shows another key (exit code 3) or lets nobody in.
 */
export async function connect(
  host: SshHost,
  options: {
    readonly signal?: AbortSignal;
    readonly env?: Readonly<Record<string, string | undefined>>;
  } = {},
): Promise<Transport> {
  const folder = socketFolder();
  const controlPath = join(folder, 's');
  const env: Readonly<Record<string, string | undefined>> = { LC_ALL: 'C', ...options.env };
  const base: SshOptions = { ...host, strict: 'pinned', controlPath };
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  const runner = new SshRunner();
  const opened = await hold(
    {
      argv: ['ssh', '-T', '-v', ...sshOptions({ ...base, role: 'master' }), remoteCommandLine(runnerArgv)],
      stdin: `${hello}\n`,
      env,
      deadline: connectDeadline,
    },
    {
      ...(options.signal ? { signal: options.signal } : {}),
      isLine: (line) => line.trimEnd() === hello,
      onOutput: (chunk, stream) => {
        if (stream === 'stdout') runner.take(chunk);
      },
    },
  ).catch((thrown: unknown) => {
    removeFolder();
    throw thrown;
  });
  if (!isHeld(opened)) {
    removeFolder();
    options.signal?.throwIfAborted();
    throw connectionFailure({
      ...host,
      destination: `${host.user}@${host.address}`,
      knownHostsText: tryReadFile(host.knownHosts),
      agentSocket: 'SSH_AUTH_SOCK' in env ? env['SSH_AUTH_SOCK'] : process.env['SSH_AUTH_SOCK'],
      stderr: opened.timedOut
        ? `${opened.stderr}\nnot connected within ${connectDeadline / 1000} s`
        : opened.stderr,
    });
  }
  runner.over(opened);
  return new SshTransport(host, base, env, opened, runner, removeFolder);
}

class SshTransport implements Transport {
  constructor(
    private readonly host: SshHost,
    private readonly base: SshOptions,
    private readonly env: Readonly<Record<string, string | undefined>>,
    private readonly master: Held,
    private readonly runner: SshRunner,
    private readonly removeFolder: () => void,
  ) {}

  describe(): string {
    return `${this.host.user}@${this.host.address}`;
  }

  async run(...[command, options = {}]: Parameters<Transport['run']>): Promise<Output> {
    const output = await this.carryOut(bounded(command), options);
    await this.checkConnection(command, output, options.signal);
    const overdue = timedOutCodes.includes(output.code ?? -1) && output.milliseconds >= command.deadline;
    return { ...output, stderr: withoutMuxNoise(output.stderr), timedOut: output.timedOut || overdue };
  }

  private carryOut(command: RemoteCommand, options: TransportOptions): Promise<Output> {
    const awaited = { ...command, deadline: command.deadline + reportGrace };
    if (this.runner.available && options.onOutput === undefined)
      return this.runner.run(awaited, options.signal);
    return run(this.session(awaited), options);
  }

  async hold(...[command, options = {}]: Parameters<Transport['hold']>): Promise<Held | Output> {
    const held = await hold(this.session(command), options);
    if (!isHeld(held)) await this.checkConnection(command, held, options.signal);
    return held;
  }

  async attach(...[command, options]: Parameters<Transport['attach']>): Promise<number> {
    const terminal = command.terminal ? '-tt' : '-T';
    const argv = ['ssh', terminal, ...sshOptions(this.base), remoteCommandLine(command.argv)] as const;
    const code = await attach({ argv: [...argv], env: this.env }, options);
    await this.checkConnection(command, { code, timedOut: false, stderr: '' });
    return code;
  }

  async close(): Promise<void> {
    await this.master.release();
    this.removeFolder();
  }

  private session(command: RemoteCommand): Command {
    const argv: Command['argv'] = ['ssh', '-T', ...sshOptions(this.base), remoteCommandLine(command.argv)];
    return { ...command, argv, env: this.env };
  }

  /** ssh says 255 for a lost connection as well as for a command that exited so: asking the master tells them apart. */
  private async checkConnection(
    command: Pick<RemoteCommand, 'argv'>,
    output: Pick<Output, 'code' | 'timedOut' | 'stderr'>,
    signal?: AbortSignal,
  ): Promise<void> {
    const unclear = output.code === 255 || ((output.timedOut || output.code === null) && !signal?.aborted);
    if (!unclear || (await this.isConnected())) return;
    throw new ConnectionLost({
      what: `the connection to ${this.describe()} was lost while "${programOf(command)}" ran there`,
      state: 'it is not known whether that command was carried out; nothing after it was begun',
      next: `./cogni host check ${this.host.environment}`,
      output: withoutDebug(output.stderr),
    });
  }

  /**
   * A master that has lost its host answers no session: only a command that comes back proves the connection. It is asked over
   * the connection's own session where that can be: another one is refused where there are as many as sshd allows.
   */
  private async isConnected(): Promise<boolean> {
    if (!this.master.alive()) return false;
    const probe: RemoteCommand = { argv: ['true'], deadline: reportGrace };
    const { code } = this.runner.available
      ? await this.runner.run(probe)
      : await run(this.session(probe)).catch((thrown: unknown) => ({ code: messageOf(thrown) }));
    return code === 0;
  }
}

/** The same command with its deadline kept on the host too, so that it ends there when nobody is left to end it. */
function bounded(command: RemoteCommand): RemoteCommand {
  const seconds = String(Math.max(1, Math.ceil(command.deadline / 1000)));
  return { ...command, argv: ['timeout', `--kill-after=${killAfter}`, seconds, ...command.argv] };
}

const withoutMuxNoise = (stderr: string): string =>
  stderr.replace(/^(mux_client_\S+: .*|Shared connection to .* closed\.)\r?\n?/gm, '');

/** A private folder for the socket, in the first place whose path is short enough. */
function socketFolder(): string {
  const longestFolder = longestControlPath - '/cogni-ssh-XXXXXX/s'.length;
  const parent = [tmpdir(), '/tmp'].find((path) => path.length <= longestFolder) ?? '/tmp';
  return mkdtempSync(join(parent, 'cogni-ssh-'));
}
