import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { messageOf } from '../../foundation/failure';
import type { Secret } from '../../foundation/secret';
import { sha256Of, signedText, type PlanManifest } from './manifest';

/** Ed25519 (RFC 8032) over the manifest's {@link signedText}. */
export interface PlanSignature {
  /** Which key made it: {@link keyId}. Only a hint; the keys that are trusted decide. */
  readonly key: string;
  /** Base64, 64 bytes. */
  readonly ed25519: string;
}

/** A key that may sign plans, and where it is written down. */
export interface TrustedSigner {
  readonly key: KeyObject;
  readonly name: string;
}

/** The first 16 hex digits of the SHA-256 over a public key's DER. */
export const keyId = (key: KeyObject): string =>
  sha256Of(key.export({ type: 'spki', format: 'der' })).slice(0, 16);

export const publicHalf = (signer: KeyObject): KeyObject => createPublicKey(signer);

export function signManifest(manifest: PlanManifest, signer: KeyObject): PlanSignature {
  const signature = sign(null, Buffer.from(signedText(manifest)), signer);
  return { key: keyId(publicHalf(signer)), ed25519: signature.toString('base64') };
}

/** What is wrong with a signature; undefined when one of the trusted keys made it over this very manifest. */
export function signatureFault(
  manifest: PlanManifest,
  signature: PlanSignature,
  trusted: readonly TrustedSigner[],
): string | undefined {
  const text = Buffer.from(signedText(manifest));
  const bytes = Buffer.from(signature.ed25519, 'base64');
  if (trusted.some(({ key }) => verify(null, text, key, bytes))) return undefined;
  const known = trusted.find(({ key }) => keyId(key) === signature.key);
  const names = trusted.map(({ name, key }) => `${name} (${keyId(key)})`).join(', ') || 'none';
  return known === undefined
    ? `it is signed by the key ${signature.key}, which may not sign plans here; those that may: ${names}`
    : `its manifest was changed after ${known.name} had signed it`;
}

/**
 * A private key, from PEM (`openssl genpkey -algorithm ed25519`) or, on one line, the base64 of its DER.
 *
 * @throws Error that says what is wrong, without the key
 */
export function privateKeyIn(text: Secret): KeyObject {
  const value = text.reveal().trim();
  return ed25519Only(() =>
    value.startsWith('-----')
      ? createPrivateKey(value)
      : createPrivateKey({ key: Buffer.from(value, 'base64'), format: 'der', type: 'pkcs8' }),
  );
}

/** A public key, from PEM (`openssl pkey -pubout`). @throws Error that says what is wrong */
export const publicKeyIn = (pem: string): KeyObject => ed25519Only(() => createPublicKey(pem));

function ed25519Only(read: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch (cause) {
    throw new Error(`it is no key that can be read (${messageOf(cause)})`, { cause });
  }
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw new Error(`it is a key of the kind ${key.asymmetricKeyType ?? 'unknown'}, not ed25519`);
}
