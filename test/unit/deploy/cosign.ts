import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

/** Signatures as cosign makes and stores them, made here with node:crypto. */

export const sha256 = (bytes: string | Buffer): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly pem: string;
}

export function keyPair(namedCurve = 'P-256'): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
  return { privateKey, pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

/** What is pushed: blobs by digest, and one manifest. */
export interface Artifact {
  readonly blobs: readonly string[];
  readonly manifest: string;
}

const empty = '{}';

/** As cosign 1 and 2 do it: to be pushed under the tag `sha256-<digest>.sig`. */
export function simpleSignature(
  digest: string,
  { privateKey }: KeyPair,
  change: (payload: string) => string = (payload) => payload,
): Artifact {
  const payload = JSON.stringify({
    critical: {
      identity: { 'docker-reference': 'ghcr.cogni.test/cogni/app' },
      image: { 'docker-manifest-digest': digest },
      type: 'cosign container image signature',
    },
    optional: null,
  });
  const signature = sign('sha256', Buffer.from(payload), privateKey).toString('base64');
  const stored = change(payload);
  return {
    blobs: [empty, stored],
    manifest: JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: sha256(empty),
        size: empty.length,
      },
      layers: [
        {
          mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json',
          digest: sha256(stored),
          size: Buffer.byteLength(stored),
          annotations: { 'dev.cosignproject.cosign/signature': signature },
        },
      ],
    }),
  };
}

export const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** As cosign 3 does it by default: a bundle that refers to the image. */
export function bundledSignature(
  digest: string,
  { privateKey }: KeyPair,
  {
    predicateType = 'https://sigstore.dev/cosign/sign/v1',
    subject = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: 2 },
  }: { predicateType?: string; subject?: { mediaType: string; digest: string; size: number } } = {},
): Artifact {
  const type = 'application/vnd.in-toto+json';
  const statement = JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: digest.replace('sha256:', '') } }],
    predicateType,
    predicate: {},
  });
  const bytes = Buffer.from(`DSSEv1 ${type.length} ${type} ${Buffer.byteLength(statement)} ${statement}`);
  const bundle = JSON.stringify({
    mediaType: bundleType,
    verificationMaterial: { publicKey: { hint: 'key' } },
    dsseEnvelope: {
      payload: Buffer.from(statement).toString('base64'),
      payloadType: type,
      signatures: [{ sig: sign('sha256', bytes, privateKey).toString('base64') }],
    },
  });
  return {
    blobs: [empty, bundle],
    manifest: JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: bundleType,
      config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: sha256(empty), size: empty.length },
      layers: [{ mediaType: bundleType, digest: sha256(bundle), size: Buffer.byteLength(bundle) }],
      subject,
    }),
  };
}
