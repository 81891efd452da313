import type { KeyObject } from 'node:crypto';
import { keyId, signText, signerOf, type Signature, type TrustedSigner } from '../../foundation/signature';
import { signedText, type PlanManifest } from './manifest';

/** Signs a manifest ({@link signedText}). */
export const signManifest = (manifest: PlanManifest, signer: KeyObject): Signature =>
  signText(signedText(manifest), signer);

/** What is wrong with a signature; undefined when one of the trusted keys made it over this very manifest. */
export function signatureFault(
  manifest: PlanManifest,
  signature: Signature,
  trusted: readonly TrustedSigner[],
): string | undefined {
  if (signerOf(signedText(manifest), signature, trusted) !== undefined) return undefined;
  const known = trusted.find(({ key }) => keyId(key) === signature.key);
  const names = trusted.map(({ name, key }) => `${name} (${keyId(key)})`).join(', ') || 'none';
  return known === undefined
    ? `it is signed by the key ${signature.key}, which may not sign plans here; those that may: ${names}`
    : `its manifest was changed after ${known.name} had signed it`;
}
