import fc from 'fast-check';
import { Failure } from '../../../foundation/failure';
import {
  certificateRequest,
  ensureCertificate,
  isDnsName,
  joinBundles,
  type CertificateAuthority,
} from '../../../sandbox/certificates';
import { worldOf } from '../../../sandbox/world';

const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,20}[a-z0-9])?$/);

describe('the names of a certificate', () => {
  it.each(['hub.cogni.test', '*.cogni.test', 'a-b.test', 'xn--bcher-kva.test'])('%s is a DNS name', (name) =>
    expect(isDnsName(name)).toBe(true),
  );

  it.each([
    '',
    'localhost',
    'a..test',
    '-a.test',
    'a-.test',
    'a.*.test',
    'a_b.test',
    'A.test',
    'a.test\nCA = true',
  ])('%j is none', (name) => expect(isDnsName(name)).toBe(false));

  it('are all refused at once when they are neither DNS names nor addresses, before openssl runs', async () => {
    const authority: CertificateAuthority = { certificate: '', key: '', bundle: '', pem: '' };
    const asked = ensureCertificate(worldOf('/x'), authority, ['hub.cogni.test', 'not a name', '300.1.1.1.']);
    await expect(asked).rejects.toThrow(Failure);
    await expect(asked).rejects.toMatchObject({ faults: ['"not a name"', '"300.1.1.1."'] });
  });

  it('stand in the request one a line, DNS names and addresses apart', () => {
    expect(certificateRequest(['hub.cogni.test', '127.0.0.1', '::1'])).toContain(
      ['[names]', 'DNS.1 = hub.cogni.test', 'IP.2 = 127.0.0.1', 'IP.3 = ::1', ''].join('\n'),
    );
  });

  it('never leave their own line of the request', () => {
    fc.assert(
      fc.property(fc.array(label, { minLength: 2, maxLength: 4 }), (labels) => {
        const name = labels.join('.');
        expect(isDnsName(name)).toBe(true);
        const lines = certificateRequest([name]).split('\n');
        expect(lines.filter((line) => line.includes(name))).toHaveLength(name.length > 64 ? 1 : 2);
      }),
    );
  });
});

describe('the bundle for SSL_CERT_FILE', () => {
  const ours = '-----BEGIN CERTIFICATE-----\nours\n-----END CERTIFICATE-----\n';
  const theirs = '-----BEGIN CERTIFICATE-----\ntheirs\n-----END CERTIFICATE-----\n';

  it("holds the machine's authorities and ours, ours last", () => {
    expect(joinBundles(theirs, ours)).toBe(`${theirs}${ours}`);
  });

  it('holds ours once, also when it is made from itself', () => {
    expect(joinBundles(joinBundles(theirs, ours), ours)).toBe(`${theirs}${ours}`);
  });
});
