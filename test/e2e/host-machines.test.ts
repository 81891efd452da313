import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { capture, run, type Output } from '../../foundation/process';
import { silent } from '../../foundation/progress';
import { ensureCertificateAuthority } from '../../sandbox/certificates';
import type { Docker } from '../../sandbox/docker';
import type { MachineFault, Machines, MachineSpec } from '../../sandbox/emulator/machines';
import { ensureEngine, releaseEngine, type Engine } from '../../sandbox/engine';
import { hostContainerName } from '../../sandbox/host/container';
import { ensureHostImage } from '../../sandbox/host/image';
import { dockerMachines } from '../../sandbox/host/machines';
import { ensureNetwork, type SandboxNetwork } from '../../sandbox/parts/network';
import { worldOf } from '../../sandbox/world';

/** Real machines on a real engine, each with trivial user-data. */
describe('machines that are system containers', () => {
  const checkout = mkdtempSync(join(tmpdir(), 'cogni-hosts-'));
  const world = worldOf(checkout);
  const key = join(checkout, 'key');
  let engine: Engine;
  let docker: Docker;
  let network: SandboxNetwork;
  let machines: Machines;
  let authority: string;

  const address = (index: number): string =>
    network.hosts.first.replace(/\d+$/, (last) => String(Number(last) + index));
  const spec = (serverId: number, more: Partial<MachineSpec> = {}): MachineSpec => ({
    serverId,
    hostname: `host-${serverId}`,
    image: 'ubuntu_24_04_64bit',
    address: address(serverId),
    authorizedKeys: [readFileSync(`${key}.pub`, 'utf8').trim()],
    userData: `#cloud-config\nruncmd:\n- [sh, -c, "date > /root/ran-user-data"]\n`,
    faults: [],
    ...more,
  });
  const inside = (serverId: number, ...argv: readonly string[]): Promise<Output> =>
    docker.tryDocker(['exec', hostContainerName(world, serverId), ...argv], { deadline: 120_000 });
  const sh = async (serverId: number, script: string): Promise<string> => {
    const output = await inside(serverId, 'sh', '-c', script);
    if (output.code !== 0) throw new Error(`${script}: ${output.stdout}${output.stderr}`);
    return output.stdout.trim();
  };
  /** Written by cloud-init when its last stage is done; asking cloud-init itself costs the boot more than it takes. */
  const booted = async (serverId: number): Promise<void> => {
    await eventually(async () => {
      expect(await sh(serverId, 'cat /run/cloud-init/result.json')).toContain('"errors": []');
    });
  };
  const hostKey = (serverId: number): Promise<string> =>
    sh(serverId, 'cat /etc/ssh/ssh_host_ed25519_key.pub');

  beforeAll(async () => {
    engine = await ensureEngine(silent, world);
    ({ docker } = engine);
    const image = await ensureHostImage(docker, silent);
    network = await ensureNetwork(docker, world, silent);
    authority = (await ensureCertificateAuthority(world)).certificate;
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    const folder = join(world.folder, 'hosts');
    machines = dockerMachines({ docker, world, authority, dns: network.gateway, image, folder });
  });

  afterAll(async () => {
    await Promise.all([1, 2, 3, 4].map((serverId) => machines.remove(serverId)));
    await docker.docker(['network', 'rm', world.network]);
    await releaseEngine(world, silent);
    rmSync(checkout, { recursive: true, force: true });
  });

  it('return from their creation while they still boot, then let root in with the key they were given', async () => {
    const started = performance.now();
    await machines.create(spec(1));
    const created = performance.now() - started;
    await eventually(async () => {
      const output = await run({
        argv: [
          'ssh',
          ...['-i', key, '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=2'],
          ...[
            '-o',
            'StrictHostKeyChecking=accept-new',
            '-o',
            `UserKnownHostsFile=${join(checkout, 'known_hosts')}`,
          ],
          `root@${address(1)}`,
          'hostname',
        ],
        deadline: 10_000,
      });
      expect(output.stdout).toBe('host-1\n');
    });
    const ssh = performance.now() - started;
    await booted(1);
    const done = performance.now() - started;
    const seconds = [created, ssh, done].map((milliseconds) => (milliseconds / 1000).toFixed(1));
    process.stderr.write(
      `host-machines: created after ${seconds[0]} s, ssh after ${seconds[1]} s, cloud-init done after ${seconds[2]} s\n`,
    );
    await expect(machines.tryInspect(1)).resolves.toEqual({
      serverId: 1,
      hostname: 'host-1',
      address: address(1),
      running: true,
      diskGeneration: 1,
    });
  });

  it('boot a whole system: no unit of systemd fails, and the user-data ran once as root', async () => {
    await expect(sh(1, 'systemctl is-system-running --wait')).resolves.toBe('running');
    await expect(sh(1, 'stat -c %U /root/ran-user-data')).resolves.toBe('root');
    await expect(sh(1, 'hostname; cat /etc/hostname; getent hosts host-1 | tr -s " "')).resolves.toBe(
      'host-1\nhost-1\n127.0.1.1 host-1',
    );
  });

  it("ask the sandbox's DNS server alone", async () => {
    await expect(sh(1, 'cat /etc/resolv.conf')).resolves.toBe(`nameserver ${network.gateway}`);
  });

  it("trust the sandbox's authority, before and after update-ca-certificates", async () => {
    const verify =
      'openssl verify -CAfile /etc/ssl/certs/ca-certificates.crt /usr/local/share/ca-certificates/*.crt';
    const byFolder = 'openssl verify -CApath /etc/ssl/certs /usr/local/share/ca-certificates/*.crt';
    for (const check of [verify, byFolder]) await expect(sh(1, check)).resolves.toMatch(/: OK$/);
    await sh(1, 'update-ca-certificates --fresh');
    for (const check of [verify, byFolder]) await expect(sh(1, check)).resolves.toMatch(/: OK$/);
  });

  it('install Docker Compose as a package without any network', async () => {
    await sh(
      1,
      'ip route del default; apt-get update && apt-get install -y docker.io docker-compose-v2 iptables',
    );
    await expect(sh(1, 'docker compose version --short')).resolves.toBe('2.40.3');
  });

  it('run containers on networks of their own engine, reachable from the machine below by published ports', async () => {
    const facts = await sh(
      1,
      "docker info --format '{{.ServerVersion}} {{.Driver}} cgroup {{.CgroupVersion}}'",
    );
    process.stderr.write(`host-machines: the engine inside is ${facts}\n`);
    await sh(1, innerImage);
    await sh(1, 'docker network create inner && docker run -d --name web --network inner -p 80:8000 tiny');
    await eventually(async () => {
      const ask = `docker run --rm --network inner --entrypoint /usr/bin/curl tiny -sS -o /dev/null -w '%{http_code}' http://web:8000/`;
      await expect(sh(1, ask)).resolves.toBe('200');
    });
    const published = await capture({
      argv: [
        'curl',
        '-sS',
        '--noproxy',
        '*',
        '-o',
        '/dev/null',
        '-w',
        '%{http_code}',
        `http://${address(1)}/`,
      ],
      deadline: 10_000,
    });
    expect(published).toBe('200');
  });

  it('count and limit what runs inside them as their own', async () => {
    const id = await sh(1, 'docker inspect --format {{.Id}} web');
    const groups = await sh(1, 'find /sys/fs/cgroup -type d -name "*docker*"');
    expect(groups).not.toBe('');
    // Nothing of the inner container shows beside the host in the machine's own control groups.
    const outside = await run({
      argv: ['find', '/sys/fs/cgroup', '-maxdepth', '3', '-type', 'd', '-name', `*${id}*`],
      deadline: 10_000,
    });
    expect(outside.stdout).toBe('');
    const [container] = JSON.parse(await docker.docker(['inspect', hostContainerName(world, 1)])) as [
      { HostConfig: { Memory: number } },
    ];
    expect(container.HostConfig.Memory).toBe(engine.facts.memoryLimit ? 4 * 1024 ** 3 : 0);
  });

  it('keep disk, host key and containers over power off, power on and reboot', async () => {
    const before = await hostKey(1);
    await machines.power(1, 'off');
    await expect(machines.tryInspect(1)).resolves.toMatchObject({ running: false, diskGeneration: 1 });
    await machines.power(1, 'on');
    await booted(1);
    await machines.power(1, 'reboot');
    await booted(1);
    await expect(hostKey(1)).resolves.toBe(before);
    await expect(sh(1, 'docker inspect --format {{.Name}} web')).resolves.toBe('/web');
    await expect(sh(1, 'cat /etc/resolv.conf')).resolves.toBe(`nameserver ${network.gateway}`);
  });

  it('come up again after a reboot that was asked for inside', async () => {
    const boot = 'cut -d" " -f22 /proc/1/stat';
    const before = await sh(1, boot);
    await inside(1, 'systemctl', 'reboot');
    await eventually(async () => expect(await sh(1, boot)).not.toBe(before));
    await booted(1);
  });

  it('lose everything but their address when they are reinstalled', async () => {
    const before = await hostKey(1);
    await machines.reinstall(spec(1, { userData: '#cloud-config\nruncmd:\n- [touch, /root/second-life]\n' }));
    await expect(machines.tryInspect(1)).resolves.toMatchObject({
      diskGeneration: 2,
      address: address(1),
      running: true,
    });
    await booted(1);
    await expect(sh(1, 'ls /root; docker ps --all --quiet; docker image ls --quiet')).resolves.toBe(
      'second-life',
    );
    await expect(hostKey(1)).resolves.not.toBe(before);
  });

  it('fail in the way that is asked of them, several at once', async () => {
    const faults: readonly MachineFault[] = ['broken-package', 'full-disk', 'ports-taken'];
    const script = 'apt-get update; apt-get install -y docker-compose-v2; echo "code $?"; ss -Hlnt; echo end';
    const userData = `#cloud-config\nruncmd:\n- [sh, -c, ${JSON.stringify(`(${script}) > /run/said 2>&1`)}]\n`;
    await Promise.all(
      faults.map((fault, index) => machines.create(spec(2 + index, { userData, faults: [fault] }))),
    );
    for (const serverId of [2, 3, 4]) {
      await eventually(async () => expect(await sh(serverId, 'cat /run/said')).toMatch(/\nend$/));
    }
    const [broken, full, taken] = await Promise.all(
      [2, 3, 4].map((serverId) => sh(serverId, 'cat /run/said')),
    );
    expect(broken).toMatch(/this package cannot be configured[\s\S]*code 100/);
    expect(full).toMatch(/No space left on device[\s\S]*code 100/);
    await expect(sh(3, 'df --output=pcent / | tail -n 1')).resolves.toMatch(/^(9[5-9]|100)%$/);
    for (const said of [/code 0/, /:80 /, /:443 /]) expect(taken).toMatch(said);
    for (const healthy of [broken, full]) expect(healthy).not.toMatch(/:443 /);
  });

  it('leave no container and no volume behind', async () => {
    await Promise.all([1, 2, 3, 4].map((serverId) => machines.remove(serverId)));
    const label = `label=${world.label}`;
    const left = await Promise.all([
      docker.docker(['ps', '--all', '--quiet', '--filter', label]),
      docker.docker(['volume', 'ls', '--quiet', '--filter', label]),
    ]);
    expect(left).toEqual(['', '']);
    await expect(machines.tryInspect(1)).resolves.toBeUndefined();
  });
});

/** A container image made of the host's own files: a web server and a client. */
const innerImage = `cd / && tar -c -h usr/bin/curl usr/bin/python3 usr/lib/python3.11 \
  $(for file in /usr/bin/curl /usr/bin/python3; do ldd $file | grep -o '/lib[^ ]*'; done | sort -u) 2>/dev/null |
  docker import --change 'ENTRYPOINT ["/usr/bin/python3", "-m", "http.server"]' - tiny`;

/** Tries again for three minutes; what the last attempt threw is what fails. */
async function eventually(attempt: () => Promise<void>): Promise<void> {
  const until = performance.now() + 180_000;
  for (;;) {
    try {
      return await attempt();
    } catch (cause) {
      if (performance.now() > until) throw cause;
      await delay(200);
    }
  }
}
