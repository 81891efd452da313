import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeBytes, requireRoom, type Disks } from '../../../sandbox/free-disk';
import { machineCaBundle } from '../../../sandbox/machine-ca';

describe('the room for the sandbox', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'cogni-disk-'));
  const warm = join(scratch, 'warm');
  const cold = join(scratch, 'cold');
  beforeAll(() => mkdirSync(join(warm, 'builds'), { recursive: true }));
  afterAll(() => rmSync(scratch, { recursive: true }));

  /** The engine's data on one file system, the cache on another. */
  const disks = (data: number, rest: number): Disks => ({
    free: (folder) => (folder === '/data' ? data : rest),
    device: (folder) => (folder === '/data' ? 1 : 2),
  });
  const oneDisk = (free: number): Disks => ({ free: () => free, device: () => 1 });

  it('that is enough is no fault', () => {
    expect(() => requireRoom('/data', warm, oneDisk(4.5e9))).not.toThrow();
    expect(() => requireRoom('/data', cold, disks(4.5e9, 9e9))).not.toThrow();
    expect(() => requireRoom('/data', cold, oneDisk(13.5e9))).not.toThrow();
  });

  it('that is too little is one failure with every folder, what is free there and what is needed', () => {
    expect(() => requireRoom('/data', cold, disks(1.25e9, 7.9e9))).toThrow(
      /too little room[\s\S]*- \/data: 1\.3 GB free, 4\.5 GB needed[\s\S]*- .*cold: 7\.9 GB free, 9\.0 GB needed/,
    );
  });

  it('is needed together by what lies on one file system', () => {
    expect(() => requireRoom('/data', cold, oneDisk(13.4e9))).toThrow(
      /- \/data and .*cold: 13\.4 GB free, 13\.5 GB needed for images and hosts and the first build/,
    );
  });

  it('is made by what the failure names', () => {
    expect(() => requireRoom('/data', warm, oneDisk(0))).toThrow(
      new RegExp(`sandbox down.*docker image prune.*${join(warm, 'builds')} may be removed`),
    );
  });

  it('for builds is not asked for when they are there already', () => {
    expect(() => requireRoom('/data', warm, disks(4.5e9, 0))).not.toThrow();
  });

  it('of a folder that is not made yet is that of the folder it will be in', () => {
    expect(freeBytes(join(scratch, 'not', 'there'))).toBeGreaterThan(0);
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
