import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createStub } from './model-stub';

describe('the stub of the models’ provider', () => {
  let server: Server;
  let base: string;

  beforeEach(async () => {
    const stub = createStub();
    server = createServer((request, response) => void stub(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const ask = (content: string, more: object = {}, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${base}/api/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-or-12345678', ...headers },
      body: JSON.stringify({ model: 'a/b', messages: [{ role: 'user', content }], ...more }),
    });

  it('answers with the model and the question, the same each time', async () => {
    const answers = [await (await ask('How are you?')).json(), await (await ask('How are you?')).json()];
    expect(answers[0]).toEqual({
      id: expect.stringMatching(/^chatcmpl-[0-9a-f]{24}$/),
      object: 'chat.completion',
      created: 0,
      model: 'a/b',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'The stub of a/b was asked: How are you?' },
          finish_reason: 'stop',
        },
      ],
      usage: { prompt_tokens: 3, completion_tokens: 9, total_tokens: 12 },
    });
    expect(answers[1]).toEqual(answers[0]);
  });

  it('streams the same answer as server-sent events, with the usage last where it is asked for', async () => {
    const response = await ask('Hi', { stream: true, stream_options: { include_usage: true } });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const [comment, ...events] = (await response.text()).split('\n\n').filter(Boolean);
    expect(comment).toMatch(/^: /);
    expect(events.at(-1)).toBe('data: [DONE]');
    const chunks = events.slice(0, -1).map(
      (event) =>
        JSON.parse(event.replace(/^data: /, '')) as {
          choices: { delta: { content?: string }; finish_reason: string | null }[];
          usage?: object;
        },
    );
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(
      'The stub of a/b was asked: Hi',
    );
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 8 } });
  });

  it.each([
    ['[stub:rate-limit]', 429, '1'],
    ['[stub:fail]', 500, null],
  ])('is told by %s to answer %i', async (question, status, retryAfter) => {
    const response = await ask(question);
    expect(response.status).toBe(status);
    expect(response.headers.get('retry-after')).toBe(retryAfter);
    await expect(response.json()).resolves.toMatchObject({ error: { code: status } });
  });

  it('is told to take its time', async () => {
    const started = performance.now();
    expect((await ask('[stub:slow:150ms]')).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThanOrEqual(149);
  });

  it.each([{}, { stream: true }])('is told to break off in the middle (%j)', async (more) => {
    const response = await ask('[stub:cut]', more);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  it.each([
    ['without a key', 401, () => ask('Hi', {}, { authorization: '' })],
    ['with another kind of key', 401, () => ask('Hi', {}, { authorization: 'Basic abcdefghij' })],
    ['that says nothing', 400, () => ask('Hi', { messages: [] })],
    ['for something unknown', 400, () => ask('[stub:explode]')],
    ['that is too long', 413, () => ask('x'.repeat(1024 * 1024))],
    ['elsewhere', 404, () => fetch(`${base}/v1/embeddings`)],
  ])('refuses a request %s with %i', async (_, status, send) => {
    const response = await send();
    expect(response.status).toBe(status);
    await expect(response.json()).resolves.toMatchObject({
      error: { code: status, message: expect.stringMatching(/\w/) },
    });
  });

  it('says what it was asked lately, without the key and the text', async () => {
    await (await ask('a private matter')).text();
    await (await ask('[stub:fail]', { model: 'c/d', stream: true })).text();
    const text = await (await fetch(`${base}/requests`)).text();
    expect(JSON.parse(text)).toEqual({
      requests: [
        { model: 'a/b', stream: false, status: 200 },
        { model: 'c/d', stream: true, status: 500 },
      ],
    });
    expect(text).not.toMatch(/private|sk-or/);
  });

  it('forgets the oldest of more than a hundred requests', async () => {
    for (let index = 0; index <= 100; index += 1) await (await ask('x', { model: `m/${index}` })).text();
    const { requests } = (await (await fetch(`${base}/requests`)).json()) as {
      requests: { model: string }[];
    };
    expect(requests).toHaveLength(100);
    expect(requests[0]?.model).toBe('m/1');
  });

  it('is alive', async () => expect((await fetch(`${base}/livez`)).status).toBe(200));
});
