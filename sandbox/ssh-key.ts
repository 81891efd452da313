import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { capture, run } from '../foundation/process';
import { daemonLives, ensureDaemon, stopDaemon } from './daemon';
import type { World } from './world';

const deadline = 10_000;

/** Paths of a key pair. */
export interface DeployKeyFiles {
  readonly privateKey: string;
  readonly publicKey: string;
}

/**
 * The deploy key pair of an environment in the sandbox: made once, kept in its folder, never committed. One for each, since the
 * API takes no key twice.
 */
export async function ensureDeployKey(world: World, environment: string): Promise<DeployKeyFiles> {
  const privateKey = join(world.folder, 'ssh', environment);
  const publicKey = `${privateKey}.pub`;
  if (!existsSync(publicKey)) {
    mkdirSync(join(world.folder, 'ssh'), { recursive: true, mode: 0o700 });
    rmSync(privateKey, { force: true });
    const comment = `cogni-sandbox-${world.id}-${environment}`;
    await capture({
      argv: ['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', privateKey],
      deadline,
    });
  }
  return { privateKey, publicKey };
}

/**
 * Where the agent listens: outside the sandbox's folder, since a socket's path may have 107 bytes at most and a
 * checkout may lie deep.
 */
export const agentSocket = (world: World): string =>
  join(tmpdir(), `cogni-${world.id}-${userInfo().uid}`, 'agent.sock');

const name = 'ssh-agent';
/** No other process has the same: the socket is the sandbox's own. */
const agentCommand = (socket: string): [string, ...string[]] => ['ssh-agent', '-D', '-a', socket];

/** An SSH agent of the sandbox's own that holds its deploy keys: the user's agent and keys are never touched. */
export async function ensureAgent(world: World, privateKeys: readonly string[]): Promise<string> {
  const socket = agentSocket(world);
  const folder = join(socket, '..');
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o700);
  const env = { SSH_AUTH_SOCK: socket };
  const answers = async (): Promise<boolean> => {
    // ssh-add -l: 0 = it holds keys, 1 = it holds none, 2 = there is no agent.
    const { code } = await run({ argv: ['ssh-add', '-l'], env, deadline });
    return code === 0 || code === 1;
  };
  if (!daemonLives(world.folder, name) || !(await answers())) {
    // One that answers and is in no record may hold keys of a sandbox that is gone.
    await stopDaemon(world.folder, name, { argv: agentCommand(socket) });
    rmSync(socket, { force: true });
  }
  await ensureDaemon({ name, folder: world.folder, argv: agentCommand(socket), ready: answers });
  await capture({ argv: ['ssh-add', '-q', ...privateKeys], env, deadline });
  return socket;
}

export async function stopAgent(world: World): Promise<void> {
  await stopDaemon(world.folder, name, { argv: agentCommand(agentSocket(world)) });
  rmSync(join(agentSocket(world), '..'), { recursive: true, force: true });
}
