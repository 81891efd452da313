import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { caddyBinary } from '../../../sandbox/images/caddy';
import { App, freePort } from './app-double';
import { domain, RunningEdge } from './running-edge';

/** Neither Node nor curl of the distribution speaks HTTP/3: a second Caddy is the client that does. */
const http3Client = (listen: number, edge: number): string =>
  JSON.stringify({
    admin: { disabled: true, config: { persist: false } },
    apps: {
      http: {
        servers: {
          client: {
            listen: [`127.0.0.1:${listen}`],
            automatic_https: { disable: true },
            routes: [
              {
                handle: [
                  {
                    handler: 'reverse_proxy',
                    upstreams: [{ dial: `127.0.0.1:${edge}` }],
                    headers: { request: { set: { Host: [domain] } } },
                    transport: {
                      protocol: 'http',
                      versions: ['3'],
                      tls: { server_name: domain, insecure_skip_verify: true },
                    },
                    load_balancing: { try_duration: 5e9 },
                  },
                ],
              },
            ],
          },
        },
      },
    },
  });

describe('HTTP/3', () => {
  it('is spoken by the edge, on the port of HTTPS', async () => {
    const app = new App(await freePort());
    await app.listen();
    const edge = await RunningEdge.start(app.port);
    edge.switchTo('127.0.0.1\n');
    const folder = mkdtempSync(join(tmpdir(), 'cogni-http3-'));
    const config = join(folder, 'caddy.json');
    const port = await freePort();
    writeFileSync(config, http3Client(port, edge.ports.https));
    const stopped = new AbortController();
    let said = '';
    const ending = run(
      {
        argv: [await caddyBinary(silent), 'run', '--config', config],
        env: { HOME: folder },
        deadline: 60_000,
      },
      { signal: stopped.signal, onOutput: (chunk) => (said += chunk) },
    );
    try {
      await edge.until(
        () => said.includes('serving initial configuration'),
        () => said,
      );
      const status = await new Promise((resolve, reject) => {
        http
          .get({ host: '127.0.0.1', port, path: '/by-http3' }, (response) => {
            response.resume();
            resolve(response.statusCode);
          })
          .on('error', reject);
      });
      expect(status).toBe(200);
      expect(await edge.logged('/by-http3')).toMatchObject({ request: { proto: 'HTTP/3.0' } });
    } finally {
      stopped.abort();
      await ending;
      await edge.stop();
      await app.stop();
      rmSync(folder, { recursive: true });
    }
  });
});
