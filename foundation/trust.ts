import { rootCertificates } from 'node:tls';
import { Failure } from './failure';
import { tryReadFile } from './files';

/** Where distributions keep the machine's certificate authorities as one file. */
const systemBundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
];

/**
 * The certificate authorities to verify servers with, for the `ca` option of `node:tls`: the file SSL_CERT_FILE names
 * (as OpenSSL and Go read it), else the machine's own, else Node's; and with them NODE_EXTRA_CA_CERTS and `extra`.
 *
 * @param extra file of further authorities (PEM), such as the sandbox's own.
 * @throws Failure when a file that was named is not there or holds no certificate.
 */
export function trustedAuthorities(
  options: { readonly extra?: string | undefined; readonly env?: NodeJS.ProcessEnv } = {},
): string[] {
  const env = options.env ?? process.env;
  const named = (path: string | undefined, whence: string): string[] =>
    path === undefined || path === '' ? [] : certificatesIn(path, whence);
  const system = named(env['SSL_CERT_FILE'], 'SSL_CERT_FILE');
  return [
    ...(system.length > 0 ? system : machineAuthorities()),
    ...named(env['NODE_EXTRA_CA_CERTS'], 'NODE_EXTRA_CA_CERTS'),
    ...named(options.extra, 'the environment'),
  ];
}

function machineAuthorities(): readonly string[] {
  for (const path of systemBundles) {
    const text = tryReadFile(path);
    if (text?.includes(begin)) return [text];
  }
  return rootCertificates;
}

const begin = '-----BEGIN CERTIFICATE-----';

function certificatesIn(path: string, whence: string): string[] {
  const text = tryReadFile(path);
  if (text?.includes(begin)) return [text];
  throw new Failure({
    what: `the file of certificate authorities ${path} (named by ${whence}) ${text === undefined ? 'is not there' : 'holds no certificate'}`,
    next: 'name one that is there, then run this again',
  });
}
