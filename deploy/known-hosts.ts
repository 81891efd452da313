import { createHash } from 'node:crypto';

/** One pinned key of a host. */
export interface PinnedKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, ... */
  readonly type: string;
  /** As `ssh-keygen -l` shows it: `SHA256:` and unpadded base64. */
  readonly fingerprint: string;
}

/**
 * The keys that a known_hosts file pins for a name (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). Only plain names are
 * looked for, since our own files hold nothing else; comments, markers and malformed lines pin nothing.
 */
export function pinnedKeys(knownHosts: string, name: string): PinnedKey[] {
  return knownHosts.split('\n').flatMap((line) => {
    const [names, type, key] = line.trim().split(/\s+/);
    if (!names || !type || !key || names.startsWith('#') || names.startsWith('@')) return [];
    return names.split(',').includes(name) ? [{ type, fingerprint: fingerprintOf(key) }] : [];
  });
}

/** @param key a public key in base64, the second word of a public key file. */
export function fingerprintOf(key: string): string {
  const hash = createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64');
  return `SHA256:${hash.replace(/=+$/, '')}`;
}
