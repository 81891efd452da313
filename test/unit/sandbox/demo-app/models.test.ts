import { Models } from './demo-app';

type Reply = () => Promise<Response>;

const listed = (...names: string[]): Reply => {
  const data = names.map((model_name) => ({ model_name, model_info: {} }));
  return () => Promise.resolve(Response.json({ data }));
};
const answered = (content: unknown): Reply => {
  const choices = [{ message: { content } }];
  return () => Promise.resolve(Response.json({ choices }));
};
const status =
  (code: number): Reply =>
  () =>
    Promise.resolve(new Response('sk-secret', { status: code }));

describe('the demo application’s way to the models', () => {
  const models = (...replies: Reply[]) => {
    const requests: { url: string; headers: unknown; body: unknown }[] = [];
    const ask = ((url: string, { headers, body }: { headers: unknown; body?: string }) => {
      requests.push({ url, headers, body: body === undefined ? undefined : JSON.parse(body) });
      return replies.shift()?.();
    }) as typeof fetch;
    return { models: new Models('http://litellm:4000/', 'sk-secret', ask), requests };
  };

  it('asks the model that the proxy’s list marks as the default, with the key', async () => {
    const list: Reply = () =>
      Promise.resolve(
        Response.json({
          data: [
            { model_name: 'dear', model_info: {} },
            { model_name: 'free', model_info: { metadata: { cogni: { default_free: true } } } },
          ],
        }),
      );
    const { models: asked, requests } = models(list, answered('Well.'));
    await expect(asked.ask('How?')).resolves.toEqual({ model: 'free', answer: 'Well.' });
    const headers = { authorization: 'Bearer sk-secret', 'content-type': 'application/json' };
    expect(requests).toEqual([
      { url: 'http://litellm:4000/model/info', headers, body: undefined },
      {
        url: 'http://litellm:4000/v1/chat/completions',
        headers,
        body: { model: 'free', messages: [{ role: 'user', content: 'How?' }] },
      },
    ]);
  });

  it('asks the first model where none is marked', async () => {
    await expect(models(listed('a', 'b'), answered('x')).models.ask('?')).resolves.toMatchObject({
      model: 'a',
    });
  });

  it.each<[string, Reply[], number, RegExp]>([
    ['has no models', [listed()], 502, /has no models/],
    ['refuses the key', [status(401)], 502, /answered 401/],
    ['is asked too often', [listed('a'), status(429)], 429, /answered 429/],
    ['fails', [listed('a'), status(500)], 502, /answered 500/],
    ['answers without a text', [listed('a'), answered(null)], 502, /without a text/],
    ['answers nonsense', [() => Promise.resolve(new Response('<html>'))], 502, /cannot be reached/],
    ['cannot be reached', [() => Promise.reject(new TypeError('fetch failed'))], 502, /cannot be reached/],
    [
      'does not answer in time',
      [listed('a'), () => Promise.reject(new DOMException('late', 'TimeoutError'))],
      504,
      /within 20 s/,
    ],
  ])('says so when the proxy %s, and never tells the key', async (_, replies, code, why) => {
    const thrown: unknown = await models(...replies)
      .models.ask('?')
      .catch((cause: unknown) => cause);
    expect(thrown).toMatchObject({ status: code, message: expect.stringMatching(why) });
    expect((thrown as Error).message).not.toContain('sk-secret');
  });
});
