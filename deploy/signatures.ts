import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { messageOf } from '../foundation/failure';
import type { Manifest } from './registry-client';

/** A public key that images must be signed with. */
export interface SigningKey {
  /** Where it was read from, for messages: `keys/cosign.pub`. */
  readonly file: string;
  /** PEM, ECDSA on P-256: what `cosign generate-key-pair` makes. */
  readonly pem: string;
}

/** What of a registry is asked for signatures. Its answers were verified against their digests. */
export interface SignatureStore {
  manifestIfAny(reference: string): Promise<{ readonly manifest: Manifest } | undefined>;
  blob(digest: string): Promise<Buffer>;
  referrers(digest: string, artifactType: string): Promise<readonly string[]>;
}

/** What is wrong with a public key, or nothing. */
export function keyFault(pem: string): string | undefined {
  try {
    const key = createPublicKey(pem);
    if (pem.includes('PRIVATE KEY')) return 'is a private key, which must not be here';
    const curve = key.asymmetricKeyDetails?.namedCurve;
    return key.asymmetricKeyType === 'ec' && curve === 'prime256v1'
      ? undefined
      : `is a key of ${[key.asymmetricKeyType, curve].filter(Boolean).join(' on ')}, not ECDSA on P-256`;
  } catch {
    return 'is no public key in PEM';
  }
}

/**
 * Why an image does not count as signed by any of the keys; undefined when it does. Both ways in which cosign keeps
 * signatures are looked at: the manifest under the tag made of the digest (cosign 1 and 2), and bundles that refer to
 * the image (cosign 3's default). Only the key decides: a transparency log is not asked.
 *
 * Sources: cosign, SIGNATURE_SPEC.md and BUNDLE_SPEC.md; DSSE protocol 1.0; in-toto Statement 1.
 *
 * @param digest of what the image's tag means, an index included
 * @throws Error when the registry does not answer as it should
 */
async function unsigned(
  store: SignatureStore,
  digest: string,
  keys: readonly SigningKey[],
): Promise<string | undefined> {
  const known = keys.map(({ pem }) => createPublicKey(pem));
  const found = [
    ...(await simpleSignatures(store, digest, known)),
    ...(await bundledSignatures(store, digest, known)),
  ];
  if (found.some((fault) => fault === undefined)) return undefined;
  const names = keys.map(({ file }) => file).join(' or ');
  if (found.length === 0) return `${digest} is not signed: the registry has no signature of cosign for it`;
  return `${digest} is not signed with ${names}: ${[...new Set(found)].join('; ')}`;
}

/** Of each thing that was found: why it is no signature of the image by a known key, or undefined when it is. */
type Verdict = string | undefined;

/** A payload that was signed, as it is, and the signature. */
interface Signed {
  readonly bytes: Buffer;
  readonly signature: Buffer;
}

const signedBy = ({ bytes, signature }: Signed, keys: readonly KeyObject[]): boolean =>
  keys.some((key) => verify('sha256', bytes, key, signature));

const signatureAnnotation = 'dev.cosignproject.cosign/signature';

async function simpleSignatures(
  store: SignatureStore,
  digest: string,
  keys: readonly KeyObject[],
): Promise<readonly Verdict[]> {
  const found = await store.manifestIfAny(`${digest.replace(':', '-')}.sig`);
  const layers = found?.manifest.layers ?? [];
  return Promise.all(
    layers.map(async ({ digest: payload, annotations }) => {
      const signature = annotations?.[signatureAnnotation];
      if (signature === undefined) return 'a layer of its signatures holds none';
      const bytes = await store.blob(payload);
      if (!signedBy({ bytes, signature: Buffer.from(signature, 'base64') }, keys)) return anotherKey;
      return ofAnother(simpleSubject(bytes), digest);
    }),
  );
}

const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const statementType = 'application/vnd.in-toto+json';
const imageSignature = 'https://sigstore.dev/cosign/sign/v1';

async function bundledSignatures(
  store: SignatureStore,
  digest: string,
  keys: readonly KeyObject[],
): Promise<readonly Verdict[]> {
  const manifests = await store.referrers(digest, bundleType);
  const verdicts = await Promise.all(
    manifests.map(async (reference) => {
      const layers = (await store.manifestIfAny(reference))?.manifest.layers ?? [];
      return Promise.all(
        layers.map(async (layer) => bundleVerdict(await store.blob(layer.digest), digest, keys)),
      );
    }),
  );
  return verdicts.flat();
}

function bundleVerdict(bundle: Buffer, digest: string, keys: readonly KeyObject[]): Verdict {
  const envelope = at(parse(bundle), 'dsseEnvelope');
  const [type, payload] = [at(envelope, 'payloadType'), at(envelope, 'payload')];
  const signatures = at(envelope, 'signatures');
  if (type !== statementType || typeof payload !== 'string' || !Array.isArray(signatures)) {
    return 'a bundle that refers to it holds no in-toto statement';
  }
  const body = Buffer.from(payload, 'base64');
  const statement = parse(body);
  // Attestations (SBOM, provenance) are bundles as well, and sign something else about the image.
  if (at(statement, 'predicateType') !== imageSignature) {
    return `a bundle is of kind ${String(at(statement, 'predicateType'))}, no signature of the image`;
  }
  const bytes = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${body.length} `), body]);
  const signed = signatures.some((entry: unknown) => {
    const signature = at(entry, 'sig');
    return (
      typeof signature === 'string' && signedBy({ bytes, signature: Buffer.from(signature, 'base64') }, keys)
    );
  });
  if (!signed) return anotherKey;
  const subjects = at(statement, 'subject');
  const names = (Array.isArray(subjects) ? subjects : []).map((subject: unknown) =>
    at(at(subject, 'digest'), 'sha256'),
  );
  return names.some((name) => `sha256:${String(name)}` === digest)
    ? undefined
    : ofAnother(`sha256:${String(names[0])}`, digest);
}

const anotherKey = 'a signature does not verify: it was made with another key, or changed';

const ofAnother = (subject: unknown, digest: string): Verdict =>
  subject === digest ? undefined : `a signature is for another image, ${String(subject)}`;

/** What a payload of the simple signing format is about (containers/image, atomic-signature). */
const simpleSubject = (payload: Buffer): unknown =>
  at(at(at(parse(payload), 'critical'), 'image'), 'docker-manifest-digest');

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (thrown) {
    return messageOf(thrown);
  }
}

const at = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(key) : undefined;

/** @returns what is not signed, image by image; empty without keys */
export async function signatureFaults(
  store: SignatureStore,
  images: readonly { readonly tag: string; readonly digest: string }[],
  keys: readonly SigningKey[],
): Promise<readonly string[]> {
  if (keys.length === 0) return [];
  const found = await Promise.all(
    images.map(async ({ tag, digest }) => {
      const fault = await unsigned(store, digest, keys).catch(
        (thrown: unknown) => `its signatures could not be looked up: ${messageOf(thrown)}`,
      );
      return fault === undefined ? [] : [`the image ${tag}: ${fault}`];
    }),
  );
  return found.flat();
}
