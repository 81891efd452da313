import { isAscii, isUtf8 } from 'node:buffer';
import { gunzipSync } from 'node:zlib';

/** Bytes that a compressed document may unpack to. */
const largest = 4 * 1024 * 1024;

/**
 * The bytes of standard base64 with its padding, which is all that the provider takes; undefined for anything else. Node leaves out what is none,
 * and also takes the letters for URLs: so as many bytes as its length promises, without those, are the proof. A pattern takes ten times as long.
 */
export function bytesOf(text: string): Buffer | undefined {
  if (text.length % 4 !== 0 || text.includes('-') || text.includes('_')) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === Buffer.byteLength(text, 'base64') ? bytes : undefined;
}

/** Shorter texts are words and ids that happen to be written in the letters of base64. */
const shortest = 64;

/** Whether a value is a text in base64, compressed or not: as it is nobody can read it, nor see a secret in it. */
export function isEncoded(value: unknown): value is string {
  if (typeof value !== 'string' || value.length < shortest) return false;
  const bytes = bytesOf(value);
  return bytes !== undefined && (value.startsWith('H4sI') || isUtf8(bytes));
}

/** What stands in the place of an encoded text. */
export const encodedText = (value: string): string =>
  `(document of ${Buffer.byteLength(value, 'base64')} bytes)`;

/** A document as text, or why it is none. */
interface Decoded {
  readonly text?: string;
  readonly why?: string;
}

/** Decodes base64 and gzip; what is not base64 is taken as it is. */
export function decoded(value: unknown): Decoded {
  if (value === undefined || value === null) return { text: '' };
  if (typeof value !== 'string') return { why: 'it is not a text' };
  const bytes = bytesOf(value);
  if (bytes === undefined) return textOf(Buffer.from(value, 'utf8'));
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return textOf(bytes);
  try {
    return textOf(gunzipSync(bytes, { maxOutputLength: largest }));
  } catch {
    return { why: `it is compressed, and damaged or larger than ${largest} bytes` };
  }
}

function textOf(bytes: Buffer): Decoded {
  const text = utf8Text(bytes);
  return text === undefined ? { why: `it is binary (${bytes.length} bytes)` } : { text };
}

/** A text in UTF-8, without a byte order mark; undefined for bytes that are none. A plan of many megabytes is mostly ASCII, which is read quicker as such. */
export function utf8Text(bytes: Buffer): string | undefined {
  if (isAscii(bytes)) return bytes.toString('latin1');
  if (!isUtf8(bytes)) return undefined;
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}
