import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from '../../../foundation/process';

export interface Authority {
  /** PEM text of the CA's certificate. */
  readonly ca: string;
  /** Files. */
  readonly certificate: string;
  readonly key: string;
}

/** A throw-away CA, and a certificate of it for a name, of the API where none is said. */
export async function makeAuthority(folder: string, host = 'api.cherryservers.com'): Promise<Authority> {
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): Promise<string> =>
    capture({ argv: ['openssl', ...args], deadline: 10_000 });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.pem'),
    '-days',
    '2',
    '-subj',
    '/CN=Throw-away CA',
  );
  await openssl(
    'req',
    ...newKey,
    '-keyout',
    file('api.key'),
    '-out',
    file('api.csr'),
    '-subj',
    `/CN=${host}`,
  );
  writeFileSync(file('api.ext'), `subjectAltName=DNS:${host}\n`);
  const signing = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-set_serial', '1', '-days', '2'];
  await openssl(
    'x509',
    '-req',
    '-in',
    file('api.csr'),
    ...signing,
    '-extfile',
    file('api.ext'),
    '-out',
    file('api.pem'),
  );
  return { ca: readFileSync(file('ca.pem'), 'utf8'), certificate: file('api.pem'), key: file('api.key') };
}
