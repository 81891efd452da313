import fc from 'fast-check';
import { examinePublicKey } from '../../../infra/public-key';
import { blob, ed25519, rsa } from './keys';

const faultOf = (text: string): string | undefined => {
  const examined = examinePublicKey(text);
  return 'fault' in examined ? examined.fault : undefined;
};

describe('a deploy key file', () => {
  it('is read as type, key and comment, whatever white space surrounds them', () => {
    const line = ed25519(7, 'ci@cogni two words');
    expect(examinePublicKey(`\n# the deploy key\n${line}  \n\n`)).toEqual({
      key: { type: 'ssh-ed25519', base64: line.split(' ')[1], comment: 'ci@cogni two words', line },
    });
  });

  it('is refused without being shown when it is a private key', () => {
    const fault = faultOf(
      '-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0IQ==\n-----END OPENSSH PRIVATE KEY-----\n',
    );
    expect(fault).toMatch(/private key/);
    expect(fault).not.toContain('c2VjcmV0');
  });

  it.each([
    ['', /holds no key/],
    ['# only a comment\n', /holds no key/],
    [`${ed25519(1)}\n${ed25519(2)}\n`, /holds 2 keys; exactly one/],
    ['ssh-dss AAAA', /"ssh-dss" is no type of key; allowed: ssh-ed25519/],
    ['no-pty ssh-ed25519 AAAA', /"no-pty" is no type of key/],
    ['ssh-ed25519 not*base64', /not whole base64/],
    [`ssh-rsa ${blob('ssh-ed25519', Buffer.alloc(32))}`, /in front of a key that is not one/],
    [`ssh-ed25519 ${blob('ssh-ed25519', Buffer.alloc(31))}`, /one number of 32 bytes/],
    [`ssh-ed25519 ${blob('ssh-ed25519', Buffer.alloc(32), Buffer.alloc(1))}`, /one number of 32 bytes/],
    [rsa(1024), /RSA key of 1024 bits; at least 2048/],
  ])('is refused when it holds %j', (text, fault) => {
    expect(faultOf(text)).toMatch(fault);
  });

  it('may hold an RSA key of 2048 bits', () => {
    expect(faultOf(rsa(2048))).toBeUndefined();
  });

  it('is found to be damaged wherever a copy of it breaks off', () => {
    const [type = '', key = ''] = ed25519(9).split(' ');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: key.length - 1 }), (kept) => {
        expect(faultOf(`${type} ${key.slice(0, kept)}`)).toBeDefined();
      }),
    );
  });

  it('never throws, and never shows more than the type of what it refuses', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const examined = examinePublicKey(text);
        if ('key' in examined) expect(examinePublicKey(examined.key.line)).toEqual(examined);
        else expect(examined.fault.length).toBeLessThan(300);
      }),
    );
  });
});
