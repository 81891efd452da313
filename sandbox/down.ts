import { existsSync, rmSync } from 'node:fs';
import type { Progress } from '../foundation/progress';
import type { Docker } from './docker';
import { stopEmulator } from './emulator-daemon';
import { ensureEngine, releaseEngine, tryRunningEngine } from './engine';
import { stopAgent } from './ssh-key';
import { withWorldLock } from './up';
import type { World } from './world';

/** Milliseconds for removing containers: a host has a whole system to stop. */
const removeDeadline = 5 * 60_000;

/**
 * Removes every container, network, volume and process that this sandbox made, and its folder; nothing else. What was
 * built stays in the cache, for the next `up`. Converges after a killed `up` or `down`, and after somebody removed the
 * folder: what carries its label is removed then wherever an engine answers.
 *
 * @param engines where its parts may be; a test hands in its own
 * @returns what was removed, for the person
 */
export async function down(
  world: World,
  progress: Progress,
  engines = { ensureEngine, tryRunningEngine, releaseEngine },
): Promise<readonly string[]> {
  return withWorldLock(world, 'cogni sandbox down', progress, async () => {
    // The emulator first: it would make hosts again.
    await stopEmulator(world);
    await stopAgent(world);
    // Without a folder there may have been no sandbox: no engine is started only to find out.
    const engine = existsSync(world.folder)
      ? await engines.ensureEngine(progress, world)
      : await engines.tryRunningEngine();
    const removed = engine ? await removeParts(engine.docker, world) : [];
    await engines.releaseEngine(world, progress);
    rmSync(world.folder, { recursive: true, force: true });
    return removed;
  });
}

const removeParts = async (docker: Docker, world: World): Promise<readonly string[]> => [
  ...(await removeAll(docker, world, 'container', ['rm', '--force', '--volumes'])),
  ...(await removeAll(docker, world, 'volume', ['rm', '--force'])),
  ...(await removeAll(docker, world, 'network', ['rm'])),
];

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
