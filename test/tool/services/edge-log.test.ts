import { renderPipeline } from '../../../services/alloy/pipeline';
import { isDropped, redact } from '../../unit/services/alloy/as-alloy';
import { App, freePort } from './app-double';
import { domain, edgeProps, RunningEdge, shorter } from './running-edge';

const planted = 'planted-secret';

describe('the log of the edge', () => {
  let app: App;
  let edge: RunningEdge;

  beforeAll(async () => {
    app = new App(await freePort());
    const props = { ...edgeProps, trustedProxies: ['127.0.0.1/32'] };
    edge = await RunningEdge.start(app.port, props, [shorter('try_duration', 5, 0.1)]);
    edge.switchTo('127.0.0.1\n');
    await app.listen();
  });
  afterAll(async () => {
    await app.stop();
    await edge.stop();
  });

  const headers = {
    cookie: `session=${planted}`,
    authorization: `Bearer ${planted}`,
    'proxy-authorization': `Basic ${planted}`,
    'x-api-key': planted,
    referer: `https://elsewhere.test/?token=${planted}`,
    'user-agent': 'a-browser/1.0',
  };

  it('is a line of JSON a record, on standard output', async () => {
    await edge.https('/whole');
    await edge.logged('/whole');
    for (const line of edge.output().split('\n').slice(0, -1)) {
      // What Caddy says before it has read its configuration is no request.
      if (line.includes('"request"')) expect(() => JSON.parse(line) as unknown).not.toThrow();
    }
  });

  it('says of a request who asked for what, and what came of it', async () => {
    await edge.https('/logged', { headers });
    expect(await edge.logged('/logged')).toMatchObject({
      status: 200,
      user_agent: 'a-browser/1.0',
      request: {
        host: domain,
        method: 'GET',
        proto: 'HTTP/1.1',
        remote_ip: '127.0.0.1',
        client_ip: '127.0.0.1',
      },
    });
  });

  it('holds no secret of a request: neither its headers nor what stands after the question mark', async () => {
    const { answer } = app;
    app.answer = (_, response) => {
      response.setHeader('set-cookie', `session=${planted}`);
      response.setHeader('x-new-token', planted);
      response.end();
    };
    for (const query of [`?token=${planted}`, `?${planted}`, `?a=1&b=%3F${planted}`, `??${planted}`]) {
      await edge.https(`/query${query.length}${query}`, { headers, method: 'POST', body: planted });
      await edge.logged(`/query${query.length}?-`);
    }
    app.answer = answer;
    expect(edge.output()).not.toContain(planted);
  });

  it('holds none in the record of an error either', async () => {
    await app.stop();
    for (const ask of [
      edge.https(`/gone?token=${planted}`, { headers }),
      edge.http(`/gone?token=${planted}`, { headers, method: 'POST', body: planted }),
    ]) {
      expect((await ask).status).toBe(502);
    }
    const answered = await edge.logged('/gone?-');
    await app.listen();
    expect(answered).toMatchObject({ status: 502 });
    expect(answered.error).toContain(`127.0.0.1:${app.port}: connect: connection refused`);
    expect(edge.output()).not.toContain(planted);
  });

  it('holds none where an answer breaks off in the middle, and says that it did', async () => {
    const { answer } = app;
    app.answer = (_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('a part');
      setTimeout(() => response.destroy(), 50);
    };
    await edge.https(`/broken?token=${planted}`, { headers }).catch(() => undefined);
    app.answer = answer;
    expect(await edge.logged('/broken?-', 'http.handlers.reverse_proxy')).toMatchObject({
      msg: 'aborting with incomplete response',
    });
    expect(edge.output()).not.toContain(planted);
  });

  it('holds none of a request that is too large', async () => {
    const path = '/api/v1/public/large';
    const body = 'x'.repeat(100_000);
    await edge.https(`${path}?token=${planted}`, { headers, method: 'POST', body }).catch(() => undefined);
    expect(await edge.logged(`${path}?-`)).toMatchObject({
      status: 413,
      error: 'http: request body too large',
    });
    expect(edge.output()).not.toContain(planted);
  });

  it('holds none of a redirect or a request for a foreign name', async () => {
    await edge.http(`/foreign?code=${planted}`, { host: 'other.test', headers });
    await edge.http(`/moved?code=${planted}`, { host: `www.${domain}`, headers });
    expect(await edge.logged('/foreign?-')).toMatchObject({ status: 503 });
    expect(await edge.logged('/moved?-')).toMatchObject({ status: 307 });
    expect(edge.output()).not.toContain(planted);
  });

  describe('as the collector reads it', () => {
    const pipeline = renderPipeline({
      environment: 'preview',
      collect: [{ project: 'cogni-edge', service: 'caddy' }],
      noise: ['/livez', '/readyz'],
      metrics: { host: 'app', port: 3000, path: '/api/metrics' },
    });
    /** The record of an access as it was written, after a request that the application answers in a certain way. */
    async function record(
      uri: string,
      question: Parameters<RunningEdge['https']>[1],
      [status, body] = [200, ''] as readonly [number, string],
    ): Promise<string> {
      const { answer } = app;
      app.answer = (_, response) => response.writeHead(status).end(body);
      const before = edge.output().length;
      await edge.https(uri, question);
      app.answer = answer;
      const accesses = (): string | undefined =>
        edge
          .output()
          .slice(before)
          .split('\n')
          .find((line) => line.includes('"logger":"http.log.access') && line.endsWith('}'));
      await edge.until(
        () => accesses() !== undefined,
        () => edge.output(),
      );
      return accesses() ?? '';
    }

    it('is noise where a probe was answered well', async () => {
      expect(isDropped(await record('/livez', {}), pipeline)).toBe(true);
      expect(isDropped(await record('/readyz?x=1', { method: 'HEAD' }), pipeline)).toBe(true);
    });

    it('is kept where a probe was not, whatever other numbers there are', async () => {
      const headers = { 'x-forwarded-for': '52.204.13.9' };
      const failed = await record('/readyz', { headers }, [503, 'x'.repeat(200)]);
      expect(failed).toContain('52.204.13.9');
      expect(failed).toContain('"size":200');
      expect(isDropped(failed, pipeline)).toBe(false);
    });

    it.each([
      ['/livez', '/notes'],
      ['"uri":"/livez"},"bytes_read":0,"status":200', '/notes'],
      ['"GET /livez HTTP/1.1" 200', '/notes'],
      ['a-browser/1.0', '/notes?"uri":"/livez"'],
      ['a-browser/1.0', '/notes/"uri":"/livez"'],
    ])('is kept of what is no probe and says that it is: %s on %s', async (userAgent, uri) => {
      const written = await record(uri, { method: 'POST', headers: { 'user-agent': userAgent } });
      expect(isDropped(written, pipeline)).toBe(false);
    });

    it('stays JSON, and says the same, after all secrets were taken out', async () => {
      const written = await record('/notes', { headers });
      expect(redact(written)).toBe(written);
      const logged = await record('/notes', { headers: { 'user-agent': `a token="${planted}" of "mine"` } });
      expect(logged).toContain(planted);
      expect(redact(logged)).not.toContain(planted);
      expect(JSON.parse(redact(logged))).toMatchObject({ status: 200 });
    });
  });
});
