import { linkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { enrollmentToken } from '../bootstrap/enrollment';
import { Failure } from '../foundation/failure';
import { tryReadFile, writeAtomically } from '../foundation/files';
import { Secret } from '../foundation/secret';

/** Gives that many random bytes: `crypto.randomBytes`. */
export type RandomBytes = (count: number) => Uint8Array;

const fileIn = (folder: string): string => join(folder, 'enrollment');

/**
 * The enrollment token that the next server of an environment gets: made from randomness once, kept in
 * `<folder>/enrollment` (mode 0600), and the same on every later call. A living server keeps the one it was born with,
 * so another machine's token harms nothing.
 *
 * @param folder the environment's local folder
 * @throws Failure when the file holds something else
 */
export function ensureEnrollmentToken(folder: string, random: RandomBytes): Secret {
  const path = fileIn(folder);
  const kept = tryReadFile(path) ?? makeOnce(path, enrollmentToken(random(32)));
  const token = kept.trim();
  if (!/^[A-Za-z0-9_-]{43}$/.test(token)) {
    throw new Failure({
      what: `${path} does not hold an enrollment token (43 characters of base64url)`,
      next: `rm ${path}, then run this again: a new one is made, and no living host needs the old one`,
    });
  }
  return Secret.of('enrollment token', token);
}

/** The token that the next server gets, where one is kept: right as long as its gate is not passed. */
export function keptEnrollmentToken(folder: string): Secret | undefined {
  const token = tryReadFile(fileIn(folder))?.trim();
  return token ? Secret.of('enrollment token', token) : undefined;
}

/**
 * Forgets the token, so that no two servers ever get the same one. To be called once a server's host key is pinned: from
 * then on the token in its user-data, which can be read in the state, opens nothing.
 */
export function discardEnrollmentToken(folder: string): void {
  rmSync(fileIn(folder), { force: true });
}

/** Puts a text there unless another run was faster, and gives what is there then. */
function makeOnce(path: string, text: string): string {
  const own = `${path}.${process.pid}`;
  writeAtomically(own, `${text}\n`, 0o600);
  try {
    linkSync(own, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  } finally {
    rmSync(own, { force: true });
  }
  return tryReadFile(path) ?? text;
}
