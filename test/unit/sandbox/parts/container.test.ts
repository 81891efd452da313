import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Output } from '../../../../foundation/process';
import { silent } from '../../../../foundation/progress';
import type { Docker } from '../../../../sandbox/docker';
import {
  ensureContainer,
  runArguments,
  untilReady,
  type PartContainer,
} from '../../../../sandbox/parts/container';
import { addressPlan } from '../../../../sandbox/parts/network';
import { worldOf } from '../../../../sandbox/world';

const world = worldOf('/checkout');
const folder = mkdtempSync(join(tmpdir(), 'cogni-part-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const part: PartContainer = {
  part: 'hub',
  image: { reference: 'cogni-sandbox/registry:abc', id: 'sha256:1', recipe: 'abc' },
  network: { name: world.network, id: 'network-1', ...addressPlan('10.1.2.0/24') },
  address: '10.1.2.3',
  dns: '10.1.2.2',
  publish: 443,
  folders: { '/etc/distribution': folder },
  volumes: { '/var/lib/registry': 'hub' },
  reads: ['configuration'],
};

interface Pretended {
  status: string;
  recipe: string;
}

/** An engine with at most one container, which remembers what it was asked to do. */
function engine(
  container?: Pretended,
  options: { startFails?: boolean } = {},
): { docker: Docker; done: string[] } {
  const state = { container };
  const done: string[] = [];
  const answer = (code: number, stdout = '', stderr = ''): Output => ({
    code,
    signal: null,
    stdout,
    stderr,
    timedOut: false,
    milliseconds: 1,
  });
  const tryDocker = (args: readonly string[]): Promise<Output> => {
    if (args[0] === 'container') {
      if (!state.container) return Promise.resolve(answer(1, '[]', 'Error: No such container: x'));
      const { status, recipe } = state.container;
      const inspected = {
        State: { Status: status },
        Config: { Labels: { 'dev.cogni.recipe': recipe } },
        NetworkSettings: { Ports: {} },
      };
      return Promise.resolve(answer(0, JSON.stringify([inspected])));
    }
    if (args[0] === 'logs') return Promise.resolve(answer(0, 'what it said\n'));
    done.push(args[0] ?? '');
    if (args[0] === 'start' && options.startFails) return Promise.resolve(answer(1, '', 'network not found'));
    if (args[0] === 'run') {
      const recipe = args
        .find((arg) => arg.startsWith('--label=dev.cogni.recipe='))!
        .split('=')
        .at(-1)!;
      state.container = { status: 'running', recipe };
    }
    return Promise.resolve(answer(0));
  };
  return {
    docker: { host: undefined, tryDocker, docker: async (args) => (await tryDocker(args)).stdout },
    done,
  };
}

/** The recipe that a container made from the part carries. */
async function recipeOf(container: PartContainer): Promise<string> {
  let recipe = '';
  const { docker } = engine();
  const spy: Docker = {
    ...docker,
    docker: (args) => {
      recipe =
        args
          .find((arg) => arg.startsWith('--label=dev.cogni.recipe='))
          ?.split('=')
          .at(-1) ?? recipe;
      return docker.docker(args);
    },
  };
  await ensureContainer(spy, world, container, silent);
  return recipe;
}

describe('the container of a part', () => {
  it('is created, with its volume, where there is none', async () => {
    const { docker, done } = engine();
    await expect(ensureContainer(docker, world, part, silent)).resolves.toBe('created');
    expect(done).toEqual(['volume', 'run']);
  });

  it('is left alone while it runs and nothing of it has changed', async () => {
    const { docker, done } = engine({ status: 'running', recipe: await recipeOf(part) });
    await expect(ensureContainer(docker, world, part, silent)).resolves.toBe('running already');
    expect(done).toEqual([]);
  });

  it.each(['exited', 'created'])('is started when it is %s', async (status) => {
    const { docker, done } = engine({ status, recipe: await recipeOf(part) });
    await expect(ensureContainer(docker, world, part, silent)).resolves.toBe('started');
    expect(done).toEqual(['start']);
  });

  it('is made again when it cannot be started any more', async () => {
    const { docker, done } = engine({ status: 'exited', recipe: await recipeOf(part) }, { startFails: true });
    await expect(ensureContainer(docker, world, part, silent)).resolves.toBe('created');
    expect(done).toEqual(['start', 'rm', 'volume', 'run']);
  });

  it.each(['paused', 'dead', 'restarting'])('is made again when it is %s', async (status) => {
    const { docker, done } = engine({ status, recipe: await recipeOf(part) });
    await ensureContainer(docker, world, part, silent);
    expect(done).toEqual(['rm', 'volume', 'run']);
  });

  it.each<[string, PartContainer]>([
    ['its image', { ...part, image: { ...part.image, id: 'sha256:2' } }],
    ['its network', { ...part, network: { ...part.network, id: 'network-2' } }],
    ['its address', { ...part, address: '10.1.2.9' }],
    ['its command', { ...part, command: ['--verbose'] }],
    ['what it reads at its start', { ...part, reads: ['another configuration'] }],
    ['a mounted folder', { ...part, folders: { '/etc/distribution': tmpdir() } }],
  ])('is made again when %s is another', async (_, changed) => {
    const { docker, done } = engine({ status: 'running', recipe: await recipeOf(part) });
    await ensureContainer(docker, world, changed, silent);
    expect(done).toEqual(['rm', 'volume', 'run']);
  });

  it('is published on loopback only, labelled, on its network at its address', () => {
    const args = runArguments(world, part, 'recipe');
    expect(args).toContain('--publish=127.0.0.1::443');
    expect(args).toContain(`--label=${world.label}`);
    expect(args).toContain(`--network=${world.network}`);
    expect(args).toContain('--ip=10.1.2.3');
    expect(args.filter((arg) => arg.startsWith('--publish'))).toHaveLength(1);
  });

  it('mounts a folder read-only, whatever characters its path has', () => {
    const args = runArguments(world, { ...part, folders: { '/x': '/a,b "c"' } }, 'recipe');
    expect(args).toContain('--mount=type=bind,"source=/a,b ""c""",target=/x,readonly');
  });
});

describe('waiting for a part', () => {
  it('ends at once, with its log, when its container has ended', async () => {
    const { docker } = engine({ status: 'exited', recipe: 'x' });
    const waiting = untilReady(docker, world, 'hub', () => Promise.reject(new Error('refused')));
    await expect(waiting).rejects.toThrow(/the sandbox's hub ended instead of answering[^]*what it said/);
  });

  it('ends with the last reason when the container runs and never answers', async () => {
    const { docker } = engine({ status: 'running', recipe: 'x' });
    let now = 0;
    const clock = {
      now: () => new Date(now),
      monotonic: () => now,
      sleep: (milliseconds: number) => {
        now += milliseconds;
        return Promise.resolve();
      },
    };
    const waiting = untilReady(
      docker,
      world,
      'hub',
      () => Promise.reject(new Error('it answers 502')),
      clock,
    );
    await expect(waiting).rejects.toThrow("the sandbox's hub did not answer within 30 s: it answers 502");
  });

  it('ends with a command that asks the engine it runs in, also where that is not the one of the machine', async () => {
    const { docker } = engine({ status: 'exited', recipe: 'x' });
    const refused = (): Promise<void> => Promise.reject(new Error('refused'));
    const own = untilReady({ ...docker, host: 'unix:///own.sock' }, world, 'hub', refused);
    await expect(own).rejects.toMatchObject({
      next: `docker -H unix:///own.sock logs cogni-${world.id}-hub; then ./cogni sandbox down and up again`,
    });
    await expect(untilReady(docker, world, 'hub', refused)).rejects.toMatchObject({
      next: `docker logs cogni-${world.id}-hub; then ./cogni sandbox down and up again`,
    });
  });

  it('goes on as soon as it answers', async () => {
    const { docker } = engine({ status: 'running', recipe: 'x' });
    let asked = 0;
    const clock = { now: () => new Date(0), monotonic: () => 0, sleep: () => Promise.resolve() };
    await untilReady(
      docker,
      world,
      'hub',
      () => (++asked < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve()),
      clock,
    );
    expect(asked).toBe(3);
  });
});
