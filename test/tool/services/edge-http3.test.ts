import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { caddyBinary } from '../../../sandbox/images/caddy';
import { App, freePort } from './app-double';
import { domain, edgeProps, RunningEdge, shorter } from './running-edge';

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

describe('the edge over HTTP/3', () => {
  let app: App;
  let edge: RunningEdge;
  let port: number;
  let stopClient: () => Promise<unknown>;

  beforeAll(async () => {
    app = new App(await freePort());
    app.answer = (request, response) => {
      let size = 0;
      request.on('data', (chunk: Buffer) => (size += chunk.length));
      request.on('error', () => undefined);
      request.on('end', () => response.end(String(size)));
    };
    await app.listen();
    edge = await RunningEdge.start(app.port, edgeProps, [shorter('read_idle_timeout', 30, 1)]);
    edge.switchTo('127.0.0.1\n');
    port = await freePort();
    stopClient = await startClient(port);
  });
  afterAll(async () => {
    await stopClient();
    await edge.stop();
    await app.stop();
  });
  beforeEach(() => {
    app.seen.length = 0;
  });

  /** A second Caddy that asks the edge for whatever it is asked. */
  async function startClient(listen: number): Promise<() => Promise<unknown>> {
    const folder = mkdtempSync(join(tmpdir(), 'cogni-http3-'));
    const config = join(folder, 'caddy.json');
    writeFileSync(config, http3Client(listen, edge.ports.https));
    const stopped = new AbortController();
    let said = '';
    const ending = run(
      {
        argv: [await caddyBinary(silent), 'run', '--config', config],
        env: { HOME: folder },
        deadline: 110_000,
      },
      { signal: stopped.signal, onOutput: (chunk) => (said += chunk) },
    );
    const stop = async (): Promise<void> => {
      stopped.abort();
      await ending;
      rmSync(folder, { recursive: true });
    };
    try {
      await edge.until(
        () => said.includes('serving initial configuration'),
        () => said,
      );
    } catch (notServing) {
      await stop();
      throw notServing;
    }
    return stop;
  }

  /** What the client passes on of the edge's answer; 502 where that ended the request without one. */
  const ask = (path: string, headers: http.OutgoingHttpHeaders = {}, body?: Buffer): Promise<number> =>
    new Promise((resolve, reject) => {
      const method = body === undefined ? 'GET' : 'POST';
      const request = http.request({ host: '127.0.0.1', port, path, method, headers, agent: false });
      request.setTimeout(20_000, () => request.destroy(new Error(`no answer to ${path} within 20 s`)));
      request.on('error', reject);
      request.on('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      request.end(body);
    });

  it('is spoken, on the port of HTTPS', async () => {
    expect(await ask('/by-http3')).toBe(200);
    expect(await edge.logged('/by-http3')).toMatchObject({ request: { proto: 'HTTP/3.0' } });
  });

  it.each([
    ['10 MiB', '/', 10 * 1024 * 1024],
    ['64 KiB where nobody signs in', '/api/v1/public/x', 64 * 1024],
  ])('lets a request have %s, and not a byte more, its length said or not', async (_, path, size) => {
    const chunked = { 'transfer-encoding': 'chunked' };
    expect(await ask(path, {}, Buffer.alloc(size))).toBe(200);
    expect(await ask(path, chunked, Buffer.alloc(size))).toBe(200);
    for (const [name, headers] of Object.entries({ said: {}, unsaid: chunked })) {
      // The edge may answer before all is sent, which the client takes for an end without an answer.
      await ask(`${path}?${name}`, headers, Buffer.alloc(size + 1)).catch(() => undefined);
    }
    const refused = (): number =>
      edge
        .output()
        .split('\n')
        .filter((line) => line.includes(`"uri":"${path}?-"`) && line.includes('"status":413')).length;
    await edge.until(
      () => refused() === 2,
      () => edge.output(),
    );
    expect(await edge.logged(`${path}?-`)).toMatchObject({ status: 413, request: { proto: 'HTTP/3.0' } });
  });

  it('ends an upload that stands still', async () => {
    const request = http.request({ host: '127.0.0.1', port, path: '/stalled', method: 'POST', agent: false });
    request.on('error', () => undefined);
    request.write('x');
    const { status, request: seen } = await edge.logged('/stalled');
    request.destroy();
    expect(seen).toMatchObject({ proto: 'HTTP/3.0' });
    expect([499, 502, 504]).toContain(status);
  });

  it('answers no headers that are too large', async () => {
    expect(await ask('/', { 'x-large': 'x'.repeat(10_000) })).toBe(200);
    expect(await ask('/', { 'x-large': 'x'.repeat(60_000) })).toBeGreaterThanOrEqual(400);
    expect(app.seen).toHaveLength(1);
  });

  it.each(['/api/metrics', '//api/metrics', '//x/api/metrics', '/x/../api/metrics', '/%61pi/metrics'])(
    'shows nobody %s',
    async (path) => {
      expect([400, 404]).toContain(await ask(path));
      expect(app.seen).toEqual([]);
    },
  );
});
