import { createHmac, timingSafeEqual } from 'node:crypto';
import { fingerprintOf } from '../known-hosts';

/**
 * How a machine proves that its SSH host key is its own (docs/decisions/0005-host-key-pinning.md). User-data gave it
 * a one-time token; its first act was to write down HMAC-SHA256(token, key) for each of its keys. Whoever knows the
 * token can tell such a line from any that somebody in between could make up.
 */

/** A public host key: what an SSH server shows, and what known_hosts holds. */
export interface HostKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `rsa-sha2-512`'s `ssh-rsa`. */
  readonly type: string;
  readonly base64: string;
}

export interface ProvenKey extends HostKey {
  /** HMAC-SHA256 in hex, as the host wrote it. */
  readonly hmac: string;
}

const typePattern = /^[a-z0-9@.-]+$/;
const base64Pattern = /^[A-Za-z0-9+/]+={0,2}$/;

/** The lines `<type> <base64> <hmac>` of a proof; whatever is not one is left out, since anybody may have sent it. */
export function parseProof(text: string): ProvenKey[] {
  return text.split('\n').flatMap((line) => {
    const [type = '', base64 = '', hmac = '', ...more] = line.trim().split(' ');
    const whole = typePattern.test(type) && base64Pattern.test(base64) && /^[0-9a-f]{64}$/.test(hmac);
    return whole && more.length === 0 ? [{ type, base64, hmac }] : [];
  });
}

/** The keys of a known_hosts file that ssh itself has written, without hashed names. */
export function parseKnownHosts(text: string, name: string): HostKey[] {
  return text.split('\n').flatMap((line) => {
    const [names = '', type = '', base64 = ''] = line.trim().split(/\s+/);
    return names.split(',').includes(name) && typePattern.test(type) && base64Pattern.test(base64)
      ? [{ type, base64 }]
      : [];
  });
}

/**
 * - `proved`: the key is that of the machine which got the token.
 * - `not in the proof`: the proof says nothing of this key.
 * - `wrong`: there is a line for this key, but not one that the token makes.
 */
export type HostKeyVerdict = 'proved' | 'not in the proof' | 'wrong';

/** Compares in constant time, so that no answer tells how far a guess was right. */
export function verifyHostKey(token: string, key: HostKey, proof: readonly ProvenKey[]): HostKeyVerdict {
  const lines = proof.filter((line) => line.type === key.type && line.base64 === key.base64);
  if (lines.length === 0) return 'not in the proof';
  const expected = createHmac('sha256', token).update(`${key.type} ${key.base64}`).digest();
  return lines.some((line) => timingSafeEqual(Buffer.from(line.hmac, 'hex'), expected)) ? 'proved' : 'wrong';
}

/** Every key of a proof that the token vouches for. */
export function provedKeys(token: string, proof: readonly ProvenKey[]): HostKey[] {
  const proved = proof.filter((line) => verifyHostKey(token, line, [line]) === 'proved');
  const unique = new Map(proved.map(({ type, base64 }) => [`${type} ${base64}`, { type, base64 }]));
  return [...unique.values()].sort((a, b) => (a.type < b.type ? -1 : 1));
}

/** As `ssh-keygen -l` shows it: `SHA256:` and unpadded base64. */
export const fingerprint = (key: HostKey): string => fingerprintOf(key.base64);

/** A key for people: type and fingerprint. */
export const describeKey = (key: HostKey): string => `${key.type} ${fingerprint(key)}`;
