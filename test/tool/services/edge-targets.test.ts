import http2 from 'node:http2';
import { connect } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { App, freePort } from './app-double';
import { domain, edgeProps, RunningEdge, shorter } from './running-edge';

/** What came back, and what stood in `Location`. */
interface Got {
  readonly status: number;
  readonly location?: string | undefined;
}

/** Clients that send a target as it is given to them, which those of Node and of browsers do not. */
const clients = {
  'HTTP/1.1': (edge: RunningEdge, target: string, method: string, host: string) =>
    overHttp1(connect(edge.ports.http, '127.0.0.1'), target, method, host),
  'HTTP/1.1 over TLS': (edge: RunningEdge, target: string, method: string, host: string) =>
    overHttp1(
      connectSecurely({
        port: edge.ports.https,
        host: '127.0.0.1',
        servername: domain,
        rejectUnauthorized: false,
      }),
      target,
      method,
      host,
    ),
  'HTTP/2': overHttp2,
} as const;

function overHttp1(
  socket: ReturnType<typeof connect>,
  target: string,
  method: string,
  host: string,
): Promise<Got> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.setTimeout(20_000, () => socket.destroy(new Error(`no answer to ${target} within 20 s`)));
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () =>
      resolve({
        status: Number(/^HTTP\/1.1 (\d{3})/.exec(text)?.[1]),
        location: /^location: (.*)\r$/im.exec(text)?.[1],
      }),
    );
    socket.write(
      `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    );
  });
}

function overHttp2(edge: RunningEdge, target: string, method: string, host: string): Promise<Got> {
  return new Promise((resolve, reject) => {
    const session = http2.connect(`https://127.0.0.1:${edge.ports.https}`, {
      servername: domain,
      rejectUnauthorized: false,
    });
    const end = (got: Got): void => {
      session.destroy();
      resolve(got);
    };
    session.on('error', reject);
    const stream = session.request({ ':method': method, ':path': target, ':authority': host });
    stream.setTimeout(20_000, () => reject(new Error(`no answer to ${target} within 20 s`)));
    stream.on('response', (headers) =>
      end({ status: headers[':status'] ?? 0, location: headers['location'] }),
    );
    // What is no target to the protocol is refused by it, before there is a request.
    stream.on('error', () => end({ status: 0 }));
    stream.resume().end();
  });
}

describe.each(Object.keys(clients) as (keyof typeof clients)[])('what is asked for by %s', (name) => {
  let app: App;
  let edge: RunningEdge;
  const ask = (target: string, method = 'GET', host = domain): Promise<Got> =>
    clients[name](edge, target, method, host);

  beforeAll(async () => {
    app = new App(await freePort());
    edge = await RunningEdge.start(app.port, edgeProps, [shorter('try_duration', 5, 0.1)]);
    await app.listen();
  });
  afterAll(async () => {
    await app.stop();
    await edge.stop();
  });
  beforeEach(() => {
    app.seen.length = 0;
    edge.switchTo('127.0.0.1\n');
  });

  it.each([
    '//api/metrics',
    '//x/api/metrics',
    '///x/api/metrics',
    '//x/../api/metrics',
    '//x/api/v1/public/notes',
    '//x/livez',
    'x:http://x/api/metrics',
    'http:api/metrics',
    'x:@evil.test/',
    '*',
  ])('is refused where one reads another path from it than the next: %s', async (target) => {
    const { status } = await ask(target);
    // HTTP/2 itself takes nothing that does not begin with a slash.
    expect(name === 'HTTP/2' && !target.startsWith('/') ? [0, 400] : [400]).toContain(status);
    expect(app.seen).toHaveLength(0);
  });

  it('may be none for a question about the server: Go answers it before any route', async () => {
    expect(await ask('*', 'OPTIONS')).toMatchObject({ status: 200 });
    expect(app.seen).toHaveLength(0);
  });

  it.each([
    '/\\x/api/metrics',
    '/%2fx/api/metrics',
    '/%5cx/api/metrics',
    '/api\\metrics',
    '/.//x/api/metrics',
    '/x/..//api/metrics',
    '/api/metrics/.',
    '/./api/./metrics',
    '/api/metrics%2f',
    'x:/api/metrics',
  ])('leads nobody to the path that is closed: %s', async (target) => {
    await ask(target);
    for (const { url = '' } of app.seen)
      expect(new URL(url, 'http://localhost').pathname).not.toMatch(/^\/+api\/+metrics(?:\/|$)/i);
  });

  it.each(['/', '/a//b', '/a//', '/a?x=//y', '/?//y', '/a:b', '/a@b', '/*'])(
    'is passed on as it is where there is but one way to read it: %s',
    async (target) => {
      expect(await ask(target)).toMatchObject({ status: 200 });
      expect(app.seen.map(({ url }) => url)).toEqual([target]);
    },
  );

  it('leads www nowhere but to the site', async () => {
    for (const target of ['x:@evil.test/', '//evil.test/', '///evil.test/', '@evil.test/', '.evil.test/']) {
      expect(await ask(target, 'GET', `www.${domain}`)).not.toHaveProperty('location', expect.any(String));
    }
    expect((await ask('/a?b=//c', 'GET', `www.${domain}`)).location).toMatch(
      new RegExp(`^https?://${domain}/a\\?b=//c$`),
    );
  });

  it('leads nobody from plain HTTP to another site either', async () => {
    edge.addCertificate(domain);
    expect(await clients['HTTP/1.1'](edge, 'x:@evil.test/', 'GET', domain)).toEqual({ status: 400 });
    edge.removeCertificates();
  });

  it('may be the whole address of the site, as for a proxy', async () => {
    if (name === 'HTTP/2') return;
    expect(await ask(`http://${domain}/ok`)).toMatchObject({ status: 200 });
    expect((await ask(`http://${domain}/api/metrics`)).status).toBe(404);
    expect((await ask(`http://${domain}//x/api/metrics`)).status).toBe(400);
    expect((await ask(`http://other.test/`)).status).toBe(503);
  });
});
