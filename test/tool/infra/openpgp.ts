import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

/**
 * A key of OpenPGP, as much of one as a registry signs its lists of packages with (RFC 4880: version 4, RSA, SHA-256). Written out, so that
 * no program is needed for it.
 */
export class SigningKey {
  private readonly key: KeyObject;
  /** Body of the packet with the public key. */
  private readonly body: Buffer;
  private readonly made: Buffer;

  /** @param made time from which it counts */
  constructor(
    made: Date,
    private readonly owner = 'A registry of tests <registry@example.org>',
  ) {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
    this.key = privateKey;
    this.made = u32(Math.floor(made.getTime() / 1000));
    const numbers = [n, e].map((each) => integer(Buffer.from(each, 'base64url')));
    this.body = Buffer.concat([Buffer.from([4]), this.made, Buffer.from([1]), ...numbers]);
  }

  /** Its id: sixteen digits. */
  get id(): string {
    return this.idBytes.toString('hex').toUpperCase();
  }

  /** The public half, with its owner's name, signed by itself. */
  armored(): string {
    const owner = Buffer.from(this.owner);
    const named = Buffer.concat([this.bodyForSigning, Buffer.from([0xb4]), u32(owner.length), owner]);
    // It may certify and sign.
    const itself = this.signatureOver(0x13, named, [subpacket(27, Buffer.from([0x03]))]);
    const bytes = Buffer.concat([packet(6, this.body), packet(13, owner), itself]);
    return [
      '-----BEGIN PGP PUBLIC KEY BLOCK-----',
      '',
      ...(bytes.toString('base64').match(/.{1,64}/g) ?? []),
      `=${checksum(bytes).toString('base64')}`,
      '-----END PGP PUBLIC KEY BLOCK-----',
      '',
    ].join('\n');
  }

  /** A signature of a file, apart from it. */
  signatureOf(file: Buffer): Buffer {
    return this.signatureOver(0x00, file, []);
  }

  private get bodyForSigning(): Buffer {
    return Buffer.concat([Buffer.from([0x99]), u16(this.body.length), this.body]);
  }

  private get idBytes(): Buffer {
    return createHash('sha1').update(this.bodyForSigning).digest().subarray(-8);
  }

  private signatureOver(type: number, what: Buffer, more: readonly Buffer[]): Buffer {
    const hashed = Buffer.concat([subpacket(2, this.made), subpacket(16, this.idBytes), ...more]);
    const head = Buffer.concat([Buffer.from([4, type, 1, 8]), u16(hashed.length), hashed]);
    const signed = Buffer.concat([what, head, Buffer.from([4, 0xff]), u32(head.length)]);
    const digest = createHash('sha256').update(signed).digest();
    const value = integer(sign('sha256', signed, this.key));
    return packet(2, Buffer.concat([head, u16(0), digest.subarray(0, 2), value]));
  }
}

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** A multiprecision integer: how many bits, and the bytes without leading zeros. */
function integer(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const own = bytes.subarray(start);
  return Buffer.concat([u16((own.length - 1) * 8 + (32 - Math.clz32(own[0] ?? 0))), own]);
}

const lengthOf = (length: number): Buffer => {
  if (length < 192) return Buffer.from([length]);
  if (length < 8384) return Buffer.from([((length - 192) >> 8) + 192, (length - 192) & 0xff]);
  return Buffer.concat([Buffer.from([0xff]), u32(length)]);
};

const packet = (tag: number, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0xc0 | tag]), lengthOf(body.length), body]);

const subpacket = (type: number, data: Buffer): Buffer =>
  Buffer.concat([lengthOf(data.length + 1), Buffer.from([type]), data]);

/** CRC-24 (RFC 4880, 6.1). */
function checksum(bytes: Buffer): Buffer {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit += 1) {
      crc <<= 1;
      if (crc & 0x1000000) crc ^= 0x1864cfb;
    }
  }
  return u32(crc & 0xffffff).subarray(1);
}
