import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { once } from 'node:events';
import type { LookupFunction } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureCertificate, ensureCertificateAuthority } from '../../../sandbox/certificates';
import { worldOf } from '../../../sandbox/world';

/** An HTTPS server on a loopback port for one name, under a certificate authority of its own. */
export interface HttpsDouble {
  /** `https://<name>:<port>` */
  readonly origin: string;
  /** `<name>:<port>` */
  readonly host: string;
  /** The authority's certificate, PEM. */
  readonly authority: string;
  /** Every name is this machine. */
  readonly lookup: LookupFunction;
  stop(): Promise<void>;
}

export async function httpsDouble(name: string, listener: RequestListener): Promise<HttpsDouble> {
  const folder = mkdtempSync(join(tmpdir(), 'https-double-'));
  const world = worldOf(folder);
  const authority = await ensureCertificateAuthority(world);
  const { certificate, key } = await ensureCertificate(world, authority, [name]);
  const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, listener);
  rmSync(folder, { recursive: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const host = `${name}:${address.port}`;
  return {
    origin: `https://${host}`,
    host,
    authority: authority.pem,
    lookup: (_name, options, callback) => {
      if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
      else callback(null, '127.0.0.1', 4);
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
