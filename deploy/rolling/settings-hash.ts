import { createHash, createHmac } from 'node:crypto';
import { Secret } from '../../foundation/secret';
import type { Settings } from '../../services';

/** What a deploy logs in to the registry with: no service reads it, and in CI it is another one each time. */
const notOfTheHost = ['GHCR_USERNAME', 'GHCR_DEPLOY_TOKEN'];

/**
 * Says whether two releases were deployed with the same settings, and nothing else: HMAC-SHA256 of all of them, under a
 * key that is made from all secret ones together. Without the key the hash cannot be tested against a guess of any
 * value; whoever knows every secret, to make the key, has nothing left to guess.
 *
 * @returns 64 hex digits
 */
export function settingsHash(settings: Pick<Settings, 'entries'>): string {
  const given = settings
    .entries()
    .filter(([name]) => !notOfTheHost.includes(name))
    .sort(([one], [other]) => (one < other ? -1 : 1));
  const secrets = given.filter(([, value]) => value instanceof Secret);
  const key = createHash('sha256').update(listed(secrets)).digest();
  return createHmac('sha256', key).update(listed(given)).digest('hex');
}

type Entries = readonly (readonly [string, string | Secret])[];

/** As JSON, so that no two lists give the same text. */
const listed = (entries: Entries): string =>
  JSON.stringify(entries.map(([name, value]) => [name, typeof value === 'string' ? value : value.reveal()]));
