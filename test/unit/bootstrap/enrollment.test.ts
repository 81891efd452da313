import { load } from 'js-yaml';
import {
  enrollmentOf,
  enrollmentToken,
  renderUserData,
  userDataLimit,
  withEnrollment,
  withoutEnrollment,
} from '../../../bootstrap';
import { enrollmentBytes } from '../../../bootstrap/enrollment';
import { fixedNeeds } from './fixed-needs';

const document = renderUserData(fixedNeeds);
const token = enrollmentToken(new Uint8Array(32).fill(0xfb));

describe('an enrollment token', () => {
  test('is 43 characters that no shell, YAML or JSON minds', () => {
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(Buffer.from(token, 'base64url')).toEqual(Buffer.alloc(32, 0xfb));
  });

  test.each([0, 16, 31, 33])('is not made of %i bytes of randomness', (length) => {
    expect(() => enrollmentToken(new Uint8Array(length))).toThrow(/32 random bytes/);
  });

  test('comes as the last file that the document writes, readable by root alone', () => {
    const userData = withEnrollment(document, token);
    expect(userData.startsWith(document)).toBe(true);
    const { write_files: files } = load(userData) as { write_files: unknown[] };
    expect(files.at(-1)).toEqual({ path: '/var/lib/cogni/enrollment', permissions: '0600', content: token });
  });

  test('stays a text to YAML even where it looks like a number', () => {
    const digits = '1'.repeat(43);
    const { write_files: files } = load(withEnrollment(document, digits)) as {
      write_files: { content: unknown }[];
    };
    expect(files.at(-1)?.content).toBe(digits);
  });

  test('fits into the room that the renderer leaves for it', () => {
    expect(withEnrollment(document, token).length - document.length).toBeLessThanOrEqual(enrollmentBytes);
    expect(withEnrollment(document, token).length).toBeLessThanOrEqual(userDataLimit);
  });

  test('is found again, and the document without it is the golden one', () => {
    const userData = withEnrollment(document, token);
    expect(enrollmentOf(userData)).toBe(token);
    expect(withoutEnrollment(userData)).toBe(document);
  });

  test('is not found where there is none, or where the host has erased it with something else', () => {
    expect(enrollmentOf(document)).toBeUndefined();
    expect(enrollmentOf('')).toBeUndefined();
    expect(withoutEnrollment(document)).toBe(document);
    expect(enrollmentOf(`${withEnrollment(document, token)}more: true\n`)).toBeUndefined();
  });

  test('is not added twice, and nothing else is taken for one: the message never shows it', () => {
    expect(() => withEnrollment(withEnrollment(document, token), token)).toThrow(/already/);
    for (const wrong of ['', 'hunter2', `${token}"`, `${token.slice(1)}\n`]) {
      expect(() => withEnrollment(document, wrong)).toThrow(
        /^an enrollment token is 43 characters of base64url$/,
      );
    }
  });
});
