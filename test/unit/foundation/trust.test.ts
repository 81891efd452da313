import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../../foundation/failure';
import { trustedAuthorities } from '../../../foundation/trust';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'trust-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const authority = (name: string): string => {
  const path = join(folder, name);
  writeFileSync(path, `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n`);
  return path;
};

describe('the trusted certificate authorities', () => {
  test('are those of the machine where nothing is named', () => {
    const found = trustedAuthorities({ env: {} });
    expect(found.join('\n')).toContain('-----BEGIN CERTIFICATE-----');
  });

  test('are those of SSL_CERT_FILE instead, as for OpenSSL', () => {
    const found = trustedAuthorities({ env: { SSL_CERT_FILE: authority('one') } });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('one');
  });

  test('and those of NODE_EXTRA_CA_CERTS and of the environment besides', () => {
    const found = trustedAuthorities({
      extra: authority('three'),
      env: { SSL_CERT_FILE: authority('one'), NODE_EXTRA_CA_CERTS: authority('two') },
    });
    expect(found.map((text) => /one|two|three/.exec(text)![0])).toEqual(['one', 'two', 'three']);
  });

  test.each([
    ['is not there', (): string => join(folder, 'nowhere')],
    ['holds no certificate', (): string => (writeFileSync(join(folder, 'x'), 'hi'), join(folder, 'x'))],
  ])('are refused when a named file %s', (reason, path) => {
    const named = path();
    expect(() => trustedAuthorities({ extra: named, env: {} })).toThrow(Failure);
    expect(() => trustedAuthorities({ env: { SSL_CERT_FILE: named } })).toThrow(
      `${named} (named by SSL_CERT_FILE) ${reason}`,
    );
  });
});
