/** What a private key of OpenSSH tells without its passphrase. */
export interface PrivateKey {
  /** Type and base64 of its public half, as in a `.pub` file: `ssh-ed25519 AAAA…`. */
  readonly publicHalf: string;
  /** Whether it opens with a passphrase alone. */
  readonly passphrase: boolean;
}

const magic = Buffer.from('openssh-key-v1\0');

/**
 * Reads what stands in the clear in a file that `ssh-keygen` wrote (OpenSSH, PROTOCOL.key): magic, cipher, function that makes the key of
 * it, its options, number of keys, public key, and then what may be encrypted.
 *
 * @returns undefined for anything else
 */
export function tryReadPrivateKey(text: string): PrivateKey | undefined {
  const armored =
    /^-----BEGIN OPENSSH PRIVATE KEY-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END OPENSSH PRIVATE KEY-----\s*$/.exec(
      text,
    );
  const bytes = Buffer.from((armored?.[1] ?? '').replace(/\s/g, ''), 'base64');
  if (!bytes.subarray(0, magic.length).equals(magic)) return undefined;
  const [cipher, at = 0] = stringAt(bytes, magic.length) ?? [];
  const [, afterFunction = 0] = stringAt(bytes, at) ?? [];
  const [, afterOptions = 0] = stringAt(bytes, afterFunction) ?? [];
  const [key, afterKey = 0] = stringAt(bytes, afterOptions + 4) ?? [];
  const [secret] = stringAt(bytes, afterKey) ?? [];
  const [type] = key === undefined ? [] : (stringAt(key, 0) ?? []);
  if (cipher === undefined || key === undefined || type === undefined || !secret?.length) return undefined;
  return {
    publicHalf: `${type.toString('latin1')} ${key.toString('base64')}`,
    passphrase: cipher.toString('latin1') !== 'none',
  };
}

/** A string of SSH (RFC 4251, section 5), and where the next thing begins; undefined where it does not end in time. */
function stringAt(bytes: Buffer, at: number): readonly [Buffer, number] | undefined {
  if (at + 4 > bytes.length) return undefined;
  const end = at + 4 + bytes.readUInt32BE(at);
  return end > bytes.length ? undefined : [bytes.subarray(at + 4, end), end];
}
