import { edgePages } from '../../../services';
import { App, freePort } from './app-double';
import { edgeProps, RunningEdge, shorter } from './running-edge';

describe('when the application is gone, the edge', () => {
  let app: App;
  let edge: RunningEdge;

  beforeAll(async () => {
    app = new App(await freePort());
    edge = await RunningEdge.start(app.port, edgeProps, [shorter('try_duration', 5, 2)]);
  });
  afterAll(() => edge.stop());
  beforeEach(async () => {
    app.seen.length = 0;
    edge.switchTo('127.0.0.1\n');
    await app.listen();
  });
  afterEach(() => app.stop());

  it('says so with another page than before the first deploy, after it has tried for a while', async () => {
    await app.stop();
    const started = performance.now();
    const answer = await edge.https('/');
    expect(answer).toMatchObject({
      status: 502,
      body: edgePages.notAnswering,
      headers: {
        'retry-after': '30',
        'cache-control': 'no-store',
        'strict-transport-security': 'max-age=31536000',
        'x-frame-options': 'SAMEORIGIN',
      },
    });
    expect(answer.headers).not.toHaveProperty('server');
    expect(performance.now() - started).toBeGreaterThan(1_800);
    expect(edgePages.notAnswering).not.toBe(edgePages.noRelease);
  });

  it('holds a request of any method while the application starts again: it was not sent to anybody yet', async () => {
    await app.stop();
    const answers = ['GET', 'POST', 'PUT'].map((method) =>
      edge.https('/', { method, ...(method === 'GET' ? {} : { body: 'once' }) }),
    );
    await new Promise((resolve) => setTimeout(resolve, 700));
    await app.listen();
    for (const answer of await Promise.all(answers)) expect(answer.status).toBe(200);
    expect(app.seen.map(({ method }) => method).sort()).toEqual(['GET', 'POST', 'PUT']);
  });

  /** Breaks off the first time it is asked, after it has got the request, and answers from then on. */
  const breakOffOnce = (): void => {
    const { answer } = app;
    app.answer = (request, response) => {
      app.answer = answer;
      request.resume();
      request.on('end', () => response.destroy());
    };
  };

  it.each(['GET', 'HEAD'])('sends a %s again that broke off', async (method) => {
    breakOffOnce();
    expect((await edge.https('/', { method })).status).toBe(200);
    expect(app.seen).toHaveLength(2);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('sends a %s once, whatever becomes of it', async (method) => {
    breakOffOnce();
    expect((await edge.https('/', { method, body: 'x' })).status).toBe(502);
    expect(app.seen).toHaveLength(1);
  });

  it('sends nothing again once a part of the answer has gone out', async () => {
    app.answer = (_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('a part');
      setTimeout(() => response.destroy(), 100);
    };
    await expect(edge.https('/')).rejects.toThrow();
    app.answer = (_, response) => response.end('whole');
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(app.seen).toHaveLength(1);
  });

  it('passes on an answer of 503 at once, and asks no second time', async () => {
    const { answer } = app;
    app.answer = (_, response) => response.writeHead(503).end('not ready');
    expect(await edge.https('/')).toMatchObject({ status: 503, body: 'not ready' });
    app.answer = answer;
    expect(app.seen).toHaveLength(1);
  });

  it('says that nothing answers when the file names something that is no host', async () => {
    edge.switchTo('../no host:1\n');
    expect(await edge.https('/')).toMatchObject({ status: 502, body: edgePages.notAnswering });
  });
});
