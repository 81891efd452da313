import { edgePages } from '../../../services';
import { sourcecredProbe } from '../../unit/services/edge/probe-services';
import { App, freePort } from './app-double';
import { domain, edgeProps, RunningEdge, shorter } from './running-edge';

describe('the routes of the edge', () => {
  let app: App;
  let sourcecred: App;
  let edge: RunningEdge;

  beforeAll(async () => {
    app = new App(await freePort());
    sourcecred = new App(await freePort());
    sourcecred.answer = (request, response) => response.end(`sourcecred answers ${request.url ?? ''}`);
    const props = {
      ...edgeProps,
      sourcecred: sourcecredProbe(),
      trustedProxies: ['127.0.0.1/32', '192.0.2.0/24'],
      headers: { 'X-Frame-Options': 'DENY', 'X-Quoted': 'a "quoted" # `value' },
    };
    edge = await RunningEdge.start(app.port, props, [
      ['"sourcecred:6006"', `"127.0.0.1:${sourcecred.port}"`],
      shorter('try_duration', 5, 0.1),
    ]);
    await app.listen();
    await sourcecred.listen();
  });
  afterAll(async () => {
    await app.stop();
    await sourcecred.stop();
    await edge.stop();
  });
  beforeEach(() => {
    app.seen.length = 0;
    sourcecred.seen.length = 0;
    edge.switchTo('127.0.0.1\n');
  });

  describe('to SourceCred', () => {
    it.each(['/sourcecred', '/SourceCred'])('lead from %s to its folder', async (path) => {
      expect(await edge.https(path)).toMatchObject({ status: 308, headers: { location: '/sourcecred/' } });
    });

    it.each([
      ['/sourcecred/', '/'],
      ['/sourcecred/output/x.json?a=b', '/output/x.json?a=b'],
      ['/SourceCred/x', '/x'],
    ])('pass %s on as %s', async (path, passed) => {
      expect(await edge.https(path)).toMatchObject({ status: 200, body: `sourcecred answers ${passed}` });
      expect(app.seen).toHaveLength(0);
    });

    it.each(['/sourcecred-x', '/sourcecreds/', '/x/sourcecred/'])(
      'leave %s to the application',
      async (path) => {
        expect(await edge.https(path)).toMatchObject({ status: 200, body: `the app answers ${path}` });
        expect(sourcecred.seen).toHaveLength(0);
      },
    );

    it.each(['/sourcecred/../api/metrics', '/sourcecred/%2e%2e/api/metrics', '/sourcecred/..%2fapi/metrics'])(
      'are no way around what is closed: %s',
      async (path) => {
        expect((await edge.https(path)).status).toBe(404);
        expect(app.seen).toHaveLength(0);
      },
    );

    it('are there before the application is', async () => {
      edge.switchTo('none\n');
      expect((await edge.https('/sourcecred/')).status).toBe(200);
      expect((await edge.https('/')).status).toBe(503);
    });

    it('end in the page that nothing answers while it is gone, and the application answers on', async () => {
      await sourcecred.stop();
      expect(await edge.https('/sourcecred/')).toMatchObject({ status: 502, body: edgePages.notAnswering });
      expect((await edge.https('/')).status).toBe(200);
      await sourcecred.listen();
    });
  });

  it('lead nobody to the administration of Caddy', async () => {
    for (const path of [
      '/config/',
      '/load',
      '/stop',
      '/reverse_proxy/upstreams',
      '/metrics',
      '/debug/pprof/',
    ]) {
      expect((await edge.https(path)).body).toBe(`the app answers ${path}`);
    }
  });

  describe('behind proxies that are trusted', () => {
    it('tell the application the client that the proxy names, and the log as well', async () => {
      await edge.https('/proxied', {
        headers: { 'x-forwarded-for': '198.51.100.7', 'x-real-ip': '6.6.6.6' },
      });
      expect(app.seen[0]?.headers).toMatchObject({
        'x-real-ip': '198.51.100.7',
        'x-forwarded-for': '198.51.100.7, 127.0.0.1',
      });
      expect(await edge.logged('/proxied')).toMatchObject({
        request: { client_ip: '198.51.100.7', remote_ip: '127.0.0.1' },
      });
    });

    it('believe nothing that the client itself wrote in front', async () => {
      const chain = '6.6.6.6, 198.51.100.7, 192.0.2.9';
      await edge.https('/api/v1/public/x', { headers: { 'x-forwarded-for': chain } });
      expect(app.seen[0]?.headers['x-real-ip']).toBe('198.51.100.7');
    });
  });

  it('add the headers that the environment has chosen, whatever stands in their values', async () => {
    const { headers } = await edge.https('/');
    expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'x-quoted': 'a "quoted" # `value' });
    expect(headers).not.toHaveProperty('referrer-policy');
  });

  it('are the same for www: its redirect is as strict about HTTPS', async () => {
    const { headers } = await edge.https('/', { host: `www.${domain}` });
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
  });
});
