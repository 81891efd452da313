import { once } from 'node:events';
import { inSandbox, textOf } from './sandbox-cli';
import type { DeployedWorld } from './deployed-world';

/**
 * What is killed, without a chance to clean up: the command on this machine; everything of the deploy user on the host,
 * its end of the connection included; the host itself, which starts again.
 */
export type Victim = 'client' | 'shell' | 'host';

/** A command line after `./cogni`: `deploy preview --image-tag …`. */
type Words = readonly string[];

interface Named {
  readonly id: string;
  readonly name: string;
}

/** The steps that a command would take now. */
export async function stepsOf(words: Words): Promise<readonly Named[]> {
  const output = await inSandbox(['./cogni', ...words, '--dry-run', '--json']);
  return (JSON.parse(output.stdout) as { readonly steps: readonly Named[] }).steps;
}

/**
 * Kills a deploy or a rollback when this step begins, runs it again, and looks at what is there then.
 *
 * @param words what is run, which brings another version than the one that serves
 * @param buildSha what the `/version` of that says
 */
export async function killAndRunAgain(
  world: DeployedWorld,
  { words, buildSha, step, victim }: { words: Words; buildSha: string; step: Named; victim: Victim },
): Promise<void> {
  const { child, said } = world.begin(...words);
  const closed = once(child, 'close');
  await world.until(`"${step.name}" begins: ${said()}`, () =>
    Promise.resolve(said().includes(`▸ ${step.name}`) || child.exitCode !== null),
  );
  await kills[victim](world, child.pid ?? 0);
  await closed;
  await world.until('the lock is free', () => world.lockIsFree());
  const again = await inSandbox(['./cogni', ...words]);
  expect({ again: again.code, said: again.code === 0 ? '' : textOf(again) }).toEqual({ again: 0, said: '' });
  expect(await world.version()).toMatchObject({ buildSha });
  await expectTidy(world);
}

const kills: Readonly<Record<Victim, (world: DeployedWorld, client: number) => Promise<void>>> = {
  client: (_, client) => Promise.resolve(void process.kill(client, 'SIGKILL')),
  shell: async (world) => {
    await world.onHost('pkill', '--signal=KILL', '--euid=deploy');
  },
  host: async (world) => {
    await world.docker.docker(['restart', '--time=0', world.hostName]);
    const health = ['docker', 'inspect', '--format={{.State.Health.Status}}', 'cogni-edge-caddy-1'];
    await world.until('the edge is healthy after the start of the host', async () => {
      const asked = await world.docker.tryDocker(['exec', world.hostName, ...health]);
      return asked.stdout.trim() === 'healthy';
    });
  },
};

/** Exactly what a deploy leaves that nothing happened to: no second application, no job, no copies, a record. */
async function expectTidy(world: DeployedWorld): Promise<void> {
  const apps = (await world.containers()).filter((name) => name.includes('-app-'));
  expect(apps).toHaveLength(1);
  expect((await world.containers()).filter((name) => !name.includes('-app-'))).toEqual([
    'cogni-edge-caddy-1',
    'cogni-runtime-litellm-1',
    'cogni-runtime-postgres-1',
  ]);
  expect(await world.lockIsFree()).toBe(true);
  expect(await world.onHost('ls', '-A', '/opt/cogni/runtime')).toBe(
    '.env\ncompose.yaml\ndb-provision\nlitellm\npostgres',
  );
  expect(await world.onHost('ls', '-A', '/opt/cogni/edge/caddy/upstream')).toBe('active');
  expect(await world.onHost('ls', '-A', '/dev/shm')).toBe('');
  expect((await inSandbox(['./cogni', 'releases', 'preview'])).code).toBe(0);
}
