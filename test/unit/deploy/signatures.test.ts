import { generateKeyPairSync } from 'node:crypto';
import type { Manifest } from '../../../deploy/registry-client';
import {
  checkSignatures,
  keyFault,
  type CheckedSignatures,
  type SignatureStore,
} from '../../../deploy/signatures';
import { bundledSignature, keyPair, sha256, simpleSignature, type Artifact, type KeyPair } from './cosign';

const digest = sha256('the image');
const [ours, theirs] = [keyPair(), keyPair()];

/** A registry with signatures of one image, under its tag or referring to it. */
function registryWith(tagged: Artifact | undefined, ...referring: Artifact[]): SignatureStore {
  const all = [...(tagged ? [tagged] : []), ...referring];
  const blobs = new Map(all.flatMap(({ blobs: list }) => list.map((blob) => [sha256(blob), blob] as const)));
  const manifests = new Map(all.map(({ manifest }) => [sha256(manifest), manifest] as const));
  if (tagged) manifests.set(`${digest.replace(':', '-')}.sig`, tagged.manifest);
  return {
    manifestIfAny: (reference) => {
      const text = manifests.get(reference);
      return Promise.resolve(text === undefined ? undefined : { manifest: JSON.parse(text) as Manifest });
    },
    blob: (wanted) => Promise.resolve(Buffer.from(blobs.get(wanted) ?? '')),
    referrers: () => Promise.resolve(referring.map(({ manifest }) => sha256(manifest))),
  };
}

/** The migrator is the same image here: what is said of the one is said of the other. */
const check = (store: SignatureStore, keys = [ours]): Promise<CheckedSignatures> =>
  checkSignatures(
    store,
    { app: { tag: 'preview-0123abc', digest }, migrator: { tag: 'preview-0123abc-migrate', digest } },
    keys.map(({ pem }) => ({ file: pem === ours.pem ? 'keys/cosign.pub' : 'keys/old.pub', pem })),
  );

/** SHA-256 of the key in DER, which a PEM holds in base64. */
const fingerprintOf = ({ pem }: KeyPair): string =>
  sha256(Buffer.from(pem.replaceAll(/-----.*-----|\n/g, ''), 'base64')).replace('sha256:', '');

describe('an image that must be signed', () => {
  test.each([
    ['under the tag of its digest, as cosign 1 and 2 do', registryWith(simpleSignature(digest, ours))],
    [
      'by a bundle that refers to it, as cosign 3 does',
      registryWith(undefined, bundledSignature(digest, ours)),
    ],
    [
      'once, beside signatures of others and attestations',
      registryWith(
        simpleSignature(digest, theirs),
        bundledSignature(digest, ours, { predicateType: 'https://slsa.dev/provenance/v1' }),
        bundledSignature(digest, ours),
      ),
    ],
  ])('is taken when it is signed %s', async (_, store) => {
    const signer = { file: 'keys/cosign.pub', fingerprint: fingerprintOf(ours) };
    expect(await check(store)).toEqual({ faults: [], signers: { app: signer, migrator: signer } });
  });

  test('is taken by either of two keys, while one replaces the other, and the one that signed is told', async () => {
    for (const made of [simpleSignature, bundledSignature]) {
      const signature = made(digest, theirs);
      const store = made === simpleSignature ? registryWith(signature) : registryWith(undefined, signature);
      const signer = { file: 'keys/old.pub', fingerprint: fingerprintOf(theirs) };
      expect(await check(store, [ours, theirs])).toEqual({
        faults: [],
        signers: { app: signer, migrator: signer },
      });
    }
  });

  test.each([
    ['nobody signed it', registryWith(undefined), 'the registry has no signature of cosign for it'],
    [
      'another key signed it',
      registryWith(simpleSignature(digest, theirs)),
      'made with another key, or changed',
    ],
    [
      'another key signed the bundle',
      registryWith(undefined, bundledSignature(digest, theirs)),
      'made with another key, or changed',
    ],
    [
      'the signature was copied from another image',
      registryWith(simpleSignature(sha256('another'), ours)),
      `is for another image, ${sha256('another')}`,
    ],
    [
      'the bundle is about another image',
      registryWith(undefined, bundledSignature(sha256('another'), ours)),
      `is for another image, ${sha256('another')}`,
    ],
    [
      'the payload was changed after it was signed',
      registryWith(
        simpleSignature(sha256('another'), ours, (text) => text.replace(sha256('another'), digest)),
      ),
      'made with another key, or changed',
    ],
    [
      'there is only an attestation',
      registryWith(
        undefined,
        bundledSignature(digest, ours, { predicateType: 'https://slsa.dev/provenance/v1' }),
      ),
      'a bundle is of kind https://slsa.dev/provenance/v1, no signature of the image',
    ],
    [
      'the bundle is something else',
      registryWith(undefined, { ...bundledSignature(digest, ours), blobs: [] }),
      'holds no in-toto statement',
    ],
    [
      'the payload is no JSON',
      registryWith(simpleSignature(digest, ours, () => '<html>')),
      'made with another key, or changed',
    ],
  ])('is refused when %s', async (_, store, told) => {
    const { faults, signers } = await check(store);
    expect(signers).toBeUndefined();
    expect(faults.map((fault) => fault.split(': ')[0])).toEqual([
      'the image preview-0123abc',
      'the image preview-0123abc-migrate',
    ]);
    for (const fault of faults) expect(fault).toContain(told);
  });

  test('is refused when its signatures cannot be looked up', async () => {
    const store = {
      ...registryWith(undefined),
      referrers: () => Promise.reject(new Error('the registry answered 503')),
    };
    const why = 'its signatures could not be looked up: the registry answered 503';
    expect((await check(store)).faults).toEqual([
      `the image preview-0123abc: ${why}`,
      `the image preview-0123abc-migrate: ${why}`,
    ]);
  });

  test('need not be signed where no key is declared: the registry is not even asked', async () => {
    const store = { ...registryWith(undefined), manifestIfAny: () => Promise.reject(new Error('asked')) };
    expect(await check(store, [])).toEqual({ faults: [], signers: undefined });
  });
});

describe('a key to verify with', () => {
  test('is the public half of ECDSA on P-256', () => {
    expect(keyFault(ours.pem)).toBeUndefined();
  });

  test.each([
    ['another curve', keyPair('P-384').pem, 'is a key of ec on secp384r1'],
    [
      'another kind',
      generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      'is a key of ed25519',
    ],
    [
      'a private key',
      ours.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      'is a private key, which must not be here',
    ],
    ['no key', 'ssh-ed25519 AAAA', 'is no public key in PEM'],
  ])('is not %s', (_, pem, told) => {
    expect(keyFault(pem)).toContain(told);
  });
});
