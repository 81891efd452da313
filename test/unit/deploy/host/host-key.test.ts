import fc from 'fast-check';
import {
  describeKey,
  fingerprint,
  parseKnownHosts,
  parseProof,
  provedKeys,
  verifyHostKey,
} from '../../../../deploy/host/host-key';
import { ecdsa, ed25519, proofLine, stranger, token } from './keys';

const proof = parseProof(proofLine(ed25519) + proofLine(ecdsa));

describe('a host key', () => {
  test('is proved by a line that the token makes for it', () => {
    expect(verifyHostKey(token.reveal(), ed25519, proof)).toBe('proved');
    expect(verifyHostKey(token.reveal(), ecdsa, proof)).toBe('proved');
  });

  test('is proved by the value that openssl computes (openssl dgst -sha256 -hmac)', () => {
    const known = parseProof(
      `ssh-ed25519 AAAA bd91df372cfd01440737a24f557cb72b68b366ec6484525cbe88c39deec8d2a9`,
    );
    expect(verifyHostKey('key', { type: 'ssh-ed25519', base64: 'AAAA' }, known)).toBe('proved');
  });

  test('is not in a proof that names other keys only, an empty one among them', () => {
    expect(verifyHostKey(token.reveal(), stranger, proof)).toBe('not in the proof');
    expect(verifyHostKey(token.reveal(), ed25519, [])).toBe('not in the proof');
  });

  test('is wrong where another token made the line, or the line of one key is put to another', () => {
    expect(verifyHostKey(token.reveal(), ed25519, parseProof(proofLine(ed25519, 'another token')))).toBe(
      'wrong',
    );
    const swapped = [{ ...stranger, hmac: proof[0]!.hmac }];
    expect(verifyHostKey(token.reveal(), stranger, swapped)).toBe('wrong');
  });

  test('is wrong when any part of its line is changed', () => {
    const [line] = parseProof(proofLine(ed25519)) as [(typeof proof)[number]];
    fc.assert(
      fc.property(fc.nat(63), fc.integer({ min: 1, max: 15 }), (at, by) => {
        const digit = ((parseInt(line.hmac[at]!, 16) + by) % 16).toString(16);
        const hmac = line.hmac.slice(0, at) + digit + line.hmac.slice(at + 1);
        expect(verifyHostKey(token.reveal(), ed25519, [{ ...line, hmac }])).toBe('wrong');
      }),
    );
  });

  test('is known to people by its type and the fingerprint that ssh-keygen -l shows', () => {
    expect(fingerprint(ed25519)).toBe('SHA256:/9I88rL0VGwdvztgxzUmBYxeFWfKJlBg5qIboHM+gCI');
    expect(describeKey(ed25519)).toBe('ssh-ed25519 SHA256:/9I88rL0VGwdvztgxzUmBYxeFWfKJlBg5qIboHM+gCI');
  });
});

describe('a proof', () => {
  test('gives every key that it vouches for, once each, sorted by type', () => {
    const twice = parseProof(
      proofLine(ed25519) + proofLine(ecdsa) + proofLine(ed25519) + proofLine(stranger, 'x'),
    );
    expect(provedKeys(token.reveal(), twice)).toEqual([ecdsa, ed25519]);
  });

  test('is read line by line; what is no line of one is left out', () => {
    const text = `banner\n\n${proofLine(ed25519)}ssh-rsa AAAA\nssh-rsa AAAA beef\n${proofLine(ecdsa).trim()} more\n`;
    expect(parseProof(text).map(({ type }) => type)).toEqual(['ssh-ed25519']);
  });

  test('of whatever a stranger may send is read without a fault, and vouches for nothing', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.stringMatching(/^ssh-rsa [A-Za-z0-9+/=]+ [0-9a-f]{60,68}$/),
        ),
        (text) => {
          expect(provedKeys(token.reveal(), parseProof(text))).toEqual([]);
        },
      ),
    );
  });
});

describe('a known_hosts file', () => {
  test('holds the keys of the names in front of them', () => {
    const text = `# comment\ncogni-preview,203.0.113.7 ${ed25519.type} ${ed25519.base64}\nother ${ecdsa.type} ${ecdsa.base64} c\n|1|hash ssh-rsa AAAA\n`;
    expect(parseKnownHosts(text, 'cogni-preview')).toEqual([ed25519]);
    expect(parseKnownHosts(text, 'other')).toEqual([ecdsa]);
    expect(parseKnownHosts(text, 'preview')).toEqual([]);
  });
});
