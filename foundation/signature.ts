import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { messageOf } from './failure';
import type { Secret } from './secret';

/** Ed25519 (RFC 8032) over a text. */
export interface Signature {
  /** Which key made it: {@link keyId}. Only a hint; the keys that are trusted decide. */
  readonly key: string;
  /** Base64, 64 bytes. */
  readonly ed25519: string;
}

/** A key that may sign, and where it is written down. */
export interface TrustedSigner {
  readonly key: KeyObject;
  readonly name: string;
}

/** The first 16 hex digits of the SHA-256 over a public key's DER. */
export const keyId = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);

export const publicHalf = (signer: KeyObject): KeyObject => createPublicKey(signer);

/** @param text begins with what it is, so that a signature of one kind of text is none of another */
export const signText = (text: string, signer: KeyObject): Signature => ({
  key: keyId(publicHalf(signer)),
  ed25519: sign(null, Buffer.from(text), signer).toString('base64'),
});

/** Which of the trusted keys made a signature over this very text; undefined: none did. */
export const signerOf = (
  text: string,
  { ed25519 }: Signature,
  trusted: readonly TrustedSigner[],
): TrustedSigner | undefined =>
  trusted.find(({ key }) => verify(null, Buffer.from(text), key, Buffer.from(ed25519, 'base64')));

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
