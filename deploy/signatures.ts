import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
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

/** A key that has signed an image, as it is recorded. */
export interface Signer {
  /** Where the key was read from. */
  readonly file: string;
  /** SHA-256 of the key (DER, SubjectPublicKeyInfo), hex: tells keys apart that were in the same file in turn. */
  readonly fingerprint: string;
}

/** A key that may sign, ready for use. */
interface KnownKey extends Signer {
  readonly key: KeyObject;
}

const knownKey = ({ file, pem }: SigningKey): KnownKey => {
  const key = createPublicKey(pem);
  const der = key.export({ type: 'spki', format: 'der' });
  return { file, key, fingerprint: createHash('sha256').update(der).digest('hex') };
};

/**
 * Which of the keys has signed an image; a text that says why none counts. Both ways in which cosign keeps signatures
 * are looked at: the manifest under the tag made of the digest (cosign 1 and 2), and bundles that refer to the image
 * (cosign 3's default). Only the key decides: a transparency log is not asked.
 *
 * Sources: cosign, SIGNATURE_SPEC.md and BUNDLE_SPEC.md; DSSE protocol 1.0; in-toto Statement 1.
 *
 * @param digest of what the image's tag means, an index included
 * @throws Error when the registry does not answer as it should
 */
async function signerOf(
  store: SignatureStore,
  digest: string,
  keys: readonly KnownKey[],
): Promise<Signer | string> {
  const found = [
    ...(await simpleSignatures(store, digest, keys)),
    ...(await bundledSignatures(store, digest, keys)),
  ];
  const why = found.filter((verdict) => typeof verdict === 'string');
  const signed = found.find((verdict) => typeof verdict !== 'string');
  if (signed !== undefined) return { file: signed.file, fingerprint: signed.fingerprint };
  const names = keys.map(({ file }) => file).join(' or ');
  if (found.length === 0) return `${digest} is not signed: the registry has no signature of cosign for it`;
  return `${digest} is not signed with ${names}: ${[...new Set(why)].join('; ')}`;
}

/** Of each thing that was found: the key whose signature of the image it is, or why it is none. */
type Verdict = KnownKey | string;

/** A payload that was signed, as it is, and the signature. */
interface Signed {
  readonly bytes: Buffer;
  readonly signature: Buffer;
}

const signedBy = ({ bytes, signature }: Signed, keys: readonly KnownKey[]): KnownKey | undefined =>
  keys.find(({ key }) => verify('sha256', bytes, key, signature));

const signatureAnnotation = 'dev.cosignproject.cosign/signature';

async function simpleSignatures(
  store: SignatureStore,
  digest: string,
  keys: readonly KnownKey[],
): Promise<readonly Verdict[]> {
  const found = await store.manifestIfAny(`${digest.replace(':', '-')}.sig`);
  const layers = found?.manifest.layers ?? [];
  return Promise.all(
    layers.map(async ({ digest: payload, annotations }) => {
      const signature = annotations?.[signatureAnnotation];
      if (signature === undefined) return 'a layer of its signatures holds none';
      const bytes = await store.blob(payload);
      const key = signedBy({ bytes, signature: Buffer.from(signature, 'base64') }, keys);
      if (key === undefined) return anotherKey;
      const subject = simpleSubject(bytes);
      return subject === digest ? key : ofAnother(subject);
    }),
  );
}

const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const statementType = 'application/vnd.in-toto+json';
const imageSignature = 'https://sigstore.dev/cosign/sign/v1';

async function bundledSignatures(
  store: SignatureStore,
  digest: string,
  keys: readonly KnownKey[],
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

function bundleVerdict(bundle: Buffer, digest: string, keys: readonly KnownKey[]): Verdict {
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
  const key = signatures
    .map((entry: unknown) => at(entry, 'sig'))
    .filter((signature) => typeof signature === 'string')
    .map((signature) => signedBy({ bytes, signature: Buffer.from(signature, 'base64') }, keys))
    .find((found) => found !== undefined);
  if (key === undefined) return anotherKey;
  const subjects = at(statement, 'subject');
  const names = (Array.isArray(subjects) ? subjects : []).map((subject: unknown) =>
    at(at(subject, 'digest'), 'sha256'),
  );
  return names.some((name) => `sha256:${String(name)}` === digest)
    ? key
    : ofAnother(`sha256:${String(names[0])}`);
}

const anotherKey = 'a signature does not verify: it was made with another key, or changed';

const ofAnother = (subject: unknown): string => `a signature is for another image, ${String(subject)}`;

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

/** What came of looking for the signatures of the images of a release. */
export interface CheckedSignatures {
  /** What is not signed, image by image. */
  readonly faults: readonly string[];
  /** Who has signed them; undefined where something is not signed, or need not be. */
  readonly signers: ReleaseSigners | undefined;
}

/** The keys that have signed the images of a release. */
export interface ReleaseSigners {
  readonly app: Signer;
  readonly migrator: Signer;
}

interface SignedImage {
  readonly tag: string;
  readonly digest: string;
}

/** Looks for signatures of both images of a release; without keys the registry is not asked. */
export async function checkSignatures(
  store: SignatureStore,
  { app, migrator }: { readonly app: SignedImage; readonly migrator: SignedImage },
  keys: readonly SigningKey[],
): Promise<CheckedSignatures> {
  if (keys.length === 0) return { faults: [], signers: undefined };
  const known = keys.map(knownKey);
  const check = ({ tag, digest }: SignedImage): Promise<Signer | string> =>
    signerOf(store, digest, known)
      .catch((thrown: unknown) => `its signatures could not be looked up: ${messageOf(thrown)}`)
      .then((found) => (typeof found === 'string' ? `the image ${tag}: ${found}` : found));
  const [ofApp, ofMigrator] = await Promise.all([check(app), check(migrator)]);
  return {
    faults: [ofApp, ofMigrator].filter((found) => typeof found === 'string'),
    signers:
      typeof ofApp === 'string' || typeof ofMigrator === 'string'
        ? undefined
        : { app: ofApp, migrator: ofMigrator },
  };
}
