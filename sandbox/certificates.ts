import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { systemClock, type Clock } from '../foundation/clock';
import { Failure } from '../foundation/failure';
import { withFileLock } from '../foundation/file-lock';
import { tryReadFile, writeAtomically } from '../foundation/files';
import { commandFailure, run, type Command, type Run } from '../foundation/process';
import { machineCaBundle } from './machine-ca';
import type { PackageNeed } from './packages';
import type { World } from './world';

/**
 * The sandbox's certificate authority and the certificates of its parts. Made with openssl(1), which every Debian has.
 * Nothing trusts this authority but the sandbox's own hosts and the commands that are told to by environment variables.
 */
export interface CertificateAuthority {
  /** Path of the self-signed certificate, PEM. */
  readonly certificate: string;
  /** Path of its private key, PEM (PKCS #8), mode 0600. */
  readonly key: string;
  /** Path of the machine's own CA bundle with ours appended: for `SSL_CERT_FILE`, which replaces the system's. */
  readonly bundle: string;
  /** The certificate itself, PEM. */
  readonly pem: string;
}

export interface Certificate {
  /** Path of the certificate, PEM; its issuer is the root itself, so there is no chain to send. */
  readonly certificate: string;
  /** Path of its private key, PEM, mode 0600. */
  readonly key: string;
}

export interface CertificateOptions {
  readonly clock?: Clock;
  readonly run?: Run;
  /** Path of the machine's own CA bundle. @default {@link machineCaBundle} */
  readonly systemBundle?: string;
}

/** What this needs of the machine. */
export const certificateNeeds: readonly PackageNeed[] = [
  { program: 'openssl', package: 'openssl', why: 'makes the certificates of the sandbox' },
  {
    program: '/etc/ssl/certs/ca-certificates.crt',
    package: 'ca-certificates',
    why: 'the public authorities stay trusted beside that of the sandbox',
  },
];

const day = 24 * 60 * 60 * 1000;
const authorityDays = 3650;
const certificateDays = 90;
/** Renewed when less than this is left: a sandbox that is brought up every other day never sees an expired one. */
const renewBefore = { authority: 365 * day, certificate: 30 * day };
const opensslDeadline = 30_000;

/**
 * The sandbox's CA: EC P-256, made once, kept in `<folder>/ca/`. Made anew when it is damaged or has less than a year
 * left; every certificate then follows at its next {@link ensureCertificate}, and the hosts have to be made again.
 *
 * @throws Failure when openssl is missing or fails, or when the machine has no CA bundle at all.
 */
export async function ensureCertificateAuthority(
  world: World,
  options: CertificateOptions = {},
): Promise<CertificateAuthority> {
  return locked(world, async () => {
    const folder = join(world.folder, 'ca');
    const paths = { certificate: join(folder, 'root.crt'), key: join(folder, 'root.key') };
    const now = (options.clock ?? systemClock).now();
    if (faultsOf(paths, { now, margin: renewBefore.authority }).length > 0) {
      // The pair is made aside and the folder renamed: a killed run leaves the old one or none, never half of one.
      const unfinished = asideOf(folder);
      mkdirSync(unfinished, { recursive: true, mode: 0o700 });
      try {
        await openssl(
          [
            ...newKey(join(unfinished, 'root.key')),
            '-x509',
            '-days',
            String(authorityDays),
            '-out',
            join(unfinished, 'root.crt'),
          ],
          { folder: unfinished, content: authorityRequest(`Cogni sandbox ${world.id}`) },
          options.run,
        );
        rmSync(folder, { recursive: true, force: true });
        renameSync(unfinished, folder);
      } finally {
        rmSync(unfinished, { recursive: true, force: true });
      }
    }
    const pem = tryReadFile(paths.certificate) ?? '';
    const bundle = join(folder, 'bundle.pem');
    const content = joinBundles(systemBundle(options.systemBundle ?? machineCaBundle()), pem);
    if (tryReadFile(bundle) !== content) writeAtomically(bundle, content);
    return { ...paths, bundle, pem };
  });
}

/**
 * A certificate for the given names, signed by the CA and kept in `<folder>/certificates/<first name>/`. The one that
 * is there is kept while it is signed by this CA, covers exactly these names and has 30 of its 90 days left.
 *
 * @param names DNS names (also `*.zone`) and IP addresses; the first one names the folder and the subject.
 * @throws Failure that lists every name that is neither, or with openssl's output.
 */
export async function ensureCertificate(
  world: World,
  authority: CertificateAuthority,
  names: readonly [string, ...string[]],
  options: CertificateOptions = {},
): Promise<Certificate> {
  const faults = names.filter((name) => !isDnsName(name) && isIP(name) === 0);
  if (faults.length > 0) {
    throw new Failure({
      what: `a certificate was asked for names that are neither DNS names nor IP addresses`,
      faults: faults.map((name) => JSON.stringify(name)),
      next: 'correct the names, then run this again',
    });
  }
  const folder = join(world.folder, 'certificates', names[0].replace('*', '_'));
  const paths = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') };
  const now = (options.clock ?? systemClock).now();
  const issuer = new X509Certificate(authority.pem);
  const good = (): boolean =>
    faultsOf(paths, { now, margin: renewBefore.certificate, issuer, names }).length === 0;
  if (good()) return paths;
  return locked(world, async () => {
    if (good()) return paths;
    const unfinished = asideOf(folder);
    mkdirSync(unfinished, { recursive: true, mode: 0o700 });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    try {
      const made = { certificate: join(unfinished, 'certificate.pem'), key: join(unfinished, 'key.pem') };
      await openssl(
        [
          ...newKey(made.key),
          '-x509',
          '-CA',
          authority.certificate,
          '-CAkey',
          authority.key,
          '-days',
          String(certificateDays),
          '-set_serial',
          `0x${serialNumber()}`,
          '-out',
          made.certificate,
        ],
        { folder: unfinished, content: certificateRequest(names) },
        options.run,
      );
      // A run killed between these two leaves a pair that does not match: the next one sees that and makes another.
      renameSync(made.key, paths.key);
      renameSync(made.certificate, paths.certificate);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
    return paths;
  });
}

interface Expected {
  readonly now: Date;
  /** Milliseconds that must be left of its life. */
  readonly margin: number;
  /** Who must have signed it. @default itself */
  readonly issuer?: X509Certificate;
  /** The names that it must cover, neither more nor fewer. @default not looked at */
  readonly names?: readonly string[];
}

/** Why a pair of files is not the certificate that is wanted; empty when it is. */
export function faultsOf(paths: Certificate, expected: Expected): readonly string[] {
  const [certificate, key] = [tryReadFile(paths.certificate), tryReadFile(paths.key)];
  if (certificate === undefined || key === undefined) return ['there is none'];
  try {
    const parsed = new X509Certificate(certificate);
    const issuer = expected.issuer ?? parsed;
    const ends = Date.parse(parsed.validTo);
    return [
      ...(parsed.checkPrivateKey(createPrivateKey(key)) ? [] : ['the key is of another certificate']),
      ...(parsed.verify(issuer.publicKey) ? [] : ['another authority signed it']),
      ...(ends - expected.now.getTime() > expected.margin ? [] : [`it ends on ${parsed.validTo}`]),
      ...(!expected.names || namesOf(parsed) === [...expected.names].sort().join(' ')
        ? []
        : [`it is for ${namesOf(parsed)}`]),
    ];
  } catch (cause) {
    return [`it cannot be read: ${(cause as Error).message}`];
  }
}

/** The certificate's names, sorted; Node gives them as `DNS:a.test, IP Address:192.0.2.1`. */
const namesOf = (certificate: X509Certificate): string =>
  (certificate.subjectAltName ?? '')
    .split(', ')
    .map((entry) => entry.slice(entry.indexOf(':') + 1))
    .sort()
    .join(' ');

/** A DNS name of at least two labels, a leading wildcard allowed (RFC 1123 §2.1, RFC 6125 §6.4.3). */
export const isDnsName = (name: string): boolean =>
  name.length <= 253 &&
  /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name);

/** openssl-req(1) configuration of the authority. */
const authorityRequest = (name: string): string =>
  [
    '[req]',
    'prompt = no',
    'distinguished_name = subject',
    'x509_extensions = extensions',
    '[subject]',
    `CN = ${name}`,
    '[extensions]',
    // One intermediate below it is allowed: the ACME server makes one of its own.
    'basicConstraints = critical, CA:TRUE, pathlen:1',
    'keyUsage = critical, keyCertSign, cRLSign',
    'subjectKeyIdentifier = hash',
    '',
  ].join('\n');

/** openssl-req(1) configuration of a server's certificate. The subject's common name holds 64 characters at most. */
export const certificateRequest = (names: readonly [string, ...string[]]): string =>
  [
    '[req]',
    'prompt = no',
    'distinguished_name = subject',
    'x509_extensions = extensions',
    '[subject]',
    `CN = ${names[0].slice(0, 64)}`,
    '[extensions]',
    'basicConstraints = critical, CA:FALSE',
    'keyUsage = critical, digitalSignature',
    'extendedKeyUsage = serverAuth',
    'subjectKeyIdentifier = hash',
    'authorityKeyIdentifier = keyid',
    'subjectAltName = @names',
    '[names]',
    ...names.map((name, index) => `${isIP(name) === 0 ? 'DNS' : 'IP'}.${index + 1} = ${name}`),
    '',
  ].join('\n');

const newKey = (path: string): readonly string[] => [
  '-newkey',
  'ec',
  '-pkeyopt',
  'ec_paramgen_curve:P-256',
  // -nodes: -noenc of OpenSSL 3, understood by both. openssl itself creates the file with mode 0600.
  '-nodes',
  '-keyout',
  path,
];

/** Twenty octets at most, positive, hard to guess (RFC 5280 §4.1.2.2). */
const serialNumber = (): string => `01${randomBytes(15).toString('hex')}`;

const asideOf = (folder: string): string => `${folder}.${randomBytes(4).toString('hex')}.unfinished`;

async function openssl(
  args: readonly string[],
  request: { readonly folder: string; readonly content: string },
  runner: Run | undefined,
): Promise<void> {
  // A file: openssl opens its configuration by name, and a child's standard input may be a socket, which has none.
  const file = join(request.folder, 'request.cnf');
  writeAtomically(file, request.content);
  const command: Command = {
    argv: ['openssl', 'req', '-config', file, '-new', ...args],
    // A configuration of the user's own must not add to what is asked for.
    env: { OPENSSL_CONF: undefined },
    deadline: opensslDeadline,
  };
  const output = await (runner ?? run)(command);
  if (output.code === 0) return;
  throw commandFailure(command, output, {
    what: 'making a certificate of the sandbox',
    state: 'the certificates are as they were',
    next: 'see that OpenSSL 3.0 or newer is installed (openssl version), then run this again',
  });
}

const locked = <T>(world: World, work: () => Promise<T>): Promise<T> =>
  withFileLock(
    join(world.folder, 'certificates.lock'),
    { purpose: 'making certificates', wait: 60_000 },
    work,
  );

/**
 * The machine's CA bundle. Where the sandbox's own variables are set, that is our bundle: it still holds what it was
 * made from.
 */
function systemBundle(place: string | undefined): string {
  const content = place === undefined ? undefined : tryReadFile(place);
  if (content !== undefined) return content;
  throw new Failure({
    what: `this machine has no CA bundle that the sandbox could add its own CA to${place === undefined ? '' : `: ${place} is not there`}`,
    next: 'apt-get install ca-certificates, then run this again',
  });
}

/** Our certificate at the end of the others, once. */
export const joinBundles = (system: string, ours: string): string =>
  `${system.replaceAll(ours.trim(), '').trimEnd()}\n${ours.trim()}\n`;
