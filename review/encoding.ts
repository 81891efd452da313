import { gunzipSync } from 'node:zlib';

/** Bytes that a compressed document may unpack to. */
const largest = 4 * 1024 * 1024;

/** Standard base64 with its padding: all that the provider takes. */
export const isBase64 = (text: string): boolean =>
  text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);

/** Shorter texts are words and ids that happen to be written in the letters of base64. */
const shortest = 64;

/** Whether a value is a text in base64, compressed or not: as it is nobody can read it, nor see a secret in it. */
export const isEncoded = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length >= shortest &&
  isBase64(value) &&
  (value.startsWith('H4sI') || textOf(Buffer.from(value, 'base64')).text !== undefined);

/** What stands in the place of an encoded text. */
export const encodedText = (value: string): string =>
  `(document of ${Buffer.from(value, 'base64').length} bytes)`;

/** A document as text, or why it is none. */
interface Decoded {
  readonly text?: string;
  readonly why?: string;
}

/** Decodes base64 and gzip; what is not base64 is taken as it is. */
export function decoded(value: unknown): Decoded {
  if (value === undefined || value === null) return { text: '' };
  if (typeof value !== 'string') return { why: 'it is not a text' };
  if (!isBase64(value)) return textOf(Buffer.from(value, 'utf8'));
  const bytes = Buffer.from(value, 'base64');
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return textOf(bytes);
  try {
    return textOf(gunzipSync(bytes, { maxOutputLength: largest }));
  } catch {
    return { why: `it is compressed, and damaged or larger than ${largest} bytes` };
  }
}

function textOf(bytes: Buffer): Decoded {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { why: `it is binary (${bytes.length} bytes)` };
  }
}
