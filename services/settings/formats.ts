import { createPrivateKey } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { z } from 'zod';
import { app } from '../app-contract';
import { keptRoles } from '../database/kept-roles';
import { tryReadPrivateKey } from './private-key';
import type { Format } from './setting';

/** Printable ASCII without space and backtick: everything that `.env`, Compose and a shell carry alike. */
const printable = /^[\x21-\x5f\x61-\x7e]*$/;

/**
 * Whether all of a text is a URL. The standard's own parser leaves out what stands around one, and line breaks and tabs in it
 * (WHATWG URL, 4.4), which whoever reads the setting would not.
 */
const isWholeUrl = (text: string): boolean => printable.test(text) && URL.canParse(text);

/** What else would be refused without a word of why: a browser shows such addresses, and takes them. */
const inAscii =
  ' in printable ASCII (a host name in punycode, everything else percent-encoded, and neither white space nor backtick)';

/** Secrets. Every character of them survives `.env`, Compose, a URL and PostgreSQL (the tests prove it). */
export const secret = (least: number): Format =>
  z
    .string()
    .min(least, `is shorter than ${least} characters`)
    .max(512, 'is longer than 512 characters')
    .regex(printable, 'holds white space, a backtick, or something that is not printable ASCII')
    .describe(`at least ${least} printable characters`);

/** PostgreSQL's own names, which need no quotes anywhere and are short enough not to be cut off (NAMEDATALEN). */
const identifier = z
  .string()
  .regex(
    /^[a-z_][a-z0-9_]{0,62}$/,
    'is not lower-case letters, digits and _, beginning with a letter, at most 63',
  );

export const databaseRole: Format = identifier
  .refine(
    (name) =>
      !name.startsWith('pg_') && !['public', 'none', 'current_user', 'session_user', 'user'].includes(name),
    'is a name that PostgreSQL keeps for itself',
  )
  .refine(
    (name) => !(Object.values(keptRoles) as readonly string[]).includes(name),
    'is a role that ./cogni makes for itself on every host: no login can have its name',
  )
  .describe('name of a PostgreSQL role');

/** PostgreSQL documentation, "SSL Support", without those that fall back to clear text unseen. */
const sslModes: readonly string[] = ['disable', 'require', 'verify-ca', 'verify-full'];

const secondLogin = app.slots.b.loginSuffix;

/** A role with a second login: both names must fit (NAMEDATALEN). */
export const applicationRole: Format = databaseRole
  .refine(
    (name) => name.length + secondLogin.length <= 63,
    `is longer than ${63 - secondLogin.length} letters: its second login has ${secondLogin} after the name`,
  )
  .describe('name of a PostgreSQL role');

export const databaseName: Format = identifier
  .refine(
    (name) => !['postgres', 'template0', 'template1'].includes(name),
    'is a database that PostgreSQL itself uses',
  )
  .describe('name of a PostgreSQL database');

/** RFC 1123, section 2.1, in lower case. */
export const hostName: Format = z
  .string()
  .regex(
    /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/,
    'is not a host name in lower case',
  )
  .describe('host name');

/** Where a host is reached. Digits and dots alone are an address that is not one, never a name. */
export const hostAddress: Format = z
  .string()
  .refine(
    (text) => isIPv4(text) || (hostName.safeParse(text).success && !/^[\d.]+$/.test(text)),
    'is neither an IPv4 address nor a host name in lower case',
  )
  .describe('IPv4 address or host name');

/** GitHub documentation, "Username considerations for external authentication": letters, digits and single hyphens. */
export const accountName: Format = z
  .string()
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?$/,
    'is not an account name: letters, digits, - and _',
  )
  .describe('account name');

export const imageDigest: Format = z
  .string()
  .regex(
    /^[a-z0-9.-]+(?::\d{1,5})?(?:\/[a-z0-9._-]+)+@sha256:[0-9a-f]{64}$/,
    'is not name@sha256: and 64 hex digits',
  )
  .describe('image by digest');

export const postgresUrl: Format = z
  .string()
  .refine(
    (text) => isWholeUrl(text) && new URL(text).protocol === 'postgresql:' && /[?&]sslmode=/.test(text),
    `is not a postgresql:// URL with sslmode${inAscii}`,
  )
  .describe('`postgresql://` URL with `sslmode`');

/**
 * A connection to PostgreSQL that somebody else runs, as libpq and Go's drivers read it: with login, server and database, and with
 * `sslmode`, so that nobody sends a password in clear because it was forgotten.
 */
export const postgresConnection: Format = z
  .string()
  .refine(
    (text) => {
      if (!isWholeUrl(text)) return false;
      const { protocol, username, password, hostname, pathname, searchParams } = new URL(text);
      return (
        ['postgres:', 'postgresql:'].includes(protocol) &&
        [username, password, hostname, pathname.slice(1)].every((part) => part !== '') &&
        sslModes.includes(searchParams.get('sslmode') ?? '')
      );
    },
    `is not a postgres:// URL with login, server, database and ?sslmode= (one of ${sslModes.join(', ')})${inAscii}`,
  )
  .describe('`postgres://` URL with `sslmode`');

/** An address that programs ask: no login in it, no query, no fragment. */
export const webUrl: Format = z
  .string()
  .refine((text) => {
    if (!isWholeUrl(text)) return false;
    const { protocol, username, password, search, hash } = new URL(text);
    return ['http:', 'https:'].includes(protocol) && username + password + search + hash === '';
  }, `is not an http or https URL without a login, a query and a fragment${inAscii}`)
  .describe('`http://` or `https://` URL');

/** An address that a program pushes to, as it is: it puts no path behind it, and a server answers its root with something else. */
export const pushUrl: Format = webUrl
  .refine(
    (text) => !isWholeUrl(text) || new URL(text).pathname !== '/',
    'has no path: what is pushed goes to the whole address',
  )
  .describe('`http://` or `https://` URL with its path');

/** An address that a program posts to, and that is a secret as a whole. */
export const webhook: Format = z
  .string()
  .refine((text) => {
    if (!text.startsWith('https://') || !isWholeUrl(text)) return false;
    const { username, password, hash } = new URL(text);
    return username + password + hash === '';
  }, `is not an https URL without a login and a fragment${inAscii}`)
  .describe('`https://` URL');

/** Anything that fits on a line of `.env`, where a shell and Compose read a backtick beside a quote differently. */
export const line: Format = z
  .string()
  .regex(
    /^[^\p{Cc}\p{Cs}`]*$/u,
    'holds a line break, another control character, a backtick or half of a surrogate pair',
  )
  .describe('text');

export const path: Format = z
  .string()
  .regex(/^[^\p{Cc}\p{Cs}`]+$/u, 'is not a path that fits on a line, without a backtick')
  .describe('path');

/** Names of keys as object storages give them. */
export const accessKey: Format = z
  .string()
  .regex(/^[\w.+=@-]{3,128}$/, 'is not 3 to 128 letters, digits and _ . + = @ -')
  .describe('access key');

/** Number of something that another system counts: a project, a run. */
export const identifyingNumber: Format = z
  .string()
  .regex(/^[1-9]\d{0,15}$/, 'is not a whole number')
  .describe('whole number');

export const ipAddress: Format = z.union([z.ipv4(), z.ipv6()], 'is not an IP address').describe('IP address');

/** Where a Docker engine listens (Docker documentation, "dockerd", "Daemon socket option"). */
export const engineAddress: Format = z
  .string()
  .regex(/^(?:unix|tcp|ssh):\/\/[\x21-\x5f\x61-\x7e]+$/, 'is not a unix://, tcp:// or ssh:// address')
  .describe('address of a Docker engine');

export const oneOf = (...values: readonly [string, ...string[]]): Format =>
  z
    .enum(values, `is not one of ${values.join(', ')}`)
    .describe(values.map((value) => `\`${value}\``).join(' or '));

/** RFC 4253, section 6.6, as OpenSSH writes it: `ssh-ed25519 AAAA…`. */
export const hostKey: Format = z
  .string()
  .regex(
    /^(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) [A-Za-z0-9+/]{40,1000}={0,2}$/,
    'is not the type and base64 of a host key, such as ssh-ed25519 AAAA...',
  )
  .describe('SSH host key');

/** An identity of age as `age-keygen` writes it: Bech32 in capitals (https://age-encryption.org/v1, "The X25519 recipient type"). */
export const ageIdentity: Format = z
  .string()
  .regex(
    /^AGE-SECRET-KEY-1[023456789ACDEFGHJKLMNPQRSTUVWXYZ]{58}$/,
    'is not an identity of age: AGE-SECRET-KEY-1 and 58 letters and digits, as age-keygen writes it',
  )
  .describe('identity of age');

/** PKCS #8 (RFC 5958) without the lines around it, so that it fits on a line. */
export const ed25519PrivateKey: Format = z
  .string()
  .refine(
    isEd25519PrivateKey,
    'is not the base64 of the DER of a private Ed25519 key: openssl genpkey -algorithm ed25519 -outform DER | base64 -w0',
  )
  .describe('base64 of a private Ed25519 key');

function isEd25519PrivateKey(text: string): boolean {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return false;
  try {
    const key = createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' });
    return key.asymmetricKeyType === 'ed25519';
  } catch {
    return false;
  }
}

/** What `ssh-keygen` writes. The one secret of more than one line: no settings file holds it. */
export const privateKey: Format = z
  .string()
  .refine((text) => tryReadPrivateKey(text) !== undefined, 'is not a private key as ssh-keygen writes it')
  .refine(
    (text) => !tryReadPrivateKey(text)?.passphrase,
    "has a passphrase, which nobody can type in a workflow: ssh-keygen -p -N '' -f <a copy of it> takes it off",
  )
  .describe('OpenSSH private key without a passphrase');
