import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { addressesOf, lookupVia } from '../../../foundation/resolve';
import { silent } from '../../../foundation/progress';
import { httpsVia } from '../../../foundation/https';
import { dockerFor } from '../../../sandbox/docker';
import { askAt } from '../../../sandbox/parts/ask';
import { putRecord, recordsFolder, removeRecord } from '../../../sandbox/parts/dns';
import { ensureNetwork } from '../../../sandbox/parts/network';
import { publishApp } from '../../../sandbox/parts/publish-app';
import { addressOf, authorization } from '../../../sandbox/parts/registries';
import { imageReference } from '../../../services';
import { partName } from '../../../sandbox/world';
import { buildDeadline, docker, eventually, exec } from '../images/harness';
import { Rig, type Parts } from './rig';

describe("a sandbox's parts", () => {
  const rig = new Rig();
  const { world } = rig;
  let parts: Parts;
  const container = (part: string): string => partName(world, part);
  const resolve = (name: string): Promise<string[]> => addressesOf(name, lookupVia(parts.network.parts.dns));

  beforeAll(async () => {
    parts = await rig.up();
  }, buildDeadline);
  afterAll(() => rig.remove(), 60_000);

  it('are left alone when they are as they should be', async () => {
    await expect(rig.steps()).resolves.toEqual([]);
  });

  it('are on one network of their own, and on loopback ports of this machine', async () => {
    for (const part of ['dns', 'hub', 'ghcr', 'acme', 'models']) {
      const format = '{{json .NetworkSettings}}';
      const { Networks, Ports } = JSON.parse(
        await docker.docker(['inspect', `--format=${format}`, container(part)]),
      ) as {
        Networks: Record<string, { IPAddress: string }>;
        Ports: Record<string, { HostIp: string }[] | null>;
      };
      expect(Object.keys(Networks)).toEqual([world.network]);
      expect(Networks[world.network]?.IPAddress).toBe(parts.network.parts[part as 'dns']);
      const published = Object.values(Ports).flatMap((bindings) => bindings ?? []);
      expect(published.map(({ HostIp }) => HostIp)).toEqual(
        part === 'hub' || part === 'ghcr' ? ['127.0.0.1'] : [],
      );
    }
  });

  it('give an address of their own to a container that names none', async () => {
    const name = container('guest');
    await docker.docker([
      'run',
      '--detach',
      `--name=${name}`,
      `--label=${world.label}`,
      `--network=${world.network}`,
      await anyImage(),
      'sleep',
      '60',
    ]);
    const address = (
      await docker.docker([
        'inspect',
        '--format={{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}',
        name,
      ])
    ).trim();
    expect(Number(address.split('.')[3])).toBeGreaterThanOrEqual(224);
    await docker.docker(['rm', '--force', name]);
  });

  const anyImage = async (): Promise<string> =>
    (await docker.docker(['inspect', '--format={{.Config.Image}}', container('acme')])).trim();

  describe('DNS', () => {
    it('knows the fixed parts', async () => {
      await expect(resolve('hub.cogni.test')).resolves.toEqual([parts.network.parts.hub]);
      await expect(resolve('acme.cogni.test')).resolves.toEqual([parts.network.parts.acme]);
    });

    it('follows a record that comes, changes and goes, without a restart and within a second', async () => {
      const name = 'follows.cogni.test';
      const becomes = (...addresses: string[]): Promise<void> =>
        eventually(async () => expect(await resolve(name).catch(() => [])).toEqual(addresses), 3);
      await becomes();
      putRecord(world, name, '10.9.9.1');
      await becomes('10.9.9.1');
      putRecord(world, name, '10.9.9.2');
      await becomes('10.9.9.2');
      removeRecord(world, name);
      await becomes();
    });

    it('answers at once for a name under .test that it does not know', async () => {
      const started = performance.now();
      await expect(resolve('unknown.test')).rejects.toMatchObject({ code: 'ENOTFOUND' });
      expect(performance.now() - started).toBeLessThan(1_000);
    });

    it('is what the containers ask', async () => {
      putRecord(world, 'inside.cogni.test', '10.9.9.3');
      await eventually(async () => {
        const { stdout } = await exec(container('hub'), 'nslookup', 'inside.cogni.test');
        expect(stdout).toContain('10.9.9.3');
      }, 5);
    });
  });

  describe('the registries', () => {
    it('answer under their names with certificates of the sandbox, and to nobody who trusts others only', async () => {
      const url = `${addressOf(parts.registries.hub)}/v2/`;
      expect((await askAt('127.0.0.1', parts.authority)({ url, deadline: 5_000 })).status).toBe(200);
      const stranger = httpsVia({
        authorities: [],
        lookup: (_name, options, callback) => {
          if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
          else callback(null, '127.0.0.1', 4);
        },
      });
      await expect(stranger({ url, deadline: 5_000 })).rejects.toThrow(/not trusted/);
    });

    it('let nobody into the private one without its login', async () => {
      const ask = async (headers: Record<string, string>): Promise<number> =>
        (
          await askAt(
            '127.0.0.1',
            parts.authority,
          )({ url: `${addressOf(parts.registries.ghcr)}/v2/_catalog`, headers, deadline: 5_000 })
        ).status;
      expect(await ask({})).toBe(401);
      expect(await ask({ authorization: `Basic ${Buffer.from('cogni:wrong').toString('base64')}` })).toBe(
        401,
      );
      expect(await ask({ ...authorization(parts.registries.ghcr) })).toBe(200);
    });

    it('keep the login in a file that only its owner can read, and never in the engine', async () => {
      expect((statSync(join(world.folder, 'secrets', 'ghcr.json')).mode & 0o777).toString(8)).toBe('600');
      const password = parts.registries.ghcr.login!.password.reveal();
      expect(password).toMatch(/^[0-9a-f]{40}$/);
      expect(await docker.docker(['inspect', container('ghcr')])).not.toContain(password);
    });

    it('answer the digests of the image lock, which are those of the bytes', async () => {
      for (const name of ['caddy', 'postgres'] as const) {
        const { image, tag, digest } = parts.lock[name];
        expect(image).toMatch(/^hub\.cogni\.test\/library\//);
        const url = `${addressOf(parts.registries.hub)}/v2/${image.slice('hub.cogni.test/'.length)}/manifests/${tag}`;
        const accept =
          'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.index.v1+json';
        const answer = await askAt(
          '127.0.0.1',
          parts.authority,
        )({ url, headers: { accept }, deadline: 5_000 });
        expect(digest).toMatch(/^sha256:/);
        expect(answer.headers['docker-content-digest']).toBe(digest);
      }
    });

    it('have no digest for an image that is not there, so that nothing can run it', () => {
      expect(parts.lock.alloy).toMatchObject({ digest: null, resolvedAt: null });
      expect(() => imageReference(parts.lock, 'alloy')).toThrow(/has no digest yet/);
    });

    it('leave no name of a push behind in the engine', async () => {
      expect(await docker.docker(['image', 'ls', '--format={{.Repository}}'])).not.toContain(
        `127.0.0.1:${parts.registries.hub.port}`,
      );
    });
  });

  describe('versions of the demo application', () => {
    const publish = (tag: string, behaviour = {}): ReturnType<typeof publishApp> =>
      publishApp({ docker, world, tag, behaviour }, silent);

    it('are pushed with their migrator, and found there again', async () => {
      const first = await publish('preview-1a2b3c4');
      expect(first.app).toMatchObject({ image: 'ghcr.cogni.test/cogni/app', tag: 'preview-1a2b3c4' });
      expect(first.migrator).toMatchObject({ tag: 'preview-1a2b3c4-migrate' });
      expect(first.app.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(first.migrator.digest).not.toBe(first.app.digest);
      await expect(publish('preview-1a2b3c4')).resolves.toEqual(first);
    });

    it('of another behaviour have another digest, also under the same tag', async () => {
      const before = await publish('preview-moved');
      const after = await publish('preview-moved', { misbehave: 'never-ready' });
      expect(after.app.digest).not.toBe(before.app.digest);
      expect(after.migrator).toEqual(before.migrator);
    });

    it('answer as what they were published as', async () => {
      await publish('preview-5d6e7f8', { version: '1.2.3', migration: 'fail' });
      const { port, login } = parts.registries.ghcr;
      const reference = `127.0.0.1:${port}/cogni/app:preview-5d6e7f8`;
      const folder = join(world.folder, 'secrets', 'docker-ghcr.cogni.test');
      try {
        expect(login).toBeDefined();
        await docker.docker(['pull', '--quiet', reference], { env: { DOCKER_CONFIG: folder } });
        const environment = await docker.docker([
          'image',
          'inspect',
          '--format={{json .Config.Env}}',
          reference,
        ]);
        expect(JSON.parse(environment)).toEqual(
          expect.arrayContaining(['APP_VERSION=1.2.3', 'APP_BUILD_SHA=5d6e7f8']),
        );
      } finally {
        await docker.tryDocker(['rmi', reference]);
      }
    });
  });

  describe('wherever a run before was killed, the next one', () => {
    it('starts what was stopped', async () => {
      await docker.docker(['kill', container('dns'), container('ghcr')]);
      await expect(rig.steps()).resolves.toEqual(['start dns: started', 'start ghcr: started']);
    });

    it('makes again what is gone, and the data is still there', async () => {
      await docker.docker(['rm', '--force', container('hub'), container('acme')]);
      await expect(rig.steps()).resolves.toEqual(['start hub: created', 'start acme: created']);
    });

    it('makes a certificate again that was damaged, and the part that serves it', async () => {
      rmSync(join(world.folder, 'certificates', 'hub.cogni.test', 'key.pem'));
      await expect(rig.steps()).resolves.toEqual(['start hub: created']);
    });

    it('makes the mounted folder and its container again when the folder was removed', async () => {
      rmSync(recordsFolder(world), { recursive: true });
      await expect(rig.steps()).resolves.toEqual(['start dns: created']);
    });

    it('puts everything onto a network that was made again, with the same addresses', async () => {
      const before = parts.network.subnet;
      for (const part of ['dns', 'hub', 'ghcr', 'acme', 'models'])
        await docker.docker(['network', 'disconnect', '--force', world.network, container(part)]);
      await docker.docker(['network', 'rm', world.network]);
      const steps = await rig.steps();
      expect(steps[0]).toBe(`create network ${world.network}: ${before}`);
      expect(steps.slice(1)).toEqual(
        ['dns', 'hub', 'ghcr', 'acme', 'models'].map((part) => `start ${part}: created`),
      );
      parts = await rig.up();
    });

    it('refuses a network of that name that is another’s, with the command that removes it', async () => {
      const foreign = { ...world, network: container('foreign') };
      await docker.docker(['network', 'create', foreign.network]);
      try {
        await expect(ensureNetwork(docker, foreign, silent)).rejects.toThrow(
          `${dockerFor(docker)} network rm ${foreign.network}`,
        );
      } finally {
        await docker.docker(['network', 'rm', foreign.network]);
      }
    });
  });

  it('are told apart from everything else in the engine by their label', async () => {
    const mine = await rig.labelled();
    expect(mine).toEqual(
      expect.arrayContaining([...['dns', 'hub', 'ghcr', 'acme', 'models'].map(container), world.network]),
    );
    expect(readFileSync(join(world.folder, 'network.json'), 'utf8')).toContain(parts.network.subnet);
  });
});
