import fc from 'fast-check';
import { bytesOf, utf8Text } from '../../../review/encoding';

/** RFC 4648, section 4, with the padding that the provider asks for. */
const standard = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

describe('base64', () => {
  it('is taken for its bytes where it is the standard one, whatever else Node would read', () => {
    const letters = fc.string({
      unit: fc.constantFrom('A', 'Z', 'a', 'z', '0', '9', '+', '/', '=', '-', '_', ' ', '\n', '\u00e9'),
      maxLength: 16,
    });
    const padded = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('base64'));
    fc.assert(
      fc.property(fc.oneof(letters, padded, fc.string({ maxLength: 12 })), (text) => {
        expect([text, bytesOf(text)?.toString('base64').length]).toEqual([
          text,
          standard.test(text) ? text.length : undefined,
        ]);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('a text in UTF-8', () => {
  it('is read as a strict decoder reads it, and is none for any other bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.string({ unit: 'binary', maxLength: 12 }).map((text) => new TextEncoder().encode(text)),
      fc.string({ maxLength: 6 }).map((text) => new TextEncoder().encode(`\uFEFF${text}`)),
    );
    const strictly = (given: Uint8Array): string | undefined => {
      try {
        return new TextDecoder('utf-8', { fatal: true }).decode(given);
      } catch {
        return undefined;
      }
    };
    fc.assert(
      fc.property(bytes, (given) => {
        expect(utf8Text(Buffer.from(given))).toBe(strictly(given));
      }),
      { numRuns: 2_000 },
    );
  });
});
