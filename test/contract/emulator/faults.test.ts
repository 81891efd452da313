import { order, project, Rig, tokens } from './rig';

const servers = `/v1/projects/${project}/servers`;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterAll(() => rig.remove());
beforeEach(async () => {
  await rig.control('POST', 'reset');
});

const inject = (when: object, then: object): Promise<unknown> =>
  rig.control('POST', 'faults', { when, then });
const orderServer = async (): Promise<number> => Number((await rig.client().post(servers, order())).body.id);
const count = async (): Promise<number> => (await rig.client().get(servers)).list.length;

describe('an injected fault', () => {
  test('answers with a status, headers and a JSON body of its own; nothing is created', async () => {
    const then = {
      kind: 'answer',
      status: 429,
      headers: { 'Retry-After': '7' },
      body: { code: 429, message: 'Too many.' },
    };
    await inject({ method: 'POST', path: '/v1/projects/*/servers' }, then);
    const answer = await rig.client().post(servers, order());
    expect([answer.status, answer.headers['retry-after'], answer.body]).toEqual([429, '7', then.body]);
    expect(await count()).toBe(0);
    expect(rig.machines.all).toEqual([]);
  });

  test('answers with a body that is no JSON, or with none', async () => {
    await inject({ path: '/v1/user' }, { kind: 'answer', status: 502, body: '<h1>502 Bad Gateway</h1>' });
    await inject({ path: '/v1/user', nth: 2 }, { kind: 'answer', status: 502 });
    const html = await rig.client().get('/v1/user');
    expect([html.status, html.headers['content-type'], html.text]).toEqual([
      502,
      'text/html; charset=utf-8',
      '<h1>502 Bad Gateway</h1>',
    ]);
    const empty = await rig.client().get('/v1/user');
    expect([empty.status, empty.text]).toEqual([502, '']);
  });

  test('answers wrongly although the call took effect', async () => {
    const then = {
      kind: 'answer',
      status: 500,
      body: { code: 500, message: 'Something went wrong.' },
      committed: true,
    };
    await inject({ method: 'POST' }, then);
    expect((await rig.client().post(servers, order())).status).toBe(500);
    expect(await count()).toBe(1);
  });

  test('delays an answer', async () => {
    await inject({ path: '/v1/user' }, { kind: 'delay', milliseconds: 150 });
    const started = performance.now();
    expect((await rig.client().get('/v1/user')).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThanOrEqual(149);
  });

  test('resets the connection before anything happened', async () => {
    await inject({ method: 'POST' }, { kind: 'reset' });
    await expect(rig.client().post(servers, order())).rejects.toThrow('read ECONNRESET');
    expect(await count()).toBe(0);
  });

  test('loses the answer of a call that took effect', async () => {
    await inject({ method: 'POST' }, { kind: 'lose-answer' });
    await expect(rig.client().post(servers, order())).rejects.toThrow('read ECONNRESET');
    expect(await count()).toBe(1);
    expect(rig.machines.all).toHaveLength(1);
  });

  test('never answers, and keeps the connection open', async () => {
    await inject({ path: '/v1/user' }, { kind: 'silence' });
    await expect(rig.client().get('/v1/user', { patience: 200 })).rejects.toThrow('no answer in time');
  });

  test('alters an answer: properties replaced, null or gone', async () => {
    const server = await orderServer();
    await inject(
      { server, method: 'GET' },
      { kind: 'alter', set: { tags: null, id: 'text' }, remove: ['name'] },
    );
    const { body } = await rig.client().get(`/v1/servers/${server}`);
    expect(body).toMatchObject({ tags: null, id: 'text', hostname: 'prod-app' });
    expect(body).not.toHaveProperty('name');
  });

  test('is named in the request log', async () => {
    await inject(
      { path: '/v1/user' },
      { kind: 'answer', status: 503, body: { code: 503, message: 'Later.' } },
    );
    await rig.client().get('/v1/user');
    expect(await rig.control('GET', 'requests')).toMatchObject([{ path: '/v1/user', status: 503, fault: 1 }]);
  });
});

describe('which calls a fault meets', () => {
  const late = { kind: 'answer', status: 503, body: { code: 503, message: 'Later.' } };
  const statuses = async (path: string, calls: number): Promise<number[]> => {
    const seen: number[] = [];
    for (let call = 0; call < calls; call += 1) seen.push((await rig.client().get(path)).status);
    return seen;
  };

  test('the nth call that fits, and as many as it says', async () => {
    await inject({ path: '/v1/user', nth: 2, times: 2 }, late);
    expect(await statuses('/v1/user', 5)).toEqual([200, 503, 503, 200, 200]);
  });

  test('all of them when times is null, until it is cleared', async () => {
    await inject({ path: '/v1/user', times: null }, late);
    expect(await statuses('/v1/user', 3)).toEqual([503, 503, 503]);
    await rig.control('DELETE', 'faults/1');
    expect(await statuses('/v1/user', 1)).toEqual([200]);
  });

  test('calls on one server, whatever is done to it, and no other', async () => {
    const first = await orderServer();
    const second = await orderServer();
    await inject({ server: first, times: null }, late);
    expect((await rig.client().post(`/v1/servers/${first}/actions`, { type: 'reboot' })).status).toBe(503);
    expect((await rig.client().delete(`/v1/servers/${first}`)).status).toBe(503);
    expect((await rig.client().get(`/v1/servers/${second}`)).status).toBe(200);
  });

  test('calls with certain query parameters: the poll of the state, not the read', async () => {
    const server = await orderServer();
    await inject({ path: '/v1/servers/*', query: { fields: 'state' }, times: null }, late);
    expect((await rig.client().get(`/v1/servers/${server}`)).status).toBe(200);
    expect((await rig.client().get(`/v1/servers/${server}?fields=state`)).status).toBe(503);
  });

  test('they are listed with how often they fitted, and cleared all at once', async () => {
    await inject({ path: '/v1/user', nth: 3 }, late);
    await rig.client().get('/v1/user');
    expect(await rig.control('GET', 'faults')).toMatchObject([
      { id: 1, seen: 1, when: { nth: 3, times: 1 } },
    ]);
    expect(await rig.control('DELETE', 'faults')).toEqual([]);
  });
});

describe('access that changes while a client runs', () => {
  test('a revoked token gets 401, one that lost its scope 403', async () => {
    await rig.control('PATCH', 'tokens/own', { access: 'revoked' });
    expect((await rig.client().get('/v1/user')).status).toBe(401);
    await rig.control('PATCH', 'tokens/own', { access: 'read-only' });
    expect((await rig.client().get('/v1/user')).status).toBe(200);
    expect((await rig.client().post(servers, order())).status).toBe(403);
    await rig.control('PATCH', 'tokens/own', { access: 'full' });
    expect((await rig.client().post(servers, order())).status).toBe(201);
  });

  test('a token of another team sees none of ours, not even that it is there in lists', async () => {
    const server = await orderServer();
    const other = rig.client(tokens.other);
    expect((await other.get(`/v1/servers/${server}`)).status).toBe(403);
    expect((await other.get('/v1/teams')).list).toMatchObject([{ id: 95000 }]);
    expect((await other.get('/v1/ssh-keys')).list).toEqual([]);
  });
});
