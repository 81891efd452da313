import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findDaemons } from '../../../sandbox/daemon';
import { agentSocket, ensureAgent, ensureDeployKey, stopAgent } from '../../../sandbox/ssh-key';
import { worldOf } from '../../../sandbox/world';

it('an agent of the sandbox that no pid file tells of is ended, by up as by down', async () => {
  const checkout = mkdtempSync(join(tmpdir(), 'cogni-agent-'));
  const world = worldOf(checkout);
  const agents = () => findDaemons(world.folder, 'ssh-agent', ['ssh-agent', '-D', '-a', agentSocket(world)]);
  try {
    await ensureAgent(world, [(await ensureDeployKey(world, 'preview')).privateKey]);
    const [lost] = agents();
    rmSync(world.folder, { recursive: true });
    await ensureAgent(world, [(await ensureDeployKey(world, 'preview')).privateKey]);
    expect(agents()).toHaveLength(1);
    expect(agents()).not.toContainEqual(lost);
    rmSync(world.folder, { recursive: true });
    await stopAgent(world);
    expect(agents()).toEqual([]);
  } finally {
    await stopAgent(world);
    rmSync(checkout, { recursive: true, force: true });
  }
});
