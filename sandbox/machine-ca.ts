import { existsSync } from 'node:fs';

/** Where distributions keep the bundle of certificate authorities they trust. */
const usualPlaces = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
];

/**
 * Path of the PEM bundle with the authorities that this machine trusts, undefined when it has none.
 *
 * Image builds get it handed in: in some networks outgoing TLS is inspected, and only this machine knows the
 * authority that does it. `SSL_CERT_FILE` wins, as it does for OpenSSL and Go.
 */
export function machineCaBundle(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  exists: (path: string) => boolean = existsSync,
): string | undefined {
  const chosen = environment['SSL_CERT_FILE'];
  return [...(chosen ? [chosen] : []), ...usualPlaces].find(exists);
}
