import { randomBytes } from 'node:crypto';
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
      '//api/metrics',
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

    it('refuses more than 10 MB of request, before the application has it all', async () => {
      const { answer } = app;
      app.answer = (request, response) => {
        let size = 0;
        request.on('data', (chunk: Buffer) => (size += chunk.length));
        request.on('error', () => undefined);
        request.on('end', () => response.end(String(size)));
      };
      const whole = await edge.https('/', { method: 'POST', body: randomBytes(10_000_000) });
      // The connection is closed while the client still writes: its system may then hide the answer from it.
      await edge.https('/large', { method: 'POST', body: randomBytes(10_000_001) }).catch(() => undefined);
      const logged = () => edge.accessLog().find(({ request }) => request.uri === '/large');
      await edge.until(
        () => logged() !== undefined,
        () => JSON.stringify(edge.accessLog()),
      );
      app.answer = answer;
      expect(whole).toMatchObject({ status: 200, body: '10000000' });
      expect(logged()).toMatchObject({ status: 413 });
    });

    it('refuses more than 32 KB of headers', async () => {
      expect((await edge.https('/', { headers: { 'x-large': 'x'.repeat(60_000) } })).status).toBe(431);
      expect((await edge.https('/', { headers: { 'x-large': 'x'.repeat(10_000) } })).status).toBe(200);
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

    it('adds headers of caution where the application has none, and keeps those that it has', async () => {
      const { answer } = app;
      const without = await edge.https('/');
      app.answer = (_, response) => response.setHeader('x-frame-options', 'DENY').end();
      const withOwn = await edge.https('/');
      app.answer = answer;
      expect(without.headers).toMatchObject({
        'strict-transport-security': 'max-age=31536000',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'SAMEORIGIN',
        'referrer-policy': 'strict-origin-when-cross-origin',
      });
      expect(without.headers).not.toHaveProperty('server');
      expect(withOwn.headers['x-frame-options']).toBe('DENY');
    });

    it('asks for HTTPS from then on only over HTTPS', async () => {
      expect((await edge.http('/')).headers).not.toHaveProperty('strict-transport-security');
    });

    it('offers HTTP/3', async () => {
      expect((await edge.https('/')).headers['alt-svc']).toMatch(/^h3=":\d+"/);
    });

    it('logs each request to standard output as JSON, without what signs the user in', async () => {
      const headers = { cookie: 'session=planted-secret', authorization: 'Bearer planted-secret' };
      await edge.https('/logged', { headers });
      const logged = () => edge.accessLog().find(({ request }) => request.uri === '/logged');
      await edge.until(
        () => logged() !== undefined,
        () => JSON.stringify(edge.accessLog()),
      );
      expect(logged()).toMatchObject({
        status: 200,
        request: { host: domain, method: 'GET', remote_ip: '127.0.0.1' },
      });
      expect(JSON.stringify(edge.accessLog())).not.toContain('planted-secret');
    });
  });

  describe('when the application is gone', () => {
    afterEach(async () => {
      await app.stop();
      await app.listen();
    });

    it('says so with another page than before the first deploy, after it has tried for a while', async () => {
      await app.stop();
      const started = performance.now();
      const answer = await edge.https('/');
      expect(answer).toMatchObject({
        status: 502,
        body: edgePages.notAnswering,
        headers: { 'retry-after': '30' },
      });
      expect(performance.now() - started).toBeGreaterThan(4_500);
      expect(edgePages.notAnswering).not.toBe(edgePages.noRelease);
    });

    it('holds a request, of any method, while the application starts again', async () => {
      await app.stop();
      const answers = [edge.https('/'), edge.https('/', { method: 'POST', body: 'x' })];
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await app.listen();
      for (const answer of await Promise.all(answers)) expect(answer.status).toBe(200);
    });

    it('says so too when the file names something that is no host', async () => {
      edge.switchTo('../no host:1\n');
      expect(await edge.https('/')).toMatchObject({ status: 502, body: edgePages.notAnswering });
    });
  });
});
