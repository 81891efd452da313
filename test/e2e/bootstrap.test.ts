import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { enrollmentToken, renderUserData, revisionOf, withEnrollment, type HostNeeds } from '../../bootstrap';
import { convergeHost, type ConvergeResult } from '../../deploy/host/converge';
import { tryReadPins } from '../../deploy/host/pins';
import { BootstrapFailed, waitForBootstrap, type WaitResult } from '../../deploy/host/wait';
import { connect, type SshHost } from '../../deploy/ssh';
import { ExitCode, Failure } from '../../foundation/failure';
import type { Output } from '../../foundation/process';
import { progressTo, silent } from '../../foundation/progress';
import { Secret } from '../../foundation/secret';
import { ensureCertificateAuthority } from '../../sandbox/certificates';
import type { Docker } from '../../sandbox/docker';
import type { MachineFault, Machines } from '../../sandbox/emulator/machines';
import { ensureEngine, releaseEngine } from '../../sandbox/engine';
import { hostContainerName } from '../../sandbox/host/container';
import { ensureHostImage } from '../../sandbox/host/image';
import { dockerMachines } from '../../sandbox/host/machines';
import { ensureDns } from '../../sandbox/parts/dns';
import { ensureNetwork, type SandboxNetwork } from '../../sandbox/parts/network';
import { ensureRegistries } from '../../sandbox/parts/registries';
import { pushThirdParty } from '../../sandbox/parts/third-party';
import { ensureAgent, ensureDeployKey, stopAgent } from '../../sandbox/ssh-key';
import { worldOf } from '../../sandbox/world';
import { renderEdge } from '../../services/edge/edge';
import { imageReference, type ImageLock } from '../../services/images';

/*
 * Real machines, booted with the real user-data: cloud-init, systemd, sshd, Docker and the edge from the sandbox's own
 * registry. The first machine lives through the whole file, each test goes on from the one before.
 */
describe('a machine that is given the user-data', () => {
  const checkout = mkdtempSync(join(tmpdir(), 'cogni-bootstrap-'));
  const world = worldOf(checkout);
  const tokens = new Map<number, Secret>();
  const notes: string[] = [];
  let docker: Docker;
  let network: SandboxNetwork;
  let machines: Machines;
  let hostImage: string;
  let agent: string;
  let key: string;
  let lock: ImageLock;

  const address = (serverId: number): string =>
    network.hosts.first.replace(/\d+$/, (last) => String(Number(last) + serverId));
  const needs = (changes: Partial<HostNeeds> = {}): HostNeeds => {
    const domain = 'preview.cogni.test';
    const acme = { directory: 'https://acme.cogni.test/acme/local/directory' };
    return {
      hostName: 'preview-cogni',
      deployKeys: [key],
      swapBytes: 1024 ** 3,
      edge: { domain, files: renderEdge({ domain, www: false, acme, image: imageReference(lock, 'caddy') }) },
      ...changes,
    };
  };
  const token = (serverId: number): Secret => {
    const made = tokens.get(serverId) ?? Secret.of('enrollment token', enrollmentToken(randomBytes(32)));
    tokens.set(serverId, made);
    return made;
  };
  const spec = (serverId: number, faults: readonly MachineFault[] = []) => ({
    serverId,
    hostname: 'preview-cogni',
    image: 'ubuntu_24_04_64bit',
    address: address(serverId),
    authorizedKeys: [key],
    userData: withEnrollment(renderUserData(needs()), token(serverId).reveal()),
    faults,
  });
  const sshHost = (serverId: number): SshHost => ({
    environment: 'preview',
    address: address(serverId),
    user: 'deploy',
    knownHosts: join(checkout, String(serverId), 'known_hosts'),
    hostKeyAlias: 'cogni-preview',
  });
  const wait = (serverId: number, given = token(serverId)): Promise<WaitResult> =>
    waitForBootstrap({
      host: sshHost(serverId),
      token: given,
      machine: String(serverId),
      deadline: 240_000,
      env: { SSH_AUTH_SOCK: agent },
      progress: progressTo((event) => event.kind === 'note' && notes.push(event.text)),
    });
  const failureOf = (promise: Promise<unknown>): Promise<Failure> =>
    promise.then(
      () => Promise.reject(new Error('it did not fail')),
      (thrown: unknown) => (thrown instanceof Failure ? thrown : Promise.reject(thrown as Error)),
    );
  const inside = (serverId: number, script: string): Promise<Output> =>
    docker.tryDocker(['exec', hostContainerName(world, serverId), 'bash', '-c', script], {
      deadline: 120_000,
    });
  const sh = async (serverId: number, script: string): Promise<string> => {
    const output = await inside(serverId, script);
    if (output.code !== 0) throw new Error(`${script}: ${output.stdout}${output.stderr}`);
    return output.stdout.trim();
  };
  const converge = async (changes: Partial<HostNeeds> = {}, dryRun = false): Promise<ConvergeResult> => {
    const transport = await connect(sshHost(1), { env: { SSH_AUTH_SOCK: agent } });
    try {
      return await convergeHost({ environment: 'preview', transport, needs: needs(changes), dryRun });
    } finally {
      await transport.close();
    }
  };
  const edgeStarted = (): Promise<string> =>
    sh(
      1,
      "docker inspect -f '{{.Id}} {{.State.StartedAt}}' $(docker ps -q -f label=com.docker.compose.project=cogni-edge)",
    );
  /** Runs a shell in a container beside the hosts: what somebody else on the network can do. */
  const elsewhere = (script: string): Promise<Output> =>
    docker.tryDocker(
      [
        'run',
        '--rm',
        `--label=${world.label}`,
        `--network=${world.network}`,
        '--cap-add=NET_ADMIN',
        '--entrypoint=bash',
        hostImage,
        '-c',
        script,
      ],
      { deadline: 60_000 },
    );
  const open = async (...ports: readonly number[]): Promise<number[]> => {
    const attempt = `timeout 2 bash -c "exec 3<>/dev/tcp/${address(1)}/$port" 2>/dev/null && echo $port`;
    const { stdout } = await elsewhere(`for port in ${ports.join(' ')}; do ${attempt}; done; true`);
    return stdout.split('\n').filter(Boolean).map(Number);
  };

  beforeAll(async () => {
    const engine = await ensureEngine(silent, world);
    ({ docker } = engine);
    hostImage = await ensureHostImage(docker, silent);
    const authority = await ensureCertificateAuthority(world);
    const deployKey = await ensureDeployKey(world, 'preview');
    key = readFileSync(deployKey.publicKey, 'utf8').trim();
    agent = await ensureAgent(world, [deployKey.privateKey]);
    network = await ensureNetwork(docker, world, silent);
    const dns = await ensureDns(docker, world, network, silent);
    const registries = await ensureRegistries(docker, world, network, authority, silent);
    lock = await pushThirdParty(docker, world, registries, authority, silent);
    machines = dockerMachines({
      docker,
      world,
      authority: authority.certificate,
      dns: dns.address,
      image: hostImage,
      folder: join(world.folder, 'hosts'),
    });
  });

  afterAll(async () => {
    await Promise.all([1, 2, 3, 4, 5].map((serverId) => machines.remove(serverId)));
    const label = `--filter=label=${world.label}`;
    const parts = (await docker.docker(['ps', '--all', '--quiet', label])).split('\n').filter(Boolean);
    if (parts.length > 0) await docker.docker(['rm', '--force', '--volumes', ...parts]);
    const volumes = (await docker.docker(['volume', 'ls', '--quiet', label])).split('\n').filter(Boolean);
    if (volumes.length > 0) await docker.docker(['volume', 'rm', ...volumes]);
    await docker.docker(['network', 'rm', world.network]);
    await stopAgent(world);
    await releaseEngine(world, silent);
    rmSync(checkout, { recursive: true, force: true });
  });

  it('proves its key, brings itself up, and is known by that key from then on', async () => {
    await machines.create(spec(1));
    const { keys, pinnedNow, success } = await wait(1);
    expect(pinnedNow).toBe(true);
    expect(keys.map(({ type }) => type)).toContain('ssh-ed25519');
    expect(tryReadPins(sshHost(1).knownHosts, 'cogni-preview')).toEqual({ keys, machine: '1' });
    expect(success.document).toBe(revisionOf(needs()));
    process.stderr.write(`bootstrap: ${notes.at(-1)}\n`);
    await expect(wait(1, Secret.of('enrollment token', 'not needed any more'))).resolves.toMatchObject({
      pinnedNow: false,
    });
  });

  it('serves: its edge answers 503 with a plain page until the first deploy', async () => {
    const { stdout } = await elsewhere(
      `curl -sS -m 5 -i -H 'Host: preview.cogni.test' http://${address(1)}/`,
    );
    expect(stdout).toMatch(/^HTTP\/1\.1 503 [^]*No release is deployed here yet/);
  });

  it('keeps nothing of the token on its disk, nor in memory that cloud-init keeps', async () => {
    const places = '/etc /home /opt /root /run /var/lib/cogni /var/lib/cloud /var/log /tmp';
    const grep = (text: string): Promise<string> =>
      sh(1, `grep -rlsF -D skip -- '${text}' ${places} || true`);
    expect(await grep(token(1).reveal())).toBe('');
    // It does look where user-data is kept.
    expect(await grep('lock_passwd: true')).toContain('user-data');
  });

  it('lets in the deploy user by key, and neither root nor a password', async () => {
    const effective = await sh(1, 'sshd -T');
    for (const line of [
      'permitrootlogin no',
      'passwordauthentication no',
      'allowagentforwarding no',
      'x11forwarding no',
    ]) {
      expect(effective.split('\n')).toContain(line);
    }
    expect(
      (await failureOf(connect({ ...sshHost(1), user: 'root' }, { env: { SSH_AUTH_SOCK: agent } }))).message,
    ).toContain('refused every key');
    await expect(sh(1, 'passwd -S deploy | cut -d" " -f2; id -nG deploy')).resolves.toMatch(
      /^L\n.*\bdocker\b/,
    );
    await sh(1, 'visudo -c -q');
  });

  it('changes nothing when the phases run once more, and does not touch its edge', async () => {
    const before = await edgeStarted();
    const again = await sh(1, '/opt/cogni/bootstrap/bootstrap.sh run');
    expect(again).toContain('nothing had to change');
    expect([...again.matchAll(/done: (\d+) changes/g)].map(([, changes]) => changes).join('')).toMatch(
      /^0{13}$/,
    );
    expect(await edgeStarted()).toBe(before);
  });

  it('is closed but for 22, 80 and 443, for ports that Docker publishes and for its own containers as well', async () => {
    const image = lock.caddy;
    await sh(
      1,
      `docker run -d --name other -p 8080:8080 $(docker inspect -f '{{.Image}}' $(docker ps -q)) caddy respond --listen :8080 other`,
    );
    await sh(
      1,
      '(setsid python3 -m http.server 9000 >/dev/null 2>&1 &); for i in 1 2 3 4 5; do curl -s -o /dev/null 127.0.0.1:9000 && break; sleep 1; done; curl -sS 127.0.0.1:8080',
    );
    expect(image).toBeDefined();
    expect(await open(22, 80, 443, 8080, 9000)).toEqual([22, 80, 443]);
    const inner = await sh(
      1,
      "docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' other",
    );
    const direct = await elsewhere(
      `ip route add ${inner} via ${address(1)} && curl -sS -m 3 http://${inner}:8080/`,
    );
    expect(direct.stderr).toContain('timed out');
  });

  it('finds out that somebody opened it, and closes it again without stopping a container', async () => {
    const before = await edgeStarted();
    await sh(1, 'iptables -D DOCKER-USER -m comment --comment cogni -j COGNI-DOCKER-USER');
    expect(await open(8080)).toEqual([8080]);
    expect(
      (await converge({}, true)).findings
        .filter(({ verdict }) => verdict === 'acts')
        .map(({ phase }) => phase),
    ).toEqual(['firewall', 'finished']);
    expect((await converge()).applied).toBe(true);
    expect(await open(8080)).toEqual([]);
    await sh(1, 'systemctl restart docker');
    expect(await open(22, 80, 8080)).toEqual([22, 80]);
    expect(await edgeStarted()).toBe(before);
    await sh(1, 'docker rm -f other');
  });

  it('is the same after a reboot: key, firewall, edge, and nothing run twice', async () => {
    const marker = await sh(1, 'cat /var/lib/cogni/bootstrap.ok');
    await machines.power(1, 'reboot');
    await wait(1);
    await sh(1, 'systemctl is-system-running --wait || systemctl --failed');
    const { findings, applied } = await converge();
    expect(findings.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
    expect(applied).toBe(false);
    expect(await sh(1, 'cat /var/lib/cogni/bootstrap.ok')).toBe(marker);
    expect(await open(22, 80, 443, 9000)).toEqual([22, 80, 443]);
  });

  it('is brought to what is rendered today, its running edge excepted, which is only said to differ', async () => {
    const before = await edgeStarted();
    const rendered = needs();
    const second = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINcwTSlZ++VNZvKKV62fRdaqc9tp5c45moCWHEodTtFk second';
    const changes: Partial<HostNeeds> = {
      deployKeys: [key, second],
      edge: {
        ...rendered.edge,
        files: [...rendered.edge.files, { path: 'caddy/extra', mode: 0o644, content: 'new\n' }],
      },
    };
    const planned = await converge(changes, true);
    expect(planned).toMatchObject({
      applied: false,
      edgeDiffers: ['caddy/extra'],
      files: ['edge/caddy/extra', 'settings'],
    });
    expect(await sh(1, 'cat /home/deploy/.ssh/authorized_keys')).not.toContain(second);
    const done = await converge(changes);
    expect(done.findings.filter(({ verdict }) => verdict === 'acts')).toEqual([
      { phase: 'users', verdict: 'acts', what: 'write /home/deploy/.ssh/authorized_keys' },
      { phase: 'finished', verdict: 'acts', what: 'note that all of it is done' },
    ]);
    expect(await sh(1, 'cat /home/deploy/.ssh/authorized_keys')).toBe(`${key}\n${second}`);
    expect(await sh(1, 'ls /opt/cogni/edge/caddy')).not.toContain('extra');
    expect(await edgeStarted()).toBe(before);
    await expect(converge(changes)).resolves.toMatchObject({
      applied: false,
      edgeDiffers: ['caddy/extra'],
      files: [],
    });
  });

  it('has its edge started by a converge when it does not run, as rendered, and what a deploy wrote kept', async () => {
    await sh(
      1,
      'docker rm -f $(docker ps -q -f label=com.docker.compose.project=cogni-edge); echo green >/opt/cogni/edge/caddy/upstream/active',
    );
    expect((await converge()).findings).toContainEqual({
      phase: 'edge',
      verdict: 'acts',
      what: 'start the edge',
    });
    expect(await edgeStarted()).toMatch(/^[0-9a-f]{64} /);
    await expect(sh(1, 'cat /opt/cogni/edge/caddy/upstream/active')).resolves.toBe('green');
  });

  it('is refused when it answers with another key, and both fingerprints are named', async () => {
    const pinned = tryReadPins(sshHost(1).knownHosts, 'cogni-preview');
    await machines.reinstall(spec(1));
    const failure = await failureOf(wait(1));
    expect(failure.exitCode).toBe(ExitCode.refused);
    expect(failure.faults.join('\n')).toMatch(/pinned: +ssh-ed25519 SHA256:\S+[^]*answered: +\S+ SHA256:\S+/);
    expect(failure.next).toBe('./cogni host check preview');
    expect(tryReadPins(sshHost(1).knownHosts, 'cogni-preview')).toEqual(pinned);
  });

  it('ends in a report with phase, command and its own log when it cannot bring itself up', async () => {
    const faults: readonly MachineFault[] = ['broken-package', 'full-disk', 'ports-taken'];
    await Promise.all(faults.map((fault, index) => machines.create(spec(2 + index, [fault]))));
    const failures = await Promise.all([2, 3, 4].map((serverId) => failureOf(wait(serverId))));
    for (const failure of failures) {
      // With its text, for whoever reads a red test.
      expect([failure.constructor.name, failure.what, failure.output]).toEqual([
        BootstrapFailed.name,
        expect.any(String),
        expect.any(String),
      ]);
    }
    const [broken, full, taken] = failures as [Failure, Failure, Failure];
    expect(broken.what).toMatch(/failed in phase packages with exit code 1: apt install .*docker-compose-v2/);
    expect(broken.output).toContain('this package cannot be configured');
    expect(full.what).toMatch(/failed in phase packages/);
    expect(full.output).toContain('No space left on device');
    expect(taken.what).toMatch(
      /failed in phase edge with exit code 1: port 80 or 443 is taken on this host: .*"systemd",pid=1/,
    );
    for (const failure of failures) expect(failure.next).toContain('./cogni host converge preview');
  });

  it('lets the deploy user mend what failed in the first phases, and is brought up by a converge', async () => {
    const transport = await connect(sshHost(2), { env: { SSH_AUTH_SOCK: agent } });
    try {
      await expect(
        transport.run({ argv: ['sudo', '-n', 'id', '-u'], deadline: 20_000 }),
      ).resolves.toMatchObject({ code: 0, stdout: '0\n' });
      // The source of packages is mended, and the one that cannot be configured taken away.
      const source = 'deb [trusted=yes] file:/usr/lib/cogni-sandbox/packages ./';
      await sh(
        2,
        `echo '${source}' >/etc/apt/sources.list; dpkg --remove --force-remove-reinstreq docker-compose-v2; rm -rf /var/lib/apt/lists/*`,
      );
      await convergeHost({ environment: 'preview', transport, needs: needs() });
    } finally {
      await transport.close();
    }
    await expect(wait(2)).resolves.toMatchObject({ pinnedNow: false });
  });

  it('is known by its key although its bootstrap failed, and is brought up by a converge once the fault is mended', async () => {
    expect(tryReadPins(sshHost(4).knownHosts, 'cogni-preview')?.keys).toHaveLength(3);
    await sh(4, 'systemctl stop other-web-server.socket && systemctl disable other-web-server.socket');
    const transport = await connect(sshHost(4), { env: { SSH_AUTH_SOCK: agent } });
    await convergeHost({ environment: 'preview', transport, needs: needs() }).finally(() =>
      transport.close(),
    );
    await expect(wait(4)).resolves.toMatchObject({ pinnedNow: false });
  });

  it('is not pinned with the token of another machine', async () => {
    const other = Secret.of('enrollment token', enrollmentToken(randomBytes(32)));
    await machines.create(spec(5));
    const failure = await failureOf(wait(5, other));
    expect(failure.exitCode).toBe(ExitCode.refused);
    expect(failure.what).toContain('was not made with the enrollment token of preview');
    expect(tryReadPins(sshHost(5).knownHosts, 'cogni-preview')).toBeUndefined();
    expect(failure.message).not.toContain(other.reveal());
  });

  it('is reported when its bootstrap was killed without a word', async () => {
    for (;;) {
      const { stdout } = await inside(
        5,
        'grep -c "phase docker begins" /run/cogni/bootstrap.log; cat /run/cogni/pid',
      );
      if (stdout.startsWith('1')) break;
    }
    await sh(5, 'kill -KILL $(cat /run/cogni/pid)');
    const failure = await failureOf(wait(5));
    expect(failure.what).toMatch(
      /left no marker: it was killed in phase (docker|network|users|directories|ssh|firewall)/,
    );
    expect(failure.output).toContain('phase docker begins');
  });
});
