/** The most that one push may unpack to: agents send far less at once. */
const mostBytes = 64 * 1024 * 1024;

/**
 * Unpacks a block of Snappy (google/snappy, format_description.txt): the length as a varint, then literals and copies of what was
 * unpacked before.
 *
 * @throws RangeError for a block that is cut off, says another length than it has, or copies from before its beginning
 */
export function unpackSnappy(packed: Buffer): Buffer {
  const [length, begin] = lengthOf(packed);
  const unpacked = Buffer.alloc(length);
  let [at, to] = [begin, 0];
  const take = (count: number): number => {
    if (at + count > packed.length) throw new RangeError('the block is cut off');
    const value = packed.readUIntLE(at, count);
    at += count;
    return value;
  };
  while (at < packed.length) {
    const tag = take(1);
    const high = tag >> 2;
    if ((tag & 3) === 0) {
      // Lengths from 61 on stand in one to four bytes behind the tag.
      const count = (high < 60 ? high : take(high - 59)) + 1;
      if (at + count > packed.length || to + count > length)
        throw new RangeError('a literal is longer than its block');
      packed.copy(unpacked, to, at, at + count);
      at += count;
      to += count;
      continue;
    }
    const isShort = (tag & 3) === 1;
    const count = isShort ? (high & 7) + 4 : high + 1;
    const back = isShort ? ((tag >> 5) << 8) + take(1) : take((tag & 3) === 2 ? 2 : 4);
    if (back === 0 || back > to || to + count > length) throw new RangeError('a copy leads out of its block');
    // Byte by byte: a copy may overlap what it makes.
    for (const end = to + count; to < end; to += 1) unpacked[to] = unpacked[to - back] ?? 0;
  }
  if (to !== length) throw new RangeError(`the block holds ${to} bytes, and says that it holds ${length}`);
  return unpacked;
}

function lengthOf(packed: Buffer): readonly [length: number, begin: number] {
  let length = 0;
  for (const [index, byte] of packed.subarray(0, 5).entries()) {
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte >= 0x80) continue;
    if (length > mostBytes) throw new RangeError(`the block says that it holds ${length} bytes`);
    return [length, index + 1];
  }
  throw new RangeError('the block does not begin with its length');
}
