import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import { App, freePort } from './app-double';
import { domain, edgeProps, RunningEdge, shorter } from './running-edge';

/** The limits are those of production; the times are as short as a test can tell them apart. */
const shortTimes = [
  shorter('read_header_timeout', 10, 0.6),
  shorter('read_timeout', 300, 1.5),
  shorter('read_idle_timeout', 30, 0.6),
  shorter('write_timeout', 3600, 2.4),
  shorter('write_idle_timeout', 60, 0.6),
  shorter('idle_timeout', 120, 1),
  shorter('response_header_timeout', 10, 0.6),
  // As in production: shorter than that, so that nothing is asked twice because it is slow.
  shorter('try_duration', 5, 0.3),
];

describe('the limits of the edge', () => {
  let app: App;
  let edge: RunningEdge;
  let ordinary: RequestListener;

  beforeAll(async () => {
    app = new App(await freePort());
    ordinary = app.answer;
    edge = await RunningEdge.start(app.port, edgeProps, shortTimes);
    await app.listen();
    edge.switchTo('127.0.0.1\n');
  });
  afterAll(async () => {
    await app.stop();
    await edge.stop();
  });
  beforeEach(() => {
    app.answer = ordinary;
    app.seen.length = 0;
  });

  /** Writes pieces, each after a pause; resolves with what came until the edge answered, or closed the connection. */
  const talk = (
    pieces: readonly string[],
    { pause = 0, until = 'close' }: { readonly pause?: number; readonly until?: 'close' | 'answer' } = {},
  ): Promise<{ readonly text: string; readonly after: number }> =>
    new Promise((resolve, reject) => {
      const started = performance.now();
      const socket = connect(edge.ports.http, '127.0.0.1');
      const left = [...pieces];
      const writing = setInterval(() => {
        const piece = left.shift();
        if (piece !== undefined && socket.writable) socket.write(piece);
      }, pause);
      const deadline = setTimeout(() => socket.destroy(new Error(`still open; it answered: ${text}`)), 8_000);
      let text = '';
      const end = (): void => {
        clearInterval(writing);
        clearTimeout(deadline);
        resolve({ text, after: performance.now() - started });
        socket.destroy();
      };
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
        if (until === 'answer') end();
      });
      // A connection that was reset is closed as well.
      socket.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === undefined) reject(error);
      });
      socket.on('close', end);
    });

  const countBody: RequestListener = (request, response) => {
    let size = 0;
    request.on('data', (chunk: Buffer) => (size += chunk.length));
    request.on('error', () => undefined);
    request.on('end', () => response.end(String(size)));
  };

  describe('of size', () => {
    it.each([
      ['10 MiB', '/', 10 * 1024 * 1024],
      ['64 KiB where nobody signs in', '/api/v1/public/x', 64 * 1024],
    ])('let a request have %s, and not a byte more', async (_, path, size) => {
      app.answer = countBody;
      expect(await edge.https(path, { method: 'POST', body: randomBytes(size) })).toMatchObject({
        status: 200,
        body: String(size),
      });
      // The connection is closed while the client still writes: its system may then hide the answer from it.
      const body = randomBytes(size + 1);
      await edge.https(`${path}?more`, { method: 'POST', body }).catch(() => undefined);
      expect(await edge.logged(`${path}?-`)).toMatchObject({ status: 413 });
      expect(app.seen).toHaveLength(1);
    });

    it('count a body whose size nobody said beforehand', async () => {
      app.answer = countBody;
      const headers = { 'transfer-encoding': 'chunked' };
      const body = randomBytes(64 * 1024 + 1);
      await edge.https('/api/v1/public/chunked', { method: 'POST', headers, body }).catch(() => undefined);
      expect(await edge.logged('/api/v1/public/chunked')).toMatchObject({ status: 413 });
    });

    it('say of what is too large that it is, with the headers of every answer', async () => {
      const headers = { 'content-length': String(64 * 1024 + 1) };
      const {
        status,
        headers: answered,
        body,
      } = await edge.http('/api/v1/public/x', { method: 'POST', headers });
      expect({ status, body }).toEqual({ status: 413, body: '413 Request Entity Too Large' });
      expect(answered).toMatchObject({ 'x-content-type-options': 'nosniff' });
      expect(answered).not.toHaveProperty('server');
    });

    it('are 32 KiB for all headers together', async () => {
      expect((await edge.https('/', { headers: { 'x-large': 'x'.repeat(60_000) } })).status).toBe(431);
      expect((await edge.https('/', { headers: { 'x-large': 'x'.repeat(10_000) } })).status).toBe(200);
    });
  });

  describe('of time', () => {
    it('end a connection whose client does not finish its headers', async () => {
      const { text, after } = await talk(
        [`GET / HTTP/1.1\r\nHost: ${domain}\r\n`, 'X-A: 1\r\n', 'X-B: 2\r\n'],
        { pause: 250 },
      );
      expect(text).toBe('');
      expect(after).toBeGreaterThan(500);
      expect(after).toBeLessThan(2_500);
      expect(app.seen).toHaveLength(0);
    });

    // What Caddy makes of an upload that it ends depends on which side of it sees the end first: the client's has gone
    // (499), or the application's has waited too long (504).
    const ended = /^HTTP\/1.1 (?:499|504) /;
    const head = `POST / HTTP/1.1\r\nHost: ${domain}\r\nContent-Length: 1000\r\n\r\n`;

    it('end an upload that stands still', async () => {
      app.answer = countBody;
      const { text, after } = await talk([head, 'x'], { pause: 20, until: 'answer' });
      expect(text).toMatch(ended);
      expect(after).toBeGreaterThan(500);
      expect(after).toBeLessThan(1_400);
    });

    it('end an upload that never stands still and never ends', async () => {
      app.answer = countBody;
      const drops = Array.from({ length: 60 }, () => 'x');
      const { text, after } = await talk([head, ...drops], { pause: 200, until: 'answer' });
      expect(text).toMatch(ended);
      expect(after).toBeGreaterThan(1_400);
      expect(after).toBeLessThan(3_000);
    });

    it('do not end an answer that begins after the time for an upload, nor a stream that pauses', async () => {
      app.answer = (request, response) => {
        if (request.url === '/stream') response.write('data: first\n\n');
        setTimeout(() => response.end('at last'), 1_800);
      };
      const asks = [edge.http('/'), edge.http('/stream'), edge.https('/stream')];
      const bodies = (await Promise.all(asks)).map(({ body }) => body);
      expect(bodies).toEqual(['at last', 'data: first\n\nat last', 'data: first\n\nat last']);
    });

    it('do not end a WebSocket', async () => {
      app.answer = (request, response) => {
        response.writeHead(101, { connection: 'Upgrade', upgrade: 'websocket' }).flushHeaders();
        setTimeout(() => request.socket.end('a late message'), 2_700);
      };
      const upgrade =
        'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==';
      const { text } = await talk([
        `GET / HTTP/1.1\r\nHost: ${domain}\r\n${upgrade}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
      ]);
      expect(text).toMatch(/^HTTP\/1.1 101 [^]*a late message$/);
    });

    it('end a stream that goes on for longer than an answer may take', async () => {
      app.answer = (request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const timer = setInterval(() => response.write('data: more\n\n'), 100);
        request.on('close', () => clearInterval(timer));
      };
      const { text, after } = await talk([`GET / HTTP/1.1\r\nHost: ${domain}\r\n\r\n`]);
      expect(text).toContain('data: more');
      expect(after).toBeGreaterThan(2_000);
      expect(after).toBeLessThan(5_000);
    });

    it('end an answer that the client does not take', async () => {
      let closed: number | undefined;
      const started = performance.now();
      app.answer = (_, response) => {
        response.on('close', () => (closed = performance.now() - started));
        response.on('error', () => undefined);
        response.end(Buffer.alloc(64 * 1024 * 1024));
      };
      const client = connect(edge.ports.http, '127.0.0.1');
      client.on('error', () => undefined);
      client.pause();
      client.write(`GET / HTTP/1.1\r\nHost: ${domain}\r\n\r\n`);
      await edge.until(
        () => closed !== undefined,
        () => edge.output(),
      );
      client.destroy();
      expect(closed).toBeLessThan(2_500);
    });

    it('end a connection on which nothing is asked any more', async () => {
      const { text, after } = await talk([`GET / HTTP/1.1\r\nHost: ${domain}\r\n\r\n`]);
      expect(text).toContain('200 OK');
      expect(after).toBeGreaterThan(800);
      expect(after).toBeLessThan(2_500);
    });

    it('are seconds for the first byte where nobody signs in, and only there', async () => {
      app.answer = (_, response) => setTimeout(() => response.end('late'), 1_000);
      expect(await edge.https('/api/v1/public/slow')).toMatchObject({ status: 504 });
      expect(app.seen).toHaveLength(1);
      expect(await edge.https('/api/v1/publicity')).toMatchObject({ status: 200, body: 'late' });
    });
  });
});
