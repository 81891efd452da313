import { once } from 'node:events';
import http2 from 'node:http2';
import { edgePages } from '../../../services';
import { sourcecredProbe } from '../../unit/services/edge/probe-services';
import { App, freePort } from './app-double';
import { domain, edgeProps, RunningEdge } from './running-edge';

describe('the edge during maintenance', () => {
  let app: App;
  let edge: RunningEdge;

  beforeAll(async () => {
    app = new App(await freePort());
    edge = await RunningEdge.start(app.port, { ...edgeProps, sourcecred: sourcecredProbe() });
    await app.listen();
  });
  afterAll(async () => {
    await app.stop();
    await edge.stop();
  });
  beforeEach(() => {
    app.seen.length = 0;
    edge.removeCertificates();
    edge.switchTo('127.0.0.1\n');
    edge.maintenance(true);
  });

  const page = { status: 503, body: edgePages.maintenance };

  it.each([
    ['GET', '/', {}],
    ['GET', '/any/path?x=1', {}],
    ['POST', '/api/orders', { body: 'x'.repeat(100_000) }],
    ['PUT', '/api/v1/public/x', { body: 'x' }],
    ['GET', '/sourcecred/', {}],
    ['GET', '/sourcecred', {}],
    ['GET', '/readyz/x', {}],
  ])(
    'answers %s %s with the page, 503 and when to come back, and the application hears nothing',
    async (method, path, more) => {
      for (const answer of [
        await edge.https(path, { method, ...more }),
        await edge.http(path, { method, ...more }),
      ]) {
        expect(answer).toMatchObject(page);
        expect(answer.headers).toMatchObject({
          'retry-after': '30',
          'cache-control': 'no-store',
          'content-type': 'text/plain; charset=utf-8',
          'x-content-type-options': 'nosniff',
        });
      }
      expect(app.seen).toHaveLength(0);
    },
  );

  it.each(['/livez', '/readyz', '/version', '/version?x'])('lets the application answer %s', async (path) => {
    expect(await edge.https(path)).toMatchObject({ status: 200, body: `the app answers ${path}` });
  });

  it('keeps what is closed closed', async () => {
    expect(await edge.https('/api/metrics')).toMatchObject({ status: 404, body: '' });
  });

  it('is not seen behind a file with another name, nor once the file is gone: no reload is needed', async () => {
    expect(await edge.https('/')).toMatchObject(page);
    edge.maintenance(false);
    expect(await edge.https('/')).toMatchObject({ status: 200, body: 'the app answers /' });
    edge.maintenance(true);
    expect(await edge.https('/')).toMatchObject(page);
  });

  it('answers the page before the first deploy as well, and the checks that there is no release', async () => {
    edge.switchTo('none\n');
    expect(await edge.https('/')).toMatchObject(page);
    expect(await edge.https('/readyz')).toMatchObject({ status: 503, body: edgePages.noRelease });
  });

  it('still redirects plain HTTP once there is a certificate', async () => {
    edge.addCertificate(domain);
    expect((await edge.http('/a')).status).toBe(308);
  });

  it('begins and ends within one connection of HTTP/2, whose other requests go on', async () => {
    const client = http2.connect(`https://127.0.0.1:${edge.ports.https}`, {
      servername: domain,
      rejectUnauthorized: false,
    });
    const ask = async (path: string, method = 'GET', body?: string): Promise<[number, string]> => {
      const stream = client.request({ ':path': path, ':method': method, ':authority': domain });
      let text = '';
      stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      let status = 0;
      stream.on('response', (headers) => (status = headers[':status'] ?? 0));
      stream.end(body);
      await once(stream, 'close');
      return [status, text];
    };
    try {
      expect(await ask('/')).toEqual([503, edgePages.maintenance]);
      expect(await ask('/api/orders', 'POST', 'x'.repeat(200_000))).toEqual([503, edgePages.maintenance]);
      expect(await ask('/readyz')).toEqual([200, 'the app answers /readyz']);
      edge.maintenance(false);
      expect(await ask('/api/orders', 'POST', 'x')).toEqual([200, 'the app answers /api/orders']);
    } finally {
      client.close();
    }
  });
});
