import { NoAnswer, type HttpsAnswer, type HttpsRequest } from '../../../../foundation/https';
import { Secret } from '../../../../foundation/secret';
import { accountFacts } from '../../../../infra/cherry/account-facts';
import { cherryApi, cherryChanges, type CherryApi } from '../../../../infra/cherry/client';

type Reply = { status: number; body: string; headers?: Record<string, string> } | Error;

const json = (body: unknown, status = 200): Reply => ({ status, body: JSON.stringify(body) });
const html = '<html><body>502 Bad Gateway</body></html>';

/** An API that answers these in turn, and what it was asked; the last one again and again. */
function api(...replies: readonly Reply[]): { api: CherryApi; asked: HttpsRequest[]; slept: number[] } {
  const asked: HttpsRequest[] = [];
  const slept: number[] = [];
  const https = (request: HttpsRequest): Promise<HttpsAnswer> => {
    asked.push(request);
    const reply = replies[asked.length - 1] ?? replies.at(-1)!;
    if (reply instanceof Error) return Promise.reject(reply);
    return Promise.resolve({
      status: reply.status,
      headers: reply.headers ?? {},
      body: Buffer.from(reply.body),
    });
  };
  const clock = {
    sleep: (milliseconds: number): Promise<void> => {
      slept.push(milliseconds);
      return Promise.resolve();
    },
  };
  return { api: cherryApi({ https, token: Secret.of('token', 'tok-123'), clock }), asked, slept };
}

describe('a question to the Cherry API', () => {
  it('carries the token and a deadline', async () => {
    const { api: asking, asked } = api(json([]));
    await asking.keys();
    expect(asked).toMatchObject([
      {
        url: 'https://api.cherryservers.com/v1/ssh-keys',
        headers: { authorization: 'Bearer tok-123' },
        deadline: 20_000,
      },
    ]);
  });

  it('looks at every team for its projects', async () => {
    const { api: asking } = api(
      json([{ id: 1 }, { id: 2 }]),
      json([{ id: 10, name: 'a' }]),
      json([{ id: 20, name: 'b' }]),
    );
    expect(await asking.projects()).toEqual([
      { id: 10, name: 'a' },
      { id: 20, name: 'b' },
    ]);
  });

  it('takes an unknown plan as the answer that there is none', async () => {
    for (const status of [400, 404])
      expect(
        await api(json({ code: status, message: 'Given server plan was not found.' }, status)).api.plan('x'),
      ).toBeUndefined();
  });

  it.each<[string, Reply, string]>([
    [
      '401',
      json({ code: 401, message: 'No valid API key provided.' }, 401),
      'does not know the token (401: No valid API key provided.)',
    ],
    ['403', json({ code: 403, message: 'no' }, 403), 'the token may not read /v1/ssh-keys (403: no)'],
    ['404', json({ code: 404, message: 'no' }, 404), 'has no /v1/ssh-keys (404: no)'],
    [
      '429',
      json({ code: 429, message: 'Too many requests.' }, 429),
      'takes no more requests for the moment (429',
    ],
    ['500', json({ code: 500, message: 'Oops' }, 500), 'out of order: status 500 for /v1/ssh-keys: Oops'],
    [
      'an HTML page with 502',
      { status: 502, body: html, headers: { 'content-type': 'text/html' } },
      "something that is not the API's (text/html)",
    ],
    ['an empty 503', { status: 503, body: '' }, 'status 503 for /v1/ssh-keys, without a text'],
    [
      'an HTML page with 200',
      { status: 200, body: html, headers: { 'content-type': 'text/html' } },
      'is there a proxy in between?',
    ],
    ['a redirect', { status: 302, body: '' }, 'leads elsewhere (status 302)'],
    ['other JSON', json({ keys: [] }), 'not of the form that is known'],
    [
      'no answer',
      new NoAnswer('no answer within 20 s'),
      'gave no answer to GET /v1/ssh-keys: no answer within 20 s',
    ],
  ])('that is answered by %s says so', async (_, reply, said) => {
    const failing = api(reply).api.keys();
    await expect(failing).rejects.toThrow(said);
    await expect(failing).rejects.not.toThrow(/tok-123/);
  });

  it('is asked again after a refusal of the moment, and waits as long as it is told', async () => {
    const limited: Reply = { status: 429, body: '{}', headers: { 'retry-after': '7' } };
    const { api: asking, slept, asked } = api(limited, { status: 503, body: '' }, json([]));
    expect(await asking.keys()).toEqual([]);
    expect([slept, asked.length]).toEqual([[7_000, 3_000], 3]);
  });

  it('is not waited for when it is told to wait long', async () => {
    const { api: asking, slept } = api({ status: 429, body: '{}', headers: { 'retry-after': '3600' } });
    await expect(asking.keys()).rejects.toThrow('wait a minute');
    expect(slept).toEqual([]);
  });

  it('is asked three times at most', async () => {
    const { api: asking, asked } = api({ status: 500, body: '' });
    await expect(asking.keys()).rejects.toThrow();
    expect(asked).toHaveLength(3);
  });

  it('is asked once when the token is refused', async () => {
    const { api: asking, asked } = api(json({}, 401));
    await expect(asking.keys()).rejects.toThrow();
    expect(asked).toHaveLength(1);
  });

  it('keeps control characters of an answer out of the message', async () => {
    await expect(api(json({ message: 'a\u001b[2Jb' }, 400)).api.keys()).rejects.toThrow(/: a \[2Jb$/);
  });
});

describe('what is asked before a plan', () => {
  it('ends with the first answer that the token is not known', async () => {
    const { api: asking, asked } = api(json({}, 401));
    const facts = await accountFacts(asking, { plan: 'p', projectId: 1, state: { version: null, ids: {} } });
    expect(asked).toHaveLength(1);
    expect(facts.servers).toBeUndefined();
    expect([facts.projects, facts.plan, facts.keys]).toEqual(
      Array(3).fill({ trouble: expect.stringContaining('401') }),
    );
  });

  it('goes on where one thing may not be read', async () => {
    const { api: asking } = api(
      json([{ id: 1 }]),
      json([{ id: 1, name: 'p' }]),
      json({ slug: 'p' }),
      json({}, 403),
      json([]),
      json([]),
    );
    const facts = await accountFacts(asking, { plan: 'p', projectId: 1, state: { version: null, ids: {} } });
    expect(facts.images).toEqual({ trouble: expect.stringContaining('may not read /v1/plans/p/images') });
    expect(facts.servers).toEqual({ value: [] });
  });
});

describe('a change at the Cherry API', () => {
  const changes = (...replies: readonly (Reply | Error)[]) => {
    const asked: HttpsRequest[] = [];
    const https = (request: HttpsRequest): Promise<HttpsAnswer> => {
      asked.push(request);
      const reply = replies[asked.length - 1] ?? replies.at(-1)!;
      if (reply instanceof Error) return Promise.reject(reply);
      return Promise.resolve({ status: reply.status, headers: {}, body: Buffer.from(reply.body) });
    };
    const clock = { sleep: () => Promise.resolve() };
    return { asked, api: cherryChanges({ https, token: Secret.of('token', 'tok-123'), clock }) };
  };

  it('is sent as the API’s clients send it', async () => {
    const { api: account, asked } = changes(json({}, 201));
    await account.powerOff(7);
    await account.rename(7, { name: 'lost-7-app', tags: { 'given-up-by': 'preview' } });
    await account.detach('aaaa-1');
    expect(asked.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['POST', 'https://api.cherryservers.com/v1/servers/7/actions', '{"type":"power_off"}'],
      [
        'PUT',
        'https://api.cherryservers.com/v1/servers/7',
        '{"name":"lost-7-app","hostname":"lost-7-app","tags":{"given-up-by":"preview"}}',
      ],
      ['PUT', 'https://api.cherryservers.com/v1/ips/aaaa-1', '{"targeted_to":"0"}'],
    ]);
  });

  it('is never sent twice: whether an answer that did not come had its effect is not known', async () => {
    const { api: account, asked } = changes(new NoAnswer('no answer within 20 s'));
    await expect(account.powerOff(7)).rejects.toThrow('gave no answer to POST /v1/servers/7/actions');
    expect(asked).toHaveLength(1);
  });

  it('says what the API refused', async () => {
    const { api: account } = changes(json({ code: 400, message: 'Server is not deployed.' }, 400));
    await expect(account.powerOff(7)).rejects.toThrow('status 400: Server is not deployed.');
  });
});
