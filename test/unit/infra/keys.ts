/** Public keys for tests, made of chosen bytes: nobody has a private half of them. */
const field = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** A key's blob in wire format (RFC 4253 §6.6): its type, then its parts. */
export const blob = (type: string, ...parts: readonly Buffer[]): string =>
  Buffer.concat([field(Buffer.from(type)), ...parts.map(field)]).toString('base64');

export const ed25519 = (fill: number, comment = 'someone@example'): string =>
  `ssh-ed25519 ${blob('ssh-ed25519', Buffer.alloc(32, fill))} ${comment}`;

/** @param bits of the modulus, a multiple of 8 */
export const rsa = (bits: number): string => {
  const modulus = Buffer.alloc(bits / 8 + 1, 0xff);
  modulus[0] = 0;
  return `ssh-rsa ${blob('ssh-rsa', Buffer.from([1, 0, 1]), modulus)}`;
};
