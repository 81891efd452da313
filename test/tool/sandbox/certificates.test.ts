import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../../foundation/clock';
import { httpsVia } from '../../../foundation/https';
import { run } from '../../../foundation/process';
import {
  ensureCertificate,
  ensureCertificateAuthority,
  type CertificateAuthority,
} from '../../../sandbox/certificates';
import { worldOf, type World } from '../../../sandbox/world';

const day = 24 * 60 * 60 * 1000;
const clockIn = (days: number): Clock => ({
  now: () => new Date(Date.now() + days * day),
  monotonic: () => performance.now(),
  sleep: () => Promise.resolve(),
});
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe('the certificates of a sandbox, made by the real openssl', () => {
  let checkout: string;
  let world: World;
  let authority: CertificateAuthority;

  beforeEach(async () => {
    checkout = mkdtempSync(join(tmpdir(), 'cogni-ca-'));
    world = worldOf(checkout);
    authority = await ensureCertificateAuthority(world);
  });
  afterEach(() => rmSync(checkout, { recursive: true, force: true }));

  const serial = (path: string): string => new X509Certificate(readFileSync(path)).serialNumber;

  it('come from an authority of ten years that is made once', async () => {
    const certificate = new X509Certificate(authority.pem);
    expect(certificate.ca).toBe(true);
    expect(certificate.subject).toBe(`CN=Cogni sandbox ${world.id}`);
    expect(Date.parse(certificate.validTo) - Date.now()).toBeGreaterThan(3600 * day);
    expect((await ensureCertificateAuthority(world)).pem).toBe(authority.pem);
  });

  it('keep every private key to their owner', async () => {
    const { key } = await ensureCertificate(world, authority, ['hub.cogni.test']);
    expect([modeOf(authority.key), modeOf(key)]).toEqual(['600', '600']);
  });

  it('are what openssl verifies against the authority alone, for their names', async () => {
    const { certificate } = await ensureCertificate(world, authority, ['hub.cogni.test', '127.0.0.1']);
    const verify = (...name: string[]): ReturnType<typeof run> =>
      run({
        argv: [
          'openssl',
          'verify',
          '-x509_strict',
          '-purpose',
          'sslserver',
          '-CAfile',
          authority.certificate,
          ...name,
          certificate,
        ],
        deadline: 10_000,
      });
    expect((await verify('-verify_hostname', 'hub.cogni.test')).code).toBe(0);
    expect((await verify('-verify_ip', '127.0.0.1')).code).toBe(0);
    expect((await verify('-verify_hostname', 'ghcr.cogni.test')).code).not.toBe(0);
  });

  it('are served to whoever trusts the bundle, and to nobody else', async () => {
    const files = await ensureCertificate(world, authority, ['hub.cogni.test']);
    const server: Server = createServer(
      { cert: readFileSync(files.certificate), key: readFileSync(files.key) },
      (_, response) => response.end('hello'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `https://hub.cogni.test:${(server.address() as AddressInfo).port}/`;
    const ask = (bundle: string): Promise<string> =>
      httpsVia({
        authorities: [bundle],
        lookup: (_name, options, callback) => {
          if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
          else callback(null, '127.0.0.1', 4);
        },
      })({ url, deadline: 5_000 }).then(({ body }) => body.toString());
    try {
      await expect(ask(readFileSync(authority.bundle, 'utf8'))).resolves.toBe('hello');
      const other = worldOf(join(checkout, 'other'));
      await expect(ask((await ensureCertificateAuthority(other)).pem)).rejects.toThrow(/not trusted/);
    } finally {
      server.close();
    }
  });

  it('are kept while they are good', async () => {
    const { certificate } = await ensureCertificate(world, authority, ['hub.cogni.test']);
    const before = serial(certificate);
    await ensureCertificate(world, authority, ['hub.cogni.test'], { clock: clockIn(59) });
    expect(serial(certificate)).toBe(before);
  });

  it.each<[string, (world: World, authority: CertificateAuthority) => Promise<unknown>]>([
    [
      'it has less than thirty days left',
      (w, a) => ensureCertificate(w, a, ['hub.cogni.test'], { clock: clockIn(61) }),
    ],
    ['other names are wanted', (w, a) => ensureCertificate(w, a, ['hub.cogni.test', '10.1.2.3'])],
    [
      'the authority is another',
      async (w) => {
        rmSync(join(w.folder, 'ca', 'root.key'));
        return ensureCertificate(w, await ensureCertificateAuthority(w), ['hub.cogni.test']);
      },
    ],
    [
      'its key is of another certificate, as after a run that was killed',
      async (w, a) => {
        const other = await ensureCertificate(w, a, ['ghcr.cogni.test']);
        writeFileSync(join(w.folder, 'certificates', 'hub.cogni.test', 'key.pem'), readFileSync(other.key));
        return ensureCertificate(w, a, ['hub.cogni.test']);
      },
    ],
    [
      'it is damaged',
      (w, a) => {
        writeFileSync(join(w.folder, 'certificates', 'hub.cogni.test', 'certificate.pem'), 'x');
        return ensureCertificate(w, a, ['hub.cogni.test']);
      },
    ],
  ])('are made again when %s', async (_, again) => {
    const { certificate } = await ensureCertificate(world, authority, ['hub.cogni.test']);
    const before = serial(certificate);
    await again(world, authority);
    expect(serial(certificate)).not.toBe(before);
    const root = new X509Certificate(readFileSync(authority.certificate));
    expect(new X509Certificate(readFileSync(certificate)).verify(root.publicKey)).toBe(true);
  });

  it('follow a new authority when the old one has less than a year left', async () => {
    const later = await ensureCertificateAuthority(world, { clock: clockIn(3300) });
    expect(later.pem).not.toBe(authority.pem);
  });

  it('are made once when two ask at the same time', async () => {
    const [one, two] = await Promise.all([
      ensureCertificate(world, authority, ['hub.cogni.test']),
      ensureCertificate(world, authority, ['hub.cogni.test']),
    ]);
    expect(one).toEqual(two);
    const pair = new X509Certificate(readFileSync(one.certificate));
    expect(pair.subjectAltName).toBe('DNS:hub.cogni.test');
    expect(readFileSync(authority.bundle, 'utf8').trimEnd().endsWith(authority.pem.trim())).toBe(true);
  });

  it("come with a bundle that holds the machine's own authorities as well", async () => {
    const system = join(checkout, 'system.pem');
    const other = await ensureCertificateAuthority(worldOf(join(checkout, 'other')));
    writeFileSync(system, other.pem);
    const { bundle } = await ensureCertificateAuthority(world, { systemBundle: system });
    expect(readFileSync(bundle, 'utf8')).toBe(`${other.pem}${authority.pem}`);
  });
});
