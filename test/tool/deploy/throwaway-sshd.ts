import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect as connectTcp } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SshHost } from '../../../deploy/ssh';
import { silent } from '../../../foundation/progress';
import { ensureSshdProgram } from '../../../sandbox/sshd-program';

/** A real OpenSSH server on a loopback port with keys of its own, for the user who runs the tests. */
export interface ThrowawaySshd {
  readonly host: SshHost;
  /** Environment with an agent that holds the accepted key. */
  readonly env: Record<string, string>;
  /** Public half of the accepted key. */
  readonly publicKey: string;
  readonly folder: string;
  /** Pins the key of this name (`host` or `other`) in known_hosts. */
  pin(key: 'host' | 'other' | 'none'): void;
  /** An agent that holds the accepted key, another one, or none. */
  agent(key: 'user' | 'other' | 'none'): Record<string, string>;
  /** Lines that sshd has logged so far. */
  log(): string;
  /** Ids of the processes that serve connections to it now. */
  serving(): readonly number[];
  /** How many those are. */
  connections(): number;
  /** Ends the server and every connection to it. */
  cut(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param path what the commands of a login find their programs in
 * @param variables what else they have in their environment
 * @param address of this machine, where it listens
 * @throws Failure when there is no sshd and none can be downloaded.
 */
export async function throwawaySshd({
  path,
  variables = {},
  address = '127.0.0.1',
}: {
  readonly path?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly address?: string;
} = {}): Promise<ThrowawaySshd> {
  const set = Object.entries({ ...variables, ...(path === undefined ? {} : { PATH: path }) });
  const sshd = await ensureSshdProgram(silent);
  const folder = mkdtempSync(join(tmpdir(), 'sshd-'));
  const file = (name: string): string => join(folder, name);
  for (const key of ['host', 'user', 'other']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', key, '-f', file(key)]);
  }
  const publicHalf = (key: string): string => readFileSync(file(`${key}.pub`), 'utf8');
  writeFileSync(file('authorized_keys'), publicHalf('user'), { mode: 0o600 });
  const port = await freePort();
  writeFileSync(
    file('sshd_config'),
    [
      `Port ${port}`,
      `ListenAddress ${address}`,
      `HostKey ${file('host')}`,
      `AuthorizedKeysFile ${file('authorized_keys')}`,
      'StrictModes no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'UsePAM no',
      'PidFile none',
      'LogLevel VERBOSE',
      ...(set.length === 0 ? [] : [`SetEnv ${set.map(([name, value]) => `${name}=${value}`).join(' ')}`]),
      ...sshd.config,
    ].join('\n'),
  );
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true });
  const server = spawn(sshd.path, ['-D', '-E', file('log'), '-f', file('sshd_config')], {
    stdio: 'ignore',
    detached: true,
    env: { ...process.env, ...sshd.environment(folder) },
  });
  await answers(address, port, server, sshd.path);
  const agents: number[] = [];
  const host: SshHost = {
    environment: 'preview',
    address,
    port,
    user: userInfo().username,
    knownHosts: file('known_hosts'),
    hostKeyAlias: 'cogni-preview',
  };
  const log = (): string => readFileSync(file('log'), 'utf8');
  const cut = async (): Promise<void> => {
    // Each connection is a child of the server with a process group of its own (sshd(8)), hence the walk by parent.
    for (const pid of descendants(server.pid)) signal(pid);
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGKILL');
      await once(server, 'close');
    }
  };
  const agent: ThrowawaySshd['agent'] = (key) => {
    const socket = file(`agent-${key}`);
    if (!existsSync(socket)) {
      const said = execFileSync('ssh-agent', ['-s', '-a', socket], { encoding: 'utf8' });
      agents.push(Number(/SSH_AGENT_PID=(\d+)/.exec(said)?.[1]));
      const env = { ...process.env, SSH_AUTH_SOCK: socket };
      if (key !== 'none') execFileSync('ssh-add', ['-q', file(key)], { env });
    }
    return { SSH_AUTH_SOCK: socket };
  };
  const pin: ThrowawaySshd['pin'] = (key) => {
    const [type, base64] = key === 'none' ? [] : publicHalf(key).split(' ');
    writeFileSync(host.knownHosts, key === 'none' ? '' : `cogni-preview ${type} ${base64}\n`, {
      mode: 0o600,
    });
  };
  pin('host');
  return {
    host,
    env: agent('user'),
    publicKey: file('user.pub'),
    folder,
    pin,
    agent,
    log,
    serving: () => descendants(server.pid),
    connections: () => descendants(server.pid).length,
    cut,
    stop: async () => {
      await cut();
      for (const pid of agents) signal(pid);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Kills a process that may have ended. */
export function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

/** Process ids below a process, the processes of logged-in users left out: those end by themselves. */
function descendants(pid: number | undefined): number[] {
  const lines = execFileSync('ps', ['-e', '-o', 'pid=,ppid=,comm='], { encoding: 'utf8' }).trim().split('\n');
  const rows = lines.map((line) => line.trim().split(/\s+/));
  const below = (parent: string): string[] =>
    rows
      .filter(([, ppid, name]) => ppid === parent && name?.startsWith('sshd'))
      .flatMap(([id]) => [id!, ...below(id!)]);
  return below(String(pid)).map(Number);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function answers(address: string, port: number, server: ChildProcess, program: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (server.exitCode !== null) throw new Error(`${program} ended with exit code ${server.exitCode}`);
    const socket = connectTcp(port, address);
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) return;
    await delay(50);
  }
  throw new Error(`${program} does not listen on port ${port}`);
}
