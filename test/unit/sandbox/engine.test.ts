import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withFileLock } from '../../../foundation/file-lock';
import type { Output } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import type { Docker } from '../../../sandbox/docker';
import {
  engineNeeds,
  ensureEngine,
  releaseEngine,
  tryRunningEngine,
  type EngineSurroundings,
} from '../../../sandbox/engine';
import { privateEngineLayout } from '../../../sandbox/private-engine';
import { worldOf } from '../../../sandbox/world';

const ended = (code: number, stdout = '', stderr = ''): Output => ({
  code,
  signal: null,
  stdout,
  stderr,
  timedOut: false,
  milliseconds: 1,
});

const info = (changed: object = {}): string =>
  JSON.stringify({
    ServerVersion: '20.10.24',
    OSType: 'linux',
    OperatingSystem: 'Debian',
    CgroupVersion: '2',
    MemoryLimit: true,
    Driver: 'overlay2',
    DockerRootDir: '/data',
    SecurityOptions: [],
    ...changed,
  });

const cache = mkdtempSync(join(tmpdir(), 'cogni-engine-'));
const layout = privateEngineLayout(cache);
const world = worldOf(join(cache, 'checkout'));
afterAll(() => rmSync(cache, { recursive: true, force: true }));

/** A machine: which engines answer (by host), what is installed, who runs this. */
function machine(options: {
  engines?: Record<string, string>;
  environment?: Record<string, string>;
  isRoot?: boolean;
  runsSystemd?: boolean;
  has?: readonly string[];
  silence?: string;
  context?: string;
  containers?: string;
}) {
  const engines = new Map(Object.entries(options.engines ?? {}));
  const done: string[] = [];
  let now = 0;
  const dockerAt = (host: string | undefined): Docker => {
    const tryDocker = (args: readonly string[]): Promise<Output> => {
      const answer = engines.get(host ?? 'default');
      if (args[0] === 'context')
        return Promise.resolve(ended(0, `${options.context ?? 'unix:///var/run/docker.sock'}\n`));
      if (args[0] === 'ps' && !around.has('docker'))
        return Promise.reject(new Error('the program "docker" was not found'));
      if (args[0] === 'ps') return Promise.resolve(ended(0, options.containers ?? ''));
      return Promise.resolve(answer ? ended(0, answer) : ended(1, '', options.silence ?? 'Cannot connect'));
    };
    return { host, tryDocker, docker: async (args) => (await tryDocker(args)).stdout };
  };
  const around: EngineSurroundings = {
    environment: options.environment ?? {},
    isRoot: options.isRoot ?? true,
    runsSystemd: options.runsSystemd ?? false,
    layout,
    has: (program) => (options.has ?? ['docker', 'dockerd']).includes(program),
    dockerAt,
    ensurePackages: (needs) => {
      done.push(`ensure ${needs.map((need) => need.program).join(' ')}`);
      return Promise.resolve();
    },
    ensurePrivateEngine: () => {
      done.push('start private');
      engines.set(layout.host, info());
      return Promise.resolve();
    },
    run: (command) => {
      done.push(command.argv.join(' '));
      if (engines.has('service')) engines.set('default', engines.get('service')!);
      return Promise.resolve(ended(engines.has('service') ? 0 : 1));
    },
    clock: {
      now: () => new Date(now),
      monotonic: () => now,
      sleep: (milliseconds) => {
        now += milliseconds;
        return Promise.resolve();
      },
    },
  };
  return { around, done };
}

describe('the engine for the sandbox', () => {
  it('is the one that DOCKER_HOST names', async () => {
    const { around } = machine({
      environment: { DOCKER_HOST: 'unix:///x' },
      engines: { 'unix:///x': info() },
    });
    const engine = await ensureEngine(silent, undefined, around);
    expect(engine).toMatchObject({ origin: 'DOCKER_HOST', docker: { host: 'unix:///x' } });
  });

  it('is never another one than DOCKER_HOST names, even when that does not answer', async () => {
    const { around } = machine({ environment: { DOCKER_HOST: 'unix:///x' }, engines: { default: info() } });
    await expect(ensureEngine(silent, undefined, around)).rejects.toThrow(
      /DOCKER_HOST is unix:\/\/\/x, and no engine answers there[\s\S]*Cannot connect/,
    );
  });

  it('must be on this machine, whether DOCKER_HOST or a context names another', async () => {
    const tcp = machine({ environment: { DOCKER_HOST: 'tcp://10.0.0.1:2375' } });
    await expect(ensureEngine(silent, undefined, tcp.around)).rejects.toThrow(/DOCKER_HOST is tcp:/);
    const context = machine({ engines: { default: info() }, context: 'ssh://build@elsewhere' });
    await expect(ensureEngine(silent, undefined, context.around)).rejects.toThrow(/current context is ssh:/);
  });

  it('is the one that the docker client finds by itself', async () => {
    const { around, done } = machine({ engines: { default: info() } });
    await expect(ensureEngine(silent, undefined, around)).resolves.toMatchObject({ origin: 'found' });
    expect(done).toEqual([]);
  });

  it('is the found one for a user of the docker group as well', async () => {
    const { around } = machine({ engines: { default: info() }, isRoot: false });
    await expect(ensureEngine(silent, undefined, around)).resolves.toMatchObject({ origin: 'found' });
  });

  it('is our own one that still runs before the one of the machine', async () => {
    const { around } = machine({ engines: { default: info(), [layout.host]: info() } });
    await expect(ensureEngine(silent, undefined, around)).resolves.toMatchObject({ origin: 'private' });
  });

  it('is started as our own where root has none and no systemd runs', async () => {
    const { around, done } = machine({ has: ['docker'] });
    await expect(ensureEngine(silent, undefined, around)).resolves.toMatchObject({
      origin: 'private',
      docker: { host: layout.host },
    });
    expect(done).toEqual(['ensure docker dockerd', 'start private']);
  });

  it("is the machine's service where systemd runs", async () => {
    const { around, done } = machine({ runsSystemd: true, engines: { service: info() } });
    await expect(ensureEngine(silent, undefined, around)).resolves.toMatchObject({ origin: 'service' });
    expect(done).toContain('systemctl start docker.service');
  });

  it('is our own where the service does not come up', async () => {
    const { around } = machine({ runsSystemd: true });
    await expect(ensureEngine(silent, undefined, around)).resolves.toMatchObject({ origin: 'private' });
  });

  it('is our own, not the service, when DOCKER_HOST names our own', async () => {
    const { around } = machine({
      runsSystemd: true,
      engines: { service: info() },
      environment: { DOCKER_HOST: layout.host },
    });
    await expect(ensureEngine(silent, undefined, around)).resolves.toMatchObject({ origin: 'private' });
  });

  it('may not be used by a user outside the docker group, and the failure says how to join it', async () => {
    const { around } = machine({ isRoot: false, silence: 'permission denied while trying to connect' });
    await expect(ensureEngine(silent, undefined, around)).rejects.toThrow(/usermod --append --groups docker/);
  });

  it('cannot be started without root, and the failure says what root is to do', async () => {
    const { around, done } = machine({ isRoot: false });
    await expect(ensureEngine(silent, undefined, around)).rejects.toThrow(
      /only root may start one[\s\S]*sudo systemctl start docker/,
    );
    expect(done).toEqual([]);
  });

  it('that will not do is refused with every reason', async () => {
    const { around } = machine({
      engines: { default: info({ ServerVersion: '19.03.1', SecurityOptions: ['name=rootless'] }) },
    });
    await expect(ensureEngine(silent, undefined, around)).rejects.toThrow(/19\.03\.1[\s\S]*rootless/);
  });

  it('notes who uses it when it is our own, and only then', async () => {
    const own = machine({ engines: { [layout.host]: info() } });
    await ensureEngine(silent, world, own.around);
    const noted = join(layout.folder, 'users', world.id);
    expect(existsSync(noted)).toBe(true);
    rmSync(noted);
    const found = machine({ engines: { default: info() } });
    await ensureEngine(silent, world, found.around);
    expect(existsSync(noted)).toBe(false);
  });
});

describe('the engine that runs', () => {
  it('is found without starting or installing anything', async () => {
    const { around, done } = machine({ engines: { default: info() } });
    await expect(tryRunningEngine(around)).resolves.toMatchObject({ origin: 'found' });
    const none = machine({});
    await expect(tryRunningEngine(none.around)).resolves.toBeUndefined();
    await expect(tryRunningEngine(machine({ has: [] }).around)).resolves.toBeUndefined();
    expect([...done, ...none.done]).toEqual([]);
  });
});

describe('what is to be installed for an engine', () => {
  it('is nothing when one answers', async () => {
    await expect(engineNeeds(machine({ engines: { default: info() } }).around)).resolves.toEqual([]);
  });

  it('is client and engine where neither is there', async () => {
    const needs = await engineNeeds(machine({ has: [] }).around);
    expect(needs.map((need) => need.program)).toEqual(['docker', 'dockerd']);
  });

  it('is the engine where only the client is there', async () => {
    const needs = await engineNeeds(machine({ has: ['docker'] }).around);
    expect(needs.map((need) => need.program)).toEqual(['dockerd']);
  });
});

describe('the release of our own engine', () => {
  const users = join(layout.folder, 'users');
  beforeEach(() => {
    rmSync(users, { recursive: true, force: true });
    mkdirSync(users, { recursive: true });
    writeFileSync(join(users, world.id), `${world.folder}\n`);
  });

  it('leaves it running for another sandbox', async () => {
    const other = worldOf(join(cache, 'other'));
    mkdirSync(other.folder, { recursive: true });
    writeFileSync(join(users, other.id), `${other.folder}\n`);
    await expect(releaseEngine(world, silent, machine({}).around)).resolves.toBe('still in use');
    expect(existsSync(join(users, world.id))).toBe(false);
    expect(existsSync(join(users, other.id))).toBe(true);
  });

  it('does not wait for a sandbox whose checkout was deleted', async () => {
    writeFileSync(join(users, 'aaaaaaaa'), join(cache, 'deleted', '.cogni', 'sandbox'));
    await expect(releaseEngine(world, silent, machine({}).around)).resolves.toBe('not ours');
    expect(existsSync(join(users, 'aaaaaaaa'))).toBe(false);
  });

  it('waits for the tests of a checkout as long as they run, and not for tests that were killed', async () => {
    const lock = join(cache, 'checkout', '.cogni', 'test.lock');
    const tests = { id: 'bbbbbbbb', folder: cache, lock };
    await ensureEngine(silent, tests, machine({ engines: { [layout.host]: info() } }).around);
    await withFileLock(lock, { purpose: 'cogni test' }, async () => {
      await expect(releaseEngine(world, silent, machine({}).around)).resolves.toBe('still in use');
      expect(existsSync(join(users, tests.id))).toBe(true);
    });
    await expect(releaseEngine(world, silent, machine({}).around)).resolves.toBe('not ours');
    expect(existsSync(join(users, tests.id))).toBe(false);
  });

  it('leaves it running while any container runs in it', async () => {
    const { around } = machine({ containers: 'abc\n' });
    await expect(releaseEngine(world, silent, around)).resolves.toBe('still in use');
  });

  it('has nothing to stop on a machine without docker', async () => {
    await expect(releaseEngine(world, silent, machine({ has: [] }).around)).resolves.toBe('not ours');
  });

  it('never stops an engine that was not started by this software', async () => {
    await expect(releaseEngine(world, silent, machine({}).around)).resolves.toBe('not ours');
  });
});

describe('the layout of our own engine', () => {
  it('is apart for each cache, so that two engines never share state', () => {
    const other = privateEngineLayout(join(cache, 'another'));
    expect(other.execRoot).not.toBe(layout.execRoot);
    expect(other.pidFile).not.toBe(layout.pidFile);
    expect(other.host).not.toBe(layout.host);
  });
});
