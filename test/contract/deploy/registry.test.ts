import { resolveRelease } from '../../../deploy/registry';
import { planRelease, type DeployAdapters } from '../../../deploy/rolling/deploy';
import { layersIn, listLayers, missingLayers } from '../../../deploy/rolling/layers';
import type { DeployPlan } from '../../../deploy/rolling/plan';
import { renderRecord, type ReleaseRecord } from '../../../deploy/rolling/record';
import type { DeployRequest } from '../../../deploy/rolling/request';
import { ExitCode } from '../../../foundation/failure';
import { run } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { askAt } from '../../../sandbox/parts/ask';
import { publishApp, type PublishedApp } from '../../../sandbox/parts/publish-app';
import { authorization } from '../../../sandbox/parts/registries';
import {
  bundledSignature,
  keyPair,
  sha256,
  simpleSignature,
  type Artifact,
  type KeyPair,
} from '../../unit/deploy/cosign';
import { fakeClock } from '../../unit/deploy/fake-clock';
import { fakeTransport, type Answer } from '../../unit/deploy/fake-transport';
import { request as sample, soundHost } from '../../unit/deploy/rolling/sample';
import { failureOf } from '../../failure-of';
import { buildDeadline, docker } from '../images/harness';
import { Rig, type Parts } from '../parts/rig';
import { RegistryWriter } from './registry-writer';

/** Digests of a build. */
interface Pushed {
  readonly app: string;
  readonly migrator: string;
}

/** What a deploy makes of a registry's answers, with the registry itself: the host alone is played. */
describe('a deploy that asks the real registry', () => {
  const rig = new Rig();
  let parts: Omit<Parts, 'lock'>;
  let writer: RegistryWriter;
  let adapters: DeployAdapters;
  let published: PublishedApp;

  beforeAll(async () => {
    parts = await rig.registries();
    const { authority, network, registries } = parts;
    writer = new RegistryWriter({
      name: registries.ghcr.name,
      address: network.parts.ghcr,
      authority: authority.pem,
      authorization: authorization(registries.ghcr)['authorization'] ?? '',
      repository: 'cogni/app',
    });
    adapters = {
      https: askAt(network.parts.ghcr, authority),
      clock: fakeClock('2026-11-21T08:15:00.000Z'),
    };
    published = await publishApp({ docker, world: rig.world, tag: base }, silent);
  }, buildDeadline);
  afterAll(() => rig.remove(), 60_000);

  const base = 'preview-1a2b3c4';

  /** The bytes of the manifest of an image that is what a tag means now, but for its configuration. */
  async function changed(tag: string, change: Readonly<Record<string, unknown>>): Promise<string> {
    const manifest = JSON.parse((await writer.manifest(tag)).toString()) as {
      readonly config: { readonly digest: string };
    };
    const configuration = JSON.parse((await writer.blob(manifest.config.digest)).toString()) as object;
    const bytes = JSON.stringify({ ...configuration, ...change });
    const config = { ...manifest.config, digest: await writer.putBlob(bytes), size: bytes.length };
    return JSON.stringify({ ...manifest, config });
  }

  /** Pushes another build, which differs from the first one in its configuration alone. @returns both digests */
  async function push(
    tag: string,
    change: Readonly<Record<string, unknown>> = { author: tag },
  ): Promise<Pushed> {
    const [app, migrator] = await Promise.all(
      ['', '-migrate'].map(async (suffix) =>
        writer.putManifest(`${tag}${suffix}`, await changed(`${base}${suffix}`, change)),
      ),
    );
    return { app: app ?? '', migrator: migrator ?? '' };
  }

  /** Plans a deploy to a host of amd64 that serves nothing, and has recorded what is given. */
  function plan(
    tag: string,
    more: Partial<DeployRequest> = {},
    recorded: readonly ReleaseRecord[] = [],
  ): Promise<DeployPlan> {
    const host: [string, Answer][] = [
      ...soundHost.map(([part, answer]): [string, Answer] => [part, answer]),
      ['find /var/lib/cogni/deploy/releases', { stdout: recorded.map(renderRecord).join('') }],
      ['project=cogni-edge --filter', { stdout: 'caddy\trunning\tUp (healthy)\tx\n' }],
      ['docker version', { stdout: 'linux/amd64' }],
      ['df ', { stdout: 'Avail\n21474836480\n' }],
      ['cat -- /var/lib/cogni/deploy/current', { code: 1 }],
      ['readlink -- /var/lib/cogni/deploy/current', { code: 1 }],
      ['cat -- /opt/cogni/edge/caddy/upstream/active', { stdout: 'none\n' }],
    ];
    const { login } = parts.registries.ghcr;
    const settings = {
      ...sample.settings,
      GHCR_USERNAME: login?.username,
      GHCR_DEPLOY_TOKEN: login?.password.reveal(),
    };
    return planRelease(
      { ...sample, tag, settings, ...more },
      { ...adapters, connect: () => Promise.resolve(fakeTransport(host)) },
    );
  }

  it('takes both images of a build by the digests that the registry has', async () => {
    const { app, migrator } = published;
    expect((await plan(base)).release.images).toMatchObject({
      app: `ghcr.cogni.test/cogni/app@${app.digest}`,
      migrator: `ghcr.cogni.test/cogni/app@${migrator.digest}`,
    });
  });

  it('asks for no disk for layers that the engine has below another image', async () => {
    const { login } = parts.registries.ghcr;
    const images = await resolveRelease(
      { repository: sample.repository, tag: base, again: '', ...(login ? { login } : {}) },
      { https: askAt(parts.network.parts.ghcr, parts.authority) },
    );
    const all = images.app.layers.length + images.migrator.layers.length;
    expect(missingLayers([images.app, images.migrator], { images: [], layers: [] }).count).toBeGreaterThan(0);
    // The version itself is not in the engine, but what it was built from is: settings are no layer.
    const { stdout } = await run({ ...listLayers });
    const there = { images: [], layers: layersIn(stdout) };
    expect(missingLayers([images.app, images.migrator], there)).toEqual({
      compressedBytes: 0,
      count: 0,
      of: all,
    });
  });

  it('refuses a login that the registry does not know, and names it', async () => {
    const settings = { ...sample.settings, GHCR_USERNAME: 'stranger' };
    const { faults } = await failureOf(plan(base, { settings }));
    for (const fault of faults) {
      expect(fault).toContain(
        'the registry refuses the login of stranger (401): is GHCR_DEPLOY_TOKEN still valid',
      );
      expect(fault).not.toContain('p1anted');
    }
    expect(faults).toHaveLength(2);
  });

  it('refuses a tag that nobody has pushed', async () => {
    expect((await failureOf(plan('preview-fffffff'))).faults).toEqual([
      'application ghcr.cogni.test/cogni/app:preview-fffffff: the registry has no such image (404)',
      'migrator ghcr.cogni.test/cogni/app:preview-fffffff-migrate: the registry has no such image (404)',
    ]);
  });

  it('refuses a tag without its migrator, and says which of the two is there', async () => {
    const manifest = await writer.manifest(base);
    const digest = await writer.putManifest('preview-0000001', manifest);
    const failure = await failureOf(plan('preview-0000001'));
    expect(failure.faults).toEqual([
      `application ghcr.cogni.test/cogni/app:preview-0000001: is there, ${digest}`,
      'migrator ghcr.cogni.test/cogni/app:preview-0000001-migrate: the registry has no such image (404)',
    ]);
    expect(failure.exitCode).toBe(ExitCode.failed);
  });

  describe('an image for another processor', () => {
    it('is refused, and both processors are named', async () => {
      await push('preview-0000002', { architecture: 'arm64' });
      expect((await failureOf(plan('preview-0000002'))).faults).toEqual([
        'it is linux/amd64, and the image of the app is for linux/arm64',
        'it is linux/amd64, and the image of the migrator is for linux/arm64',
      ]);
    });

    it('is refused where an index has several, and none is that of the host', async () => {
      const both: (readonly [string, readonly string[]])[] = [
        ['', ['arm64', 's390x']],
        ['-migrate', ['arm64', 'amd64']],
      ];
      for (const [suffix, architectures] of both) {
        const manifests = [];
        for (const architecture of architectures) {
          const bytes = await changed(`${base}${suffix}`, { architecture });
          const digest = await writer.putManifest(sha256(bytes), bytes);
          const { mediaType } = JSON.parse(bytes) as { readonly mediaType: string };
          manifests.push({
            mediaType,
            digest,
            size: Buffer.byteLength(bytes),
            platform: { os: 'linux', architecture },
          });
        }
        const mediaType = 'application/vnd.oci.image.index.v1+json';
        const index = JSON.stringify({ schemaVersion: 2, mediaType, manifests });
        await writer.putManifest(`preview-0000003${suffix}`, index);
      }
      expect((await failureOf(plan('preview-0000003'))).faults).toEqual([
        'it is linux/amd64, and the image of the app is for linux/arm64, linux/s390x',
      ]);
    });
  });

  describe('a tag that was pushed over since it was recorded', () => {
    const tag = 'preview-5d6e7f8';
    let before: Pushed;
    let now: Pushed;
    let recorded: readonly ReleaseRecord[];

    beforeAll(async () => {
      before = await push(tag);
      recorded = [(await plan(tag)).release];
      now = await push(tag, { author: 'somebody who pushed over it' });
    });

    it('is refused with what it was, what it is, and the word that accepts it', async () => {
      const failure = await failureOf(plan(tag, {}, recorded));
      expect(failure.exitCode).toBe(ExitCode.refused);
      const recordedThen = `when ${recorded[0]?.id} was recorded`;
      expect(failure.faults).toEqual([
        `the tag ${tag} moved: it is ${now.app} now, and was ${before.app} ${recordedThen}`,
        `the tag ${tag}-migrate moved: it is ${now.migrator} now, and was ${before.migrator} ${recordedThen}`,
      ]);
      expect(failure.next).toContain(`--accept-moved-tag ${now.app} --accept-moved-tag ${now.migrator}`);
    });

    it('is taken by that word, which the record keeps, and which is not asked for again', async () => {
      const accept = { movedTags: [now.app, now.migrator] };
      const { release } = await plan(tag, { accept }, recorded);
      expect(release.movedTags).toContainEqual({
        tag,
        from: `ghcr.cogni.test/cogni/app@${before.app}`,
        to: `ghcr.cogni.test/cogni/app@${now.app}`,
        recordedBy: recorded[0]?.id,
      });
      await expect(plan(tag, {}, [release])).resolves.toMatchObject({ release: { images: release.images } });
    });

    it('is not taken by a word for another digest', async () => {
      const accept = { movedTags: [before.app, before.migrator] };
      await expect(plan(tag, { accept }, recorded)).rejects.toThrow(/cannot take preview-5d6e7f8/);
    });
  });

  describe('images that must be signed', () => {
    const [ours, theirs] = [keyPair(), keyPair()];
    const signingKeys = [{ file: 'keys/cosign.pub', pem: ours.pem }];
    type Sign = (digest: string, key: KeyPair) => Artifact;

    /** Pushes a build, and has both of its images signed. */
    async function signed(tag: string, key: KeyPair, way: Sign): Promise<Pushed> {
      const pushed = await push(tag);
      for (const digest of [pushed.app, pushed.migrator]) {
        if (way === simpleSignature) await writer.putTaggedSignature(digest, way(digest, key));
        else await writer.putReferrer(digest, way(digest, key));
      }
      return pushed;
    }

    it.each<[string, string, Sign]>([
      ['under the tag of their digest', 'preview-aaaaaa1', simpleSignature],
      ['by a bundle that refers to them', 'preview-aaaaaa2', bundledSignature],
    ])('are taken when they are signed %s, and the record says with which key', async (_, tag, way) => {
      await signed(tag, ours, way);
      const { release } = await plan(tag, { signingKeys });
      const signer = {
        file: 'keys/cosign.pub',
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      };
      expect(release.signedBy).toEqual({ app: signer, migrator: signer });
    });

    it.each<[string, string, Sign]>([
      ['under the tag of their digest', 'preview-bbbbbb1', simpleSignature],
      ['by a bundle that refers to them', 'preview-bbbbbb2', bundledSignature],
    ])('are refused when another key has signed them %s', async (_, tag, way) => {
      const { app } = await signed(tag, theirs, way);
      const failure = await failureOf(plan(tag, { signingKeys }));
      expect(failure.exitCode).toBe(ExitCode.refused);
      expect(failure.faults[0]).toBe(
        `the image ${tag}: ${app} is not signed with keys/cosign.pub: a signature does not verify: it was made with another key, or changed`,
      );
      expect(failure.faults).toHaveLength(2);
    });

    it('are refused when nobody has signed them, and taken where no key is asked for', async () => {
      const { migrator } = await push('preview-cccccc1');
      const failure = await failureOf(plan('preview-cccccc1', { signingKeys }));
      expect(failure.faults[1]).toBe(
        `the image preview-cccccc1-migrate: ${migrator} is not signed: the registry has no signature of cosign for it`,
      );
      expect((await plan('preview-cccccc1')).release.signedBy).toBeUndefined();
    });

    it('are refused when the signature is that of another build', async () => {
      const { app } = await push('preview-dddddd1');
      await writer.putTaggedSignature(app, simpleSignature(sha256('another build'), ours));
      expect((await failureOf(plan('preview-dddddd1', { signingKeys }))).faults[0]).toContain(
        `a signature is for another image, ${sha256('another build')}`,
      );
    });
  });
});
