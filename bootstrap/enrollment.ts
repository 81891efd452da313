import { hostLayout } from './host-layout';

/**
 * The one-time value by which a new machine proves that it is the one that got this user-data
 * (docs/decisions/0005-host-key-pinning.md). It is no part of the document that the golden files hold.
 */

/** Room that the renderer leaves for it within the limit. */
export const enrollmentBytes = 256;

/** Bytes of randomness in a token. */
const tokenBytes = 32;

/**
 * A token from randomness.
 * @param random 32 bytes from the system's generator (`crypto.randomBytes`)
 */
export function enrollmentToken(random: Uint8Array): string {
  if (random.length !== tokenBytes)
    throw new RangeError(`a token is made of ${tokenBytes} random bytes, not ${random.length}`);
  return Buffer.from(random).toString('base64url');
}

const entry = (token: string): string =>
  `- path: ${hostLayout.enrollment}\n  permissions: "0600"\n  content: "${token}"\n`;

/**
 * The document with the token as the last entry of its write_files, which is the last part of the document.
 *
 * @throws RangeError for something that is not a token, without showing it
 */
export function withEnrollment(document: string, token: string): string {
  if (!/^[A-Za-z0-9_-]{43}$/.test(token))
    throw new RangeError('an enrollment token is 43 characters of base64url');
  if (enrollmentOf(document) !== undefined)
    throw new RangeError('the document has an enrollment token already');
  return document + entry(token);
}

/** The token in a user-data, or undefined where there is none. */
export function enrollmentOf(userData: string): string | undefined {
  const [before = ''] = entry('\0').split('\0');
  const start = userData.lastIndexOf(before);
  if (start === -1) return undefined;
  return /^([A-Za-z0-9_-]{43})"\n$/.exec(userData.slice(start + before.length))?.[1];
}

/** The document without the token: what may be shown, compared and committed. */
export function withoutEnrollment(userData: string): string {
  const token = enrollmentOf(userData);
  return token === undefined ? userData : userData.slice(0, userData.length - entry(token).length);
}
