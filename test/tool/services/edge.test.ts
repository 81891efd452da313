import { edgePages } from '../../../services';
import { App, freePort } from './app-double';
import { domain, RunningEdge } from './running-edge';

describe('the running edge', () => {
  let app: App;
  let edge: RunningEdge;

  beforeAll(async () => {
    app = new App(await freePort());
    edge = await RunningEdge.start(app.port);
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
  });

  describe('before the first deploy', () => {
    it.each([
      ['says none', 'none\n'],
      ['says none without a line break', 'none'],
      ['is empty', ''],
      ['is blank', ' \n'],
    ])(
      'answers 503 that no release is deployed yet when the file of the active upstream %s',
      async (_, content) => {
        edge.switchTo(content);
        for (const answer of [await edge.http('/any/path?x=1'), await edge.https('/')]) {
          expect(answer).toMatchObject({ status: 503, body: edgePages.noRelease });
          expect(answer.headers).toMatchObject({
            'retry-after': '30',
            'cache-control': 'no-store',
            'content-type': 'text/plain; charset=utf-8',
          });
        }
        expect(app.seen).toHaveLength(0);
      },
    );

    it('answers the same when the file is missing', async () => {
      edge.forgetActive();
      expect(await edge.http('/')).toMatchObject({ status: 503, body: edgePages.noRelease });
    });

    it('serves the application from the moment in which the file names it, and stops again, without a reload', async () => {
      edge.switchTo('none');
      expect((await edge.https('/')).status).toBe(503);
      edge.switchTo('127.0.0.1\n');
      expect(await edge.https('/')).toMatchObject({ status: 200, body: 'the app answers /' });
      edge.switchTo('none');
      expect((await edge.https('/')).status).toBe(503);
    });
  });

  describe('over plain HTTP', () => {
    it('serves the site until there is a certificate, and redirects from then on, without a reload', async () => {
      expect(await edge.http('/a?b=c')).toMatchObject({ status: 200, body: 'the app answers /a?b=c' });
      edge.addCertificate(domain);
      const redirected = await edge.http('/a?b=c', { method: 'POST', body: 'x' });
      expect(redirected.status).toBe(308);
      expect(redirected.headers.location).toBe(`https://${domain}/a?b=c`);
      expect(app.seen).toHaveLength(1);
    });

    it('redirects before the first deploy as well, once there is a certificate', async () => {
      edge.switchTo('none');
      edge.addCertificate(domain);
      expect(await edge.http('/')).toMatchObject({
        status: 308,
        headers: { location: `https://${domain}/` },
      });
    });

    it('takes no other name’s certificate for its own', async () => {
      edge.addCertificate(`www.${domain}`);
      edge.addCertificate('cogni.test');
      expect((await edge.http('/')).status).toBe(200);
    });

    it.each(['127.0.0.1', 'localhost', 'other.test', `a.${domain}`])(
      'answers 503 under the name %s, and never lets the application do it',
      async (host) => {
        edge.addCertificate(domain);
        expect(await edge.http('/', { host })).toMatchObject({ status: 503, body: edgePages.noSite });
        expect(app.seen).toHaveLength(0);
      },
    );

    it('sends www to the site: over plain HTTP for as long as there is no certificate', async () => {
      const host = `www.${domain}`;
      expect(await edge.http('/a?b', { host })).toMatchObject({
        status: 307,
        headers: { location: `http://${domain}/a?b` },
      });
      edge.addCertificate(domain);
      expect(await edge.http('/a?b', { host })).toMatchObject({
        status: 308,
        headers: { location: `https://${domain}/a?b` },
      });
      expect(await edge.https('/a?b', { host })).toMatchObject({
        status: 308,
        headers: { location: `https://${domain}/a?b` },
      });
    });
  });

  describe('over HTTPS', () => {
    it.each(['127.0.0.1', 'localhost', 'other.test', `a.${domain}`, `${domain}.`])(
      'answers 503 to whoever connected under a name of ours and asks for %s',
      async (host) => {
        const answer = await edge.https('/', { host, serverName: domain });
        expect(answer).toMatchObject({ status: 503, body: edgePages.noSite });
        expect(answer.headers).toMatchObject({ 'retry-after': '30', 'x-content-type-options': 'nosniff' });
        expect(answer.headers).not.toHaveProperty('server');
        expect(app.seen).toHaveLength(0);
      },
    );

    it('serves the site under its name with its port, and in capitals', async () => {
      for (const host of [`${domain}:443`, domain.toUpperCase()])
        expect((await edge.https('/', { host, serverName: domain })).status).toBe(200);
    });
  });

  describe('in front of the application', () => {
    it('tells it who asks, whatever the request says of itself', async () => {
      const forged = { 'x-real-ip': '6.6.6.6', 'x-forwarded-for': '6.6.6.6', 'x-forwarded-proto': 'gopher' };
      await edge.https('/', { headers: forged });
      expect(app.seen[0]?.headers).toMatchObject({
        host: domain,
        'x-real-ip': '127.0.0.1',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': domain,
      });
    });

    it.each([
      '/api/metrics',
      '/api/metrics/',
      '/api/metrics/x',
      '/api/metrics?x',
      '/API/Metrics',
      '/api//metrics',
      '/api/x/../metrics',
      '/api/%6Detrics',
      '/api%2Fmetrics',
    ])('keeps %s closed', async (path) => {
      expect(await edge.https(path)).toMatchObject({ status: 404, body: '' });
      expect(app.seen).toHaveLength(0);
    });

    it('lets paths through that only look alike', async () => {
      expect((await edge.https('/api/metrics-of-success')).status).toBe(200);
    });

    it('passes the application’s own errors on as they are', async () => {
      const { answer } = app;
      app.answer = (_, response) => response.writeHead(503, { 'retry-after': '7' }).end('{"ready":false}');
      const passed = await edge.https('/readyz');
      app.answer = answer;
      expect(passed).toMatchObject({ status: 503, headers: { 'retry-after': '7' }, body: '{"ready":false}' });
    });

    it('compresses as the client likes it', async () => {
      const { answer } = app;
      app.answer = (_, response) =>
        response.setHeader('content-type', 'text/html').end('<p>compressible</p>'.repeat(200));
      const encodings = [];
      for (const encoding of ['zstd', 'gzip', 'identity']) {
        const { headers } = await edge.https('/', { headers: { 'accept-encoding': encoding } });
        encodings.push(headers['content-encoding']);
      }
      app.answer = answer;
      expect(encodings).toEqual(['zstd', 'gzip', undefined]);
    });

    it('sends what the application streams at once', async () => {
      const { answer } = app;
      let finish: (() => void) | undefined;
      app.answer = (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: first\n\n');
        finish = () => response.end('data: last\n\n');
      };
      const early = await edge.firstBytes('/');
      finish?.();
      app.answer = answer;
      expect(early).toBe('data: first\n\n');
    });

    it('adds headers of caution where the application has none, keeps those that it has, and hides what runs here', async () => {
      const { answer } = app;
      app.answer = (_, response) => response.setHeader('x-powered-by', 'Something/1.0').end();
      const without = await edge.https('/');
      app.answer = (_, response) =>
        response
          .setHeader('x-frame-options', 'DENY')
          .setHeader('strict-transport-security', 'max-age=1')
          .end();
      const withOwn = await edge.https('/');
      app.answer = answer;
      expect(without.headers).toMatchObject({
        'strict-transport-security': 'max-age=31536000',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'SAMEORIGIN',
        'referrer-policy': 'strict-origin-when-cross-origin',
      });
      for (const hidden of ['server', 'via', 'x-powered-by'])
        expect(without.headers).not.toHaveProperty(hidden);
      expect(withOwn.headers).toMatchObject({
        'x-frame-options': 'DENY',
        'strict-transport-security': 'max-age=1',
      });
    });

    it('adds them to its own pages too', async () => {
      edge.switchTo('none');
      expect((await edge.https('/')).headers).toMatchObject({
        'strict-transport-security': 'max-age=31536000',
        'x-content-type-options': 'nosniff',
      });
      expect((await edge.https('/api/metrics')).headers).toMatchObject({ 'x-frame-options': 'SAMEORIGIN' });
    });

    it('asks for HTTPS from then on only over HTTPS', async () => {
      expect((await edge.http('/')).headers).not.toHaveProperty('strict-transport-security');
    });

    it('leaves /sourcecred to the application where there is no SourceCred', async () => {
      expect((await edge.https('/sourcecred/')).body).toBe('the app answers /sourcecred/');
    });

    it('offers HTTP/3', async () => {
      expect((await edge.https('/')).headers['alt-svc']).toMatch(/^h3=":\d+"/);
    });
  });
});
