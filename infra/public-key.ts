import { keyFault } from '../bootstrap/public-key';

/** An OpenSSH public key (sshd(8), "AUTHORIZED_KEYS FILE FORMAT"), without options. */
export interface PublicKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa` … */
  readonly type: string;
  readonly base64: string;
  readonly comment: string;
  /** Type, key and comment, as one line without a line end. */
  readonly line: string;
}

/** Fewest bits of an RSA modulus that OpenSSH takes (ssh_config(5), RequiredRSASize, with a margin). */
const fewestRsaBits = 2048;

const makeOne = 'make one with: ssh-keygen -t ed25519';
const copyAgain = 'copy the file again';

/**
 * Reads the content of a `.pub` file: exactly one key. The bytes of the key are looked at to their end, so that a
 * truncated copy is found here and not by a host that lets nobody in.
 *
 * @returns the key, or what is wrong with the text in words that fit behind a file name. Never part of a private key.
 */
export function examinePublicKey(text: string): { readonly key: PublicKey } | { readonly fault: string } {
  const isPrivate = text.includes('PRIVATE KEY');
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const line = isPrivate ? text : lines[0];
  if (line === undefined) return { fault: `holds no key; ${makeOne}` };
  if (lines.length > 1 && !isPrivate)
    return { fault: `holds ${lines.length} keys; exactly one deploy key belongs there` };
  const fault = keyFault(line);
  if (fault !== undefined) return { fault: `is not a public key: ${fault}` };

  const [type = '', base64 = '', ...comment] = line.trim().split(/\s+/);
  const fields = wireFields(base64);
  if (!fields) return { fault: `is damaged: the key breaks off; ${copyAgain}` };
  const size = sizeFault(type, fields.slice(1));
  if (size !== undefined) return { fault: size };
  return { key: { type, base64, comment: comment.join(' '), line: [type, base64, ...comment].join(' ') } };
}

/** What is wrong with the numbers behind the type (RFC 4253 §6.6, RFC 8709 §4); other types are OpenSSH's to judge. */
function sizeFault(type: string, parts: readonly Buffer[]): string | undefined {
  if (type === 'ssh-ed25519' && (parts.length !== 1 || parts[0]?.length !== 32)) {
    return `is damaged: an ssh-ed25519 key is one number of 32 bytes; ${copyAgain}`;
  }
  if (type !== 'ssh-rsa') return undefined;
  const bits = bitLength(parts[1] ?? Buffer.alloc(0));
  if (bits >= fewestRsaBits) return undefined;
  return `is an RSA key of ${bits} bits; at least ${fewestRsaBits} are needed; ${makeOne}`;
}

function bitLength(number: Buffer): number {
  const first = number.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (number.length - first) * 8 - Math.clz32(number[first] ?? 0) + 24;
}

/** The length-prefixed fields of a key (RFC 4251 §5), or undefined when the text is no base64 of whole fields. */
function wireFields(base64: string): readonly Buffer[] | undefined {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length === 0 || bytes.toString('base64') !== base64) return undefined;
  const fields: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return undefined;
    const length = bytes.readUInt32BE(at);
    if (at + 4 + length > bytes.length) return undefined;
    fields.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return fields;
}
