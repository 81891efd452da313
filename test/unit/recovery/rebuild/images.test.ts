import type { FoundManifest, Manifest } from '../../../../deploy/registry-client';
import { imageFaults, type ImageQuestions } from '../../../../recovery/rebuild/images';
import { keyPair, sha256, simpleSignature, type Artifact } from '../../deploy/cosign';
import { begun } from './sample';

const { images, tag } = begun.release;
const repository = 'ghcr.io/cogni/app';
const there = (): Promise<FoundManifest | undefined> => Promise.resolve({ manifest: {} } as FoundManifest);
const asked = (
  manifestIfAny: (reference: string) => Promise<FoundManifest | undefined>,
  more: Partial<ImageQuestions> = {},
): ImageQuestions => ({
  repository,
  registry: {
    manifestIfAny,
    blob: () => Promise.reject(new Error('nothing is there')),
    referrers: () => Promise.resolve([]),
  },
  keys: [],
  ...more,
});

describe('the images of the last release', () => {
  it('are looked up by digest', async () => {
    const digests: string[] = [];
    const found = await imageFaults(
      begun.release,
      asked((digest) => {
        digests.push(`${repository}@${digest}`);
        return there();
      }),
    );
    expect(found).toEqual([]);
    expect(digests.sort()).toEqual([images.app, images.migrator].sort());
  });

  it('are faults where the registry has them no more, or does not answer', async () => {
    expect(
      await imageFaults(
        begun.release,
        asked(() => Promise.resolve(undefined)),
      ),
    ).toEqual([
      expect.stringContaining(`the application ${images.app} is not in its registry any more`),
      expect.stringContaining(`the migrator ${images.migrator} is not in its registry any more`),
    ]);
    const silent = asked(() => Promise.reject(new Error('no answer within 15 s')));
    expect((await imageFaults(begun.release, silent))[0]).toContain('cannot be looked up: no answer');
  });

  it.each([
    `registry.attacker.test/cogni/app@sha256:${'c'.repeat(64)}`,
    `ghcr.io/cogni/app-of-another@sha256:${'c'.repeat(64)}`,
  ])('are refused where the records name %s, and no registry is asked with our login', async (app) => {
    const ask = jest.fn(there);
    expect(await imageFaults({ tag, images: { ...images, app } }, asked(ask))).toEqual([
      expect.stringContaining(`${app} as the application, which is not in ${repository}`),
    ]);
    expect(ask).not.toHaveBeenCalled();
  });

  it('are refused where the environment wants signed ones, and these are signed by nobody, or by another', async () => {
    const [ours, theirs] = [keyPair(), keyPair()];
    const keys = [{ file: 'keys/cosign.pub', pem: ours.pem }];
    const signed = (signatures: readonly Artifact[]): ImageQuestions => {
      const manifests = new Map<string, string>(
        [images.app, images.migrator].flatMap((reference, index) => {
          const signature = signatures[index];
          const digest = reference.slice(reference.indexOf('@') + 1);
          return signature ? [[`${digest.replace(':', '-')}.sig`, signature.manifest] as const] : [];
        }),
      );
      const blobs = new Map(
        signatures.flatMap(({ blobs: list }) => list.map((blob) => [sha256(blob), blob] as const)),
      );
      const questions = asked(
        (reference) => {
          const text = manifests.get(reference);
          if (text !== undefined)
            return Promise.resolve({ manifest: JSON.parse(text) as Manifest } as FoundManifest);
          return reference.endsWith('.sig') ? Promise.resolve(undefined) : there();
        },
        { keys },
      );
      return {
        ...questions,
        registry: {
          ...questions.registry,
          blob: (wanted: string) => Promise.resolve(Buffer.from(blobs.get(wanted) ?? '')),
        },
      };
    };
    const by = (pair: typeof ours): readonly Artifact[] =>
      [images.app, images.migrator].map((reference) =>
        simpleSignature(reference.slice(reference.indexOf('@') + 1), pair),
      );
    expect(await imageFaults(begun.release, signed(by(ours)))).toEqual([]);
    expect((await imageFaults(begun.release, signed([]))).join()).toContain('is not signed');
    expect((await imageFaults(begun.release, signed(by(theirs)))).join()).toContain('with another key');
  });
});
