/** One field of a message: its number, and its value as it stands on the wire. */
export interface Field {
  readonly number: number;
  /** A whole number, or the bytes of a text, a message or a fixed number. */
  readonly value: bigint | Buffer;
}

/**
 * The fields of a Protocol Buffers message, in their order (protobuf.dev, "Encoding").
 *
 * @throws RangeError for a message that is cut off, or of groups, which nobody writes any more
 */
export function* fieldsOf(message: Buffer): Generator<Field> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[at];
      if (byte === undefined) break;
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new RangeError('a number in the message is cut off');
  };
  const bytes = (count: number): Buffer => {
    if (at + count > message.length) throw new RangeError('a field of the message is cut off');
    at += count;
    return message.subarray(at - count, at);
  };
  while (at < message.length) {
    const tag = Number(varint());
    const number = tag >> 3;
    switch (tag & 7) {
      case 0:
        yield { number, value: varint() };
        break;
      case 1:
        yield { number, value: bytes(8) };
        break;
      case 2:
        yield { number, value: bytes(Number(varint())) };
        break;
      case 5:
        yield { number, value: bytes(4) };
        break;
      default:
        throw new RangeError(`a field of the message is of the kind ${tag & 7}, which is not known`);
    }
  }
}

/** The bytes of each field of this number: texts and messages that may be there more than once. */
export const allOf = (message: Buffer, wanted: number): readonly Buffer[] =>
  [...fieldsOf(message)].flatMap(({ number, value }) =>
    number === wanted && Buffer.isBuffer(value) ? [value] : [],
  );

/** The text of the last field of this number, as readers take it; empty where there is none. */
export const textOf = (message: Buffer, wanted: number): string =>
  allOf(message, wanted).at(-1)?.toString('utf8') ?? '';
