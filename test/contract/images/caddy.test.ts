import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silent } from '../../../foundation/progress';
import { caddyImage, caddyVersion } from '../../../sandbox/images/caddy';
import { addressOf, buildDeadline, docker, eventually, exec, imageConfig, Scratch } from './harness';

/**
 * The contract of the official image caddy:2, as far as it is stated in its Dockerfile (caddyserver/caddy-docker,
 * 2.11/alpine). Run against the real one with CADDY_IMAGE=caddy:2.
 */
const contract = {
  config: {
    Cmd: ['caddy', 'run', '--config', '/etc/caddy/Caddyfile', '--adapter', 'caddyfile'],
    Entrypoint: null,
    ExposedPorts: { '80/tcp': {}, '443/tcp': {}, '443/udp': {}, '2019/tcp': {} },
    User: '',
    Volumes: null,
    WorkingDir: '/srv',
  },
  env: [
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'XDG_CONFIG_HOME=/config',
    'XDG_DATA_HOME=/data',
  ],
  /** What a command in the container prints. */
  prints: [
    ['it runs as root', ['id', '-u'], /^0$/],
    ['the program says its version', ['caddy', 'version'], /^v2\.\d+\.\d+/],
    [
      'the program may bind low ports without root',
      ['sh', '-c', 'getcap $(command -v caddy)'],
      /cap_net_bind_service=ep/,
    ],
    [
      'its folders can be written by any user',
      ['stat', '-c', '%a', '/config/caddy', '/data/caddy'],
      /^1777\n1777$/,
    ],
    ['a configuration is there when none is mounted', ['ls', '/etc/caddy/Caddyfile'], /Caddyfile/],
    ['a page is there to be served', ['ls', '/usr/share/caddy/index.html'], /index\.html/],
    [
      'it trusts the public authorities',
      ['sh', '-c', 'grep -c BEGIN /etc/ssl/certs/ca-certificates.crt'],
      /^\d{2,}$/,
    ],
    ['it knows types of files', ['ls', '/etc/mime.types'], /mime\.types/],
    ['health checks have wget', ['sh', '-c', 'command -v wget'], /wget/],
    ['there is a place for files to serve', ['ls', '-d', '/srv'], /srv/],
  ] as const,
};

describe('the Caddy image', () => {
  const scratch = new Scratch();
  let image: string;

  beforeAll(async () => {
    image = process.env['CADDY_IMAGE'] ?? (await caddyImage(docker, silent)).reference;
  }, buildDeadline);
  afterAll(() => scratch.removeAll());

  it('is started as the official one', async () => {
    const config = await imageConfig(image);
    expect(config).toMatchObject(contract.config);
    expect(config.Env).toEqual(expect.arrayContaining(contract.env));
  });

  describe('holds what others rely on:', () => {
    let container: string;
    beforeAll(async () => {
      container = await scratch.start('tools', ['--network=none', image, 'sleep', '300']);
    });

    it.each(contract.prints)('%s', async (_, argv, pattern) => {
      const { code, stdout } = await exec(container, ...argv);
      expect(stdout.trim()).toMatch(pattern);
      expect(code).toBe(0);
    });
  });

  it('serves its page with no configuration at all, and its admin API answers a health check', async () => {
    const container = await scratch.start('default', [image]);
    await eventually(async () => {
      expect((await exec(container, 'wget', '-q', '-O', '-', 'http://127.0.0.1:80/')).stdout).toContain(
        'Caddy works',
      );
    });
    // By name as well: a statically linked busybox cannot look names up.
    for (const host of ['127.0.0.1', 'localhost']) {
      const { code } = await exec(container, 'wget', '-q', '-O', '/dev/null', `http://${host}:2019/config/`);
      expect([host, code]).toEqual([host, 0]);
    }
  });

  it('serves what is mounted over /etc/caddy, notices a reload, and ends well on SIGTERM', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cogni-caddy-'));
    try {
      const write = (text: string): void =>
        writeFileSync(join(folder, 'Caddyfile'), `:80 {\n\trespond "${text}"\n}\n`);
      write('one');
      const container = await scratch.start('mounted', [`--volume=${folder}:/etc/caddy:ro`, image]);
      const url = `http://${await addressOf(container)}/`;
      const answer = async (): Promise<string> =>
        (await fetch(url, { signal: AbortSignal.timeout(5_000) })).text();
      await eventually(async () => expect(await answer()).toBe('one'));
      write('two');
      const reload = await exec(
        container,
        'caddy',
        'reload',
        '--config',
        '/etc/caddy/Caddyfile',
        '--adapter',
        'caddyfile',
      );
      expect(reload.code).toBe(0);
      await eventually(async () => expect(await answer()).toBe('two'));
      await docker.docker(['stop', '--time=10', container]);
      expect(await docker.docker(['inspect', '--format={{.State.ExitCode}}', container])).toBe('0\n');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('binds port 80 as an ordinary user, with that one capability, on a read-only root', async () => {
    const container = await scratch.start('unprivileged', [
      '--user=65534:65534',
      '--cap-drop=ALL',
      '--cap-add=NET_BIND_SERVICE',
      // Docker lets everybody bind low ports unless told otherwise: here it is the capability that counts.
      '--sysctl=net.ipv4.ip_unprivileged_port_start=1024',
      '--read-only',
      '--tmpfs=/data:mode=1777',
      '--tmpfs=/config:mode=1777',
      image,
    ]);
    const url = `http://${await addressOf(container)}/`;
    await eventually(async () => expect((await fetch(url)).status).toBe(200));
  });

  it('is the version that production pins', async () => {
    const { stdout } = await scratch.once([image, 'caddy', 'version']);
    expect(stdout).toMatch(new RegExp(`^v${caddyVersion.replaceAll('.', '\\.')}\\b`));
  });
});
