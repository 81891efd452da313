import { createHash } from 'node:crypto';

/** Key types that a server takes in authorized_keys (RFC 4253, 5656, 8709; sk-: OpenSSH PROTOCOL.u2f). */
const keyTypes = [
  'ssh-ed25519',
  'ssh-rsa',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
];

/**
 * MD5 fingerprint of a public key in authorized_keys format, in hex with colons, as the API shows it; undefined when
 * the text is no such key. Equal for two texts that differ only in their comment.
 */
export function tryFingerprint(text: string): string | undefined {
  const [type, body, ...comment] = text.split(' ');
  if (type === undefined || body === undefined || !keyTypes.includes(type)) return undefined;
  if (/[\r\n]/.test(comment.join(' ')) || !/^[A-Za-z0-9+/]+={0,2}$/.test(body)) return undefined;
  const blob = Buffer.from(body, 'base64');
  const fields = tryFields(blob);
  // The blob names its type once more, followed by at least one field of key material.
  if (fields?.[0]?.toString() !== type || fields.length < 2) return undefined;
  if (type === 'ssh-ed25519' && fields[1]?.length !== 32) return undefined;
  return createHash('md5')
    .update(blob)
    .digest('hex')
    .replace(/..(?=.)/g, '$&:');
}

/** The length-prefixed strings of an SSH wire-format blob (RFC 4251, section 5), or undefined when they do not add up. */
function tryFields(blob: Buffer): Buffer[] | undefined {
  const fields: Buffer[] = [];
  let at = 0;
  while (at < blob.length) {
    if (at + 4 > blob.length) return undefined;
    const length = blob.readUInt32BE(at);
    if (at + 4 + length > blob.length) return undefined;
    fields.push(blob.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return fields;
}
