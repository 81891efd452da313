import { existsSync, rmSync } from 'node:fs';
import type { Progress } from '../foundation/progress';
import type { Docker } from './docker';
import { stopEmulator } from './emulator-daemon';
import { ensureEngine, releaseEngine } from './engine';
import { stopAgent } from './ssh-key';
import { withWorldLock } from './up';
import type { World } from './world';

/** Milliseconds for removing containers: a host has a whole system to stop. */
const removeDeadline = 5 * 60_000;

/**
 * Removes every container, network, volume and process that this sandbox made, and its folder; nothing else. What was
 * built stays in the cache, for the next `up`. Converges after a killed `up` or `down`.
 *
 * @returns what was removed, for the person
 */
export async function down(world: World, progress: Progress): Promise<readonly string[]> {
  return withWorldLock(world, 'cogni sandbox down', progress, async () => {
    if (!existsSync(world.folder)) return [];
    // The emulator first: it would make hosts again.
    await stopEmulator(world);
    await stopAgent(world);
    const { docker } = await ensureEngine(progress, world);
    const removed = [
      ...(await removeAll(docker, world, 'container', ['rm', '--force', '--volumes'])),
      ...(await removeAll(docker, world, 'volume', ['rm', '--force'])),
      ...(await removeAll(docker, world, 'network', ['rm'])),
    ];
    await releaseEngine(world, progress);
    rmSync(world.folder, { recursive: true, force: true });
    return removed;
  });
}

async function removeAll(
  docker: Docker,
  world: World,
  kind: 'container' | 'volume' | 'network',
  verb: readonly string[],
): Promise<readonly string[]> {
  const all = kind === 'container' ? ['--all', '--format={{.Names}}'] : ['--format={{.Name}}'];
  const names = (await docker.docker([kind, 'ls', ...all, `--filter=label=${world.label}`]))
    .split('\n')
    .filter(Boolean);
  if (names.length > 0) await docker.docker([kind, ...verb, ...names], { deadline: removeDeadline });
  return names.map((name) => `${kind} ${name}`);
}
