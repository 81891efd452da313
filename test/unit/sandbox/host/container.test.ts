import type { EngineFacts } from '../../../../sandbox/engine-facts';
import {
  createArguments,
  hostContainerName,
  hostVolumeName,
  type HostContainer,
} from '../../../../sandbox/host/container';
import { worldOf } from '../../../../sandbox/world';

const world = worldOf('/checkout');

const host: HostContainer = {
  world,
  serverId: 811000,
  hostname: 'preview-cogni',
  address: '10.1.2.100',
  diskGeneration: 2,
  imageSlug: 'ubuntu_24_04_64bit',
  image: 'cogni-sandbox/host:abc',
  dns: '10.1.2.2',
  memory: 2 * 1024 ** 3,
};

const engine: EngineFacts = {
  version: '20.10.24',
  os: 'linux',
  operatingSystem: 'Debian',
  cgroupVersion: 2,
  memoryLimit: true,
  storageDriver: 'overlay2',
  dataRoot: '/var/lib/docker',
  rootless: false,
  remapsUsers: false,
};

const args = createArguments(host, engine);

describe('the container of a host', () => {
  it('carries the name and the label of its sandbox, so that another one is never touched', () => {
    expect(hostContainerName(world, 811000)).toBe(`cogni-${world.id}-host-811000`);
    expect(args).toContain(`--name=cogni-${world.id}-host-811000`);
    expect(args).toContain(`--label=dev.cogni.sandbox=${world.id}`);
  });

  it('says in labels which server it is, so that its facts survive every process', () => {
    expect(args).toEqual(
      expect.arrayContaining([
        '--label=dev.cogni.server=811000',
        '--label=dev.cogni.host=preview-cogni',
        '--label=dev.cogni.address=10.1.2.100',
        '--label=dev.cogni.disk=2',
        '--label=dev.cogni.slug=ubuntu_24_04_64bit',
      ]),
    );
  });

  it("has its fixed address on the sandbox's network and asks the sandbox's DNS server", () => {
    expect(args).toEqual(
      expect.arrayContaining([`--network=cogni-${world.id}`, '--ip=10.1.2.100', '--dns=10.1.2.2']),
    );
  });

  it('has control groups of its own, whatever version the machine has', () => {
    for (const cgroupVersion of [1, 2] as const) {
      expect(createArguments(host, { ...engine, cgroupVersion })).toContain('--cgroupns=private');
    }
    expect(args.join(' ')).not.toContain('/sys/fs/cgroup');
  });

  it('is not privileged, which a machine may not be able to give', () => {
    expect(args).not.toContain('--privileged');
    expect(args).toContain('--cap-add=SYS_ADMIN');
  });

  it('has a limit of memory, swap included, where the engine can set one', () => {
    expect(args).toEqual(expect.arrayContaining(['--memory=2147483648', '--memory-swap=2147483648']));
    expect(createArguments(host, { ...engine, memoryLimit: false }).join(' ')).not.toContain('--memory');
  });

  it('opts out of mapped users where the engine maps them', () => {
    expect(args).not.toContain('--userns=host');
    expect(createArguments(host, { ...engine, remapsUsers: true })).toContain('--userns=host');
  });

  it('keeps the data of its own engine in a volume of its own', () => {
    expect(args).toContain(
      `--mount=type=volume,source=${hostVolumeName(world, 811000)},target=/var/lib/docker`,
    );
  });

  it('publishes no port and mounts no folder of the machine', () => {
    expect(args.filter((arg) => /^(-p|--publish|-v|--volume)|type=bind/.test(arg))).toEqual([]);
  });

  it('ends with its image and passes it no command', () => {
    expect(args.at(-1)).toBe('cogni-sandbox/host:abc');
  });
});
