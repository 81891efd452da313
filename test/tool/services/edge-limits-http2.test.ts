import http2 from 'node:http2';
import type { RequestListener } from 'node:http';
import { App, freePort } from './app-double';
import { domain, edgeProps, RunningEdge, shorter } from './running-edge';

/** What a client saw: the status, if there was one, and whether the stream or all of the connection came to its end. */
interface Seen {
  readonly status?: number | undefined;
  readonly body: string;
  readonly ended: 'stream' | 'connection';
}

describe('the limits of the edge over HTTP/2', () => {
  let app: App;
  let edge: RunningEdge;

  const countBody: RequestListener = (request, response) => {
    let size = 0;
    request.on('data', (chunk: Buffer) => (size += chunk.length));
    request.on('error', () => undefined);
    request.on('end', () => response.end(String(size)));
  };

  beforeAll(async () => {
    app = new App(await freePort());
    app.answer = countBody;
    edge = await RunningEdge.start(app.port, edgeProps, [
      shorter('read_timeout', 300, 1.5),
      shorter('read_idle_timeout', 30, 0.6),
      shorter('write_timeout', 3600, 2.4),
      shorter('idle_timeout', 120, 1),
      shorter('try_duration', 5, 0.3),
    ]);
    await app.listen();
    edge.switchTo('127.0.0.1\n');
  });
  afterAll(async () => {
    await app.stop();
    await edge.stop();
  });
  beforeEach(() => {
    app.seen.length = 0;
  });

  /** @param drive writes the body; what it leaves open stays open */
  const ask = (
    headers: http2.OutgoingHttpHeaders,
    drive: (stream: http2.ClientHttp2Stream) => void = (stream) => stream.end(),
  ): Promise<Seen> =>
    new Promise((resolve, reject) => {
      const session = http2.connect(`https://127.0.0.1:${edge.ports.https}`, {
        servername: domain,
        rejectUnauthorized: false,
      });
      let status: number | undefined;
      let body = '';
      const deadline = setTimeout(() => {
        session.destroy();
        reject(new Error(`still open; seen: ${status ?? 'no status'} ${body}`));
      }, 8_000);
      const end = (ended: Seen['ended']): void => {
        clearTimeout(deadline);
        session.destroy();
        resolve({ status, body, ended });
      };
      session.on('error', () => undefined);
      session.on('goaway', () => end('connection'));
      session.on('close', () => end('connection'));
      const stream = session.request({ ':path': '/', ':authority': domain, ...headers });
      stream.on('response', (answered) => (status = answered[':status']));
      stream.on('data', (chunk: Buffer) => (body += chunk.toString()));
      stream.on('error', () => undefined);
      stream.on('close', () => end('stream'));
      drive(stream);
    });

  it.each([
    ['10 MiB', '/', 10 * 1024 * 1024],
    ['64 KiB where nobody signs in', '/api/v1/public/x', 64 * 1024],
  ])('let a request have %s, and not a byte more', async (_, path, size) => {
    const post = { ':method': 'POST', ':path': path };
    expect(await ask(post, (stream) => stream.end(Buffer.alloc(size)))).toMatchObject({
      status: 200,
      body: String(size),
    });
    await ask({ ...post, ':path': `${path}?more` }, (stream) => stream.end(Buffer.alloc(size + 1)));
    expect(await edge.logged(`${path}?-`)).toMatchObject({ status: 413, request: { proto: 'HTTP/2.0' } });
  });

  it('end the connection of headers that are too large', async () => {
    expect(await ask({ 'x-large': 'x'.repeat(10_000) })).toMatchObject({ status: 200 });
    expect(await ask({ 'x-large': 'x'.repeat(60_000) })).toMatchObject({ body: '', ended: 'connection' });
    expect(app.seen).toHaveLength(1);
  });

  it('end an upload that stands still', async () => {
    const { status = 499 } = await ask({ ':method': 'POST' }, (stream) => stream.write('x'));
    expect([499, 502, 504]).toContain(status);
  });

  it('end an upload that never stands still and never ends', async () => {
    const { status = 499 } = await ask({ ':method': 'POST' }, (stream) => {
      const writing = setInterval(() => stream.writable && stream.write('x'), 200);
      stream.on('close', () => clearInterval(writing));
    });
    expect([499, 502, 504]).toContain(status);
  });

  it('end a stream that goes on for longer than an answer may take', async () => {
    app.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const timer = setInterval(() => response.write('data: more\n\n'), 100);
      response.on('close', () => clearInterval(timer));
    };
    const { status, body } = await ask({});
    app.answer = countBody;
    expect(status).toBe(200);
    expect(body).toContain('data: more');
  });
});
