import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeBytes, requireFreeDisk } from '../../../sandbox/free-disk';
import { machineCaBundle } from '../../../sandbox/machine-ca';

describe('the free disk', () => {
  it('that is enough is no fault', () => {
    expect(() => requireFreeDisk('/x', 5e9, 'the sandbox', () => 5e9)).not.toThrow();
  });

  it('that is too small is a failure with folder, free and needed room', () => {
    expect(() => requireFreeDisk('/x', 5e9, 'the sandbox', () => 1.25e9)).toThrow(
      /^\/x has 1\.3 GB free, and the sandbox may need 5\.0 GB/,
    );
  });

  it('of a folder that is not made yet is that of the folder it will be in', () => {
    const folder = mkdtempSync(join(tmpdir(), 'cogni-disk-'));
    try {
      expect(freeBytes(join(folder, 'not', 'there'))).toBeGreaterThan(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the CA bundle of this machine', () => {
  it('is the one that SSL_CERT_FILE names', () => {
    expect(machineCaBundle({ SSL_CERT_FILE: '/own.pem' }, () => true)).toBe('/own.pem');
  });

  it('is where the distribution keeps it when SSL_CERT_FILE names none that is there', () => {
    const exists = (path: string): boolean => path === '/etc/pki/tls/certs/ca-bundle.crt';
    expect(machineCaBundle({ SSL_CERT_FILE: '/own.pem' }, exists)).toBe('/etc/pki/tls/certs/ca-bundle.crt');
  });

  it('is undefined on a machine without one', () => {
    expect(machineCaBundle({}, () => false)).toBeUndefined();
  });
});
