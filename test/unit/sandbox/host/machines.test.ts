import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../../../foundation/failure';
import type { Output } from '../../../../foundation/process';
import { reveal } from '../../../../foundation/secret';
import type { Docker, DockerOptions } from '../../../../sandbox/docker';
import type { MachineSpec } from '../../../../sandbox/emulator/machines';
import { dockerMachines } from '../../../../sandbox/host/machines';
import { worldOf } from '../../../../sandbox/world';

const scratch = mkdtempSync(join(tmpdir(), 'cogni-machines-'));
const authority = join(scratch, 'ca.pem');
writeFileSync(authority, 'CERTIFICATE\n');
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const world = worldOf('/checkout');

const machine: MachineSpec = {
  serverId: 811000,
  hostname: 'preview-cogni',
  image: 'ubuntu_24_04_64bit',
  address: '10.1.2.100',
  authorizedKeys: ['ssh-ed25519 AAAA'],
  userData: '#cloud-config\n',
  faults: [],
};

const info = JSON.stringify({
  ServerVersion: '20.10.24',
  OSType: 'linux',
  CgroupVersion: '2',
  MemoryLimit: true,
});

/** An engine in memory, as far as machines need one; `dieAt` ends a run before its nth command, as kill -9 would. */
class FakeEngine implements Docker {
  readonly host = undefined;
  readonly commands: string[] = [];
  readonly containers = new Map<
    string,
    { labels: Record<string, string>; running: boolean; disk: string; volume: string }
  >();
  readonly volumes = new Set<string>();
  dieAt = Infinity;

  async docker(args: readonly string[], options?: DockerOptions): Promise<string> {
    const output = await this.tryDocker(args, options);
    if (output.code === 0) return output.stdout;
    throw new Failure({ what: args.join(' '), output: output.stderr, next: '-' });
  }

  async tryDocker(args: readonly string[], options?: DockerOptions): Promise<Output> {
    // As a real client, it takes a while.
    await Promise.resolve();
    if (this.commands.length + 1 >= this.dieAt) throw new Error('killed');
    this.commands.push(args.slice(0, 2).join(' '));
    const [code, text] = this.#answer(args, options);
    return {
      code,
      signal: null,
      stdout: code ? '' : text,
      stderr: code ? text : '',
      timedOut: false,
      milliseconds: 1,
    };
  }

  #answer(args: readonly string[], options?: DockerOptions): [number, string] {
    const name = args.at(-1)!;
    const container = this.containers.get(name);
    const missing: [number, string] = [1, `Error: No such container: ${name}`];
    switch (args[0]) {
      case 'info':
        return [0, info];
      case 'rm':
        return this.containers.delete(name) ? [0, name] : missing;
      case 'volume':
        if (args[1] === 'create') this.volumes.add(name);
        else if ([...this.containers.values()].some((one) => one.volume === name))
          return [1, 'volume is in use'];
        else this.volumes.delete(name);
        return [0, name];
      case 'create': {
        const option = (prefix: string): string[] =>
          args.filter((arg) => arg.startsWith(prefix)).map((arg) => arg.slice(prefix.length));
        const [own] = option('--name=');
        const volume = /source=([^,]+)/.exec(option('--mount=')[0]!)![1]!;
        if (!this.volumes.has(volume)) return [1, `no such volume ${volume}`];
        if (this.containers.has(own!)) return [1, 'name is in use'];
        const labels = Object.fromEntries(
          option('--label=').map((label) => label.split('=') as [string, string]),
        );
        this.containers.set(own!, { labels, running: false, disk: '', volume });
        return [0, own!];
      }
      case 'cp': {
        const target = this.containers.get(name.replace(/:\/$/, ''));
        if (!target) return missing;
        target.disk = reveal(options?.stdin ?? '');
        return [0, ''];
      }
      case 'start':
      case 'restart':
      case 'stop':
        if (!container) return missing;
        container.running = args[0] !== 'stop';
        return [0, name];
      case 'container':
        if (!container) return missing;
        return [
          0,
          JSON.stringify([{ State: { Running: container.running }, Config: { Labels: container.labels } }]),
        ];
      default:
        return [1, `unknown command ${args.join(' ')}`];
    }
  }
}

let run = 0;
const machinesOf = (docker: Docker, folder = join(scratch, String(++run))) =>
  dockerMachines({ docker, world, authority, dns: '10.1.2.2', image: 'host', folder });

describe('a machine that is a system container', () => {
  it('runs once it is created, with its name, its address and its first disk', async () => {
    const machines = machinesOf(new FakeEngine());
    await machines.create(machine);
    await expect(machines.tryInspect(811000)).resolves.toEqual({
      serverId: 811000,
      hostname: 'preview-cogni',
      address: '10.1.2.100',
      running: true,
      diskGeneration: 1,
    });
  });

  it('gets its user-data and the authority onto its disk before it is started', async () => {
    const docker = new FakeEngine();
    await machinesOf(docker).create(machine);
    const [container] = docker.containers.values();
    expect(container?.disk).toContain('#cloud-config\n');
    expect(container?.disk).toContain('CERTIFICATE\n');
    expect(docker.commands.indexOf('cp -')).toBeLessThan(
      docker.commands.findIndex((command) => command.startsWith('start')),
    );
  });

  it('has a new disk after it was created again or reinstalled, at the same address', async () => {
    const machines = machinesOf(new FakeEngine());
    await machines.create(machine);
    await machines.create(machine);
    await expect(machines.tryInspect(811000)).resolves.toMatchObject({ diskGeneration: 2 });
    await machines.reinstall(machine);
    await expect(machines.tryInspect(811000)).resolves.toMatchObject({
      diskGeneration: 3,
      address: '10.1.2.100',
    });
  });

  it('leaves no container and no volume when it is removed, and may be removed twice', async () => {
    const docker = new FakeEngine();
    const machines = machinesOf(docker);
    await machines.create(machine);
    await machines.remove(811000);
    expect([docker.containers.size, docker.volumes.size]).toEqual([0, 0]);
    await machines.remove(811000);
    await expect(machines.tryInspect(811000)).resolves.toBeUndefined();
  });

  it('starts anew with its first disk when its number is used again after a removal', async () => {
    const machines = machinesOf(new FakeEngine());
    await machines.create(machine);
    await machines.reinstall(machine);
    await machines.remove(811000);
    await machines.create(machine);
    await expect(machines.tryInspect(811000)).resolves.toMatchObject({ diskGeneration: 1 });
  });

  it('is powered off, on and rebooted without losing its disk', async () => {
    const machines = machinesOf(new FakeEngine());
    await machines.create(machine);
    await machines.power(811000, 'off');
    await expect(machines.tryInspect(811000)).resolves.toMatchObject({ running: false });
    await machines.power(811000, 'on');
    await machines.power(811000, 'reboot');
    await expect(machines.tryInspect(811000)).resolves.toMatchObject({ running: true, diskGeneration: 1 });
  });

  it('that is not there cannot be powered, and the failure names it', async () => {
    await expect(machinesOf(new FakeEngine()).power(5, 'on')).rejects.toThrow(/no machine behind server 5/);
  });

  it('comes out whole wherever the run before was killed', async () => {
    for (const begun of ['create', 'reinstall'] as const) {
      const docker = new FakeEngine();
      const folder = join(scratch, `killed-${begun}`);
      if (begun === 'reinstall') await machinesOf(docker, folder).create(machine);
      const before = docker.commands.length;
      let killed = 0;
      for (let step = 1; step < 20; step += 1) {
        docker.dieAt = docker.commands.length + step;
        const machines = machinesOf(docker, folder);
        const died = await machines[begun](machine).then(
          () => false,
          () => true,
        );
        if (!died) break;
        killed += 1;
      }
      docker.dieAt = Infinity;
      // info, rm, volume rm, volume create, create, cp, start
      expect(killed).toBe(7);
      expect(before).toBe(begun === 'create' ? 0 : 7);
      // Killed at the first step, a run has not begun a disk.
      const disks = killed - 1 + (begun === 'create' ? 1 : 2);
      const facts = await machinesOf(docker, folder).tryInspect(811000);
      expect(facts).toMatchObject({ running: true, diskGeneration: disks });
      expect([docker.containers.size, docker.volumes.size]).toEqual([1, 1]);
    }
  });

  it('is dealt with one call after another, in their order, even when one of them fails', async () => {
    const docker = new FakeEngine();
    const machines = machinesOf(docker);
    const calls = [
      machines.power(811000, 'off').catch(() => 'failed'),
      machines.create(machine),
      machines.remove(811000),
      machines.create({ ...machine, hostname: 'second' }),
    ];
    await Promise.all(calls);
    await expect(calls[0]).resolves.toBe('failed');
    await expect(machines.tryInspect(811000)).resolves.toMatchObject({ hostname: 'second', running: true });
  });

  it('does not wait for another machine', async () => {
    const docker = new FakeEngine();
    const machines = machinesOf(docker);
    const ids = [1, 2, 3];
    await Promise.all(
      ids.map((serverId) => machines.create({ ...machine, serverId, hostname: `host-${serverId}` })),
    );
    const starts = docker.commands.flatMap((command, index) => (command.startsWith('start') ? [index] : []));
    expect(starts).toHaveLength(3);
    // One after another there would be a machine's whole installation between two starts.
    expect(starts[2]! - starts[0]!).toBeLessThan(6);
  });

  it('fails to be created with the reason when the engine does not answer', async () => {
    const docker = new FakeEngine();
    docker.tryDocker = () =>
      Promise.resolve({
        code: 1,
        signal: null,
        stdout: '',
        stderr: 'Cannot connect',
        timedOut: false,
        milliseconds: 1,
      });
    await expect(machinesOf(docker).create(machine)).rejects.toThrow(/does not answer[\s\S]*Cannot connect/);
  });
});
