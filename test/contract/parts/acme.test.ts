import { X509Certificate } from 'node:crypto';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../foundation/clock';
import { httpsVia } from '../../../foundation/https';
import { lookupVia } from '../../../foundation/resolve';
import { silent } from '../../../foundation/progress';
import { caddyImage } from '../../../sandbox/images/caddy';
import { acmeDirectory } from '../../../sandbox/parts/acme';
import { putRecord } from '../../../sandbox/parts/dns';
import { partName } from '../../../sandbox/world';
import { buildDeadline, docker, eventually, exec } from '../images/harness';
import { Rig, type Parts } from './rig';

/** Prints the certificates that Caddy has; fails when it has none. */
const certificates = 'cat /data/caddy/certificates/*/*/*.crt';

describe('a Caddy that asks the ACME server of the sandbox', () => {
  const rig = new Rig();
  const { world } = rig;
  let parts: Parts;
  let image: string;

  beforeAll(async () => {
    parts = await rig.up();
    image = (await caddyImage(docker, silent)).reference;
  }, buildDeadline);
  afterAll(() => rig.remove(), 60_000);

  /** An edge as a host runs it: nothing but the ACME directory and the trusted authorities are the sandbox's. */
  async function edge(name: string, address: string): Promise<string> {
    const folder = join(world.folder, 'test', name);
    mkdirSync(join(folder, 'trust'), { recursive: true });
    copyFileSync(parts.authority.bundle, join(folder, 'trust', 'ca-certificates.crt'));
    mkdirSync(join(folder, 'caddy'));
    writeFileSync(
      join(folder, 'caddy', 'Caddyfile'),
      `{\n\tacme_ca ${acmeDirectory}\n}\n${name} {\n\trespond "served by {http.request.host}"\n}\n`,
    );
    const container = partName(world, `edge-${name.split('.')[0]}`);
    await docker.docker([
      'run',
      '--detach',
      `--name=${container}`,
      `--label=${world.label}`,
      `--network=${world.network}`,
      `--ip=${address}`,
      `--dns=${parts.network.parts.dns}`,
      `--volume=${join(folder, 'caddy')}:/etc/caddy:ro`,
      `--volume=${join(folder, 'trust')}:/etc/ssl/certs:ro`,
      image,
    ]);
    return container;
  }

  it('gets no certificate while its name leads elsewhere', async () => {
    putRecord(world, 'theirs.cogni.test', parts.network.parts.hub);
    const container = await edge('theirs.cogni.test', parts.network.hosts.last);
    await eventually(async () => {
      expect((await docker.tryDocker(['logs', container])).stderr).toContain('trying to solve challenge');
    });
    // Where the name is right, the certificate is there a second later (below).
    await systemClock.sleep(5_000);
    expect((await exec(container, 'sh', '-c', certificates)).code).not.toBe(0);
  });

  it('gets one when its name leads to it, and serves whoever trusts the CA of the sandbox', async () => {
    const address = parts.network.hosts.first;
    putRecord(world, 'site.cogni.test', address);
    const container = await edge('site.cogni.test', address);
    const ask = httpsVia({ authorities: [parts.authority.pem], lookup: lookupVia(parts.network.parts.dns) });
    const answer = await eventually(() => ask({ url: 'https://site.cogni.test/', deadline: 3_000 }), 40);
    expect(answer.body.toString()).toBe('served by site.cogni.test');

    const { stdout } = await exec(container, 'sh', '-c', certificates);
    const [leaf, intermediate] = stdout
      .split(/(?<=-----END CERTIFICATE-----\n)/)
      .map((pem) => new X509Certificate(pem));
    expect(leaf?.subjectAltName).toBe('DNS:site.cogni.test');
    expect(leaf?.verify(intermediate!.publicKey)).toBe(true);
    expect(intermediate?.verify(new X509Certificate(parts.authority.pem).publicKey)).toBe(true);
    const days = (Date.parse(leaf!.validTo) - Date.parse(leaf!.validFrom)) / 86_400_000;
    expect(Math.round(days)).toBe(30);
  });
});
