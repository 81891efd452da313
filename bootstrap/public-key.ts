const types = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
  'ssh-rsa',
];

/**
 * What is wrong with a public key in authorized_keys format (sshd(8)), or undefined. Options in front of the key are
 * not taken: a forced command would break every deploy. Never shows a key that might be a private one.
 */
export function keyFault(line: string): string | undefined {
  if (line.includes('PRIVATE KEY')) {
    return 'this is a private key; give the public one (ssh-keygen -y), and make a new pair if this one was committed';
  }
  const trimmed = line.trim();
  if (trimmed.includes('\n')) return 'more than one line; give each key by itself';
  const [type = '', base64 = ''] = trimmed.split(' ');
  if (!types.includes(type)) return `"${type.slice(0, 40)}" is no type of key; allowed: ${types.join(', ')}`;
  // Kept within what a shell's single quotes and a line of YAML hold unchanged.
  if (!/^[\x20-\x26\x28-\x7e]*$/.test(trimmed)) return 'its comment has a quote or a character beyond ASCII';
  const bytes = Buffer.from(base64, 'base64');
  if (base64 === '' || bytes.toString('base64') !== base64)
    return `${type}, but what follows is not whole base64`;
  if (typeInside(bytes) !== type) return `${type} is written in front of a key that is not one`;
  return undefined;
}

/** A key begins with its own type, as a string with a 32-bit length in front (RFC 4253, section 6.6). */
function typeInside(key: Buffer): string | undefined {
  if (key.length < 4) return undefined;
  const length = key.readUInt32BE(0);
  // A key that ends with its type has lost the key itself.
  return key.length > 4 + length ? key.toString('latin1', 4, 4 + length) : undefined;
}
