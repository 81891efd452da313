import type { Secret } from '../../foundation/secret';

/** What a secret is encrypted for: GitHub alone can open it. */
export interface PublicKey {
  readonly key_id: string;
  /** Base64 of 32 bytes. */
  readonly key: string;
}

/**
 * A value in a sealed box of libsodium (GitHub documentation, "Encrypting secrets for the REST API").
 *
 * @returns base64
 * @throws Error when the key is none
 */
export async function sealed(value: Secret | string, { key }: PublicKey): Promise<string> {
  // What it fills in when it is ready is on this object alone, not among the names of the module.
  const { default: sodium } = await import('libsodium-wrappers');
  await sodium.ready;
  const bytes = Buffer.from(typeof value === 'string' ? value : value.reveal(), 'utf8');
  const publicKey = Buffer.from(key, 'base64');
  if (publicKey.length !== sodium.crypto_box_PUBLICKEYBYTES) {
    throw new Error(
      `GitHub's public key has ${publicKey.length} bytes, not ${sodium.crypto_box_PUBLICKEYBYTES}`,
    );
  }
  return Buffer.from(sodium.crypto_box_seal(bytes, publicKey)).toString('base64');
}
