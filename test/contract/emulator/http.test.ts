import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as httpsRequest, Agent } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:tls';
import { openTunnel, plain } from './client';
import { keyTexts, order, project, Rig, tokens, userData } from './rig';

const servers = `/v1/projects/${project}/servers`;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterAll(() => rig.remove());
beforeEach(async () => {
  await rig.control('POST', 'reset');
});

describe('the proxy', () => {
  test.each([
    'registry.example:443',
    'api.cherryservers.com:80',
    'api.cherryservers.com.evil.example:443',
    'example.org:443',
  ])(
    'refuses a CONNECT to %s and says what it serves, in the status line, which is all that Go shows',
    async (target) => {
      await expect(openTunnel(rig.emulator.ports.proxy, target)).rejects.toThrow(
        `CONNECT ${target}: 403 Forbidden: the sandbox's proxy serves only api.cherryservers.com:443`,
      );
    },
  );

  test('refuses plain requests, and says how to get around it', async () => {
    const answer = await plain(
      'GET',
      `http://127.0.0.1:${rig.emulator.ports.proxy}`,
      undefined,
      'http://example.org/',
    );
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('refused "GET http://example.org/"');
    expect(answer.text).toContain('NO_PROXY');
  });

  test('shows a certificate for the API name of the given CA, and nothing that another CA would trust', async () => {
    const tunnel = await openTunnel(rig.emulator.ports.proxy, 'api.cherryservers.com:443');
    const socket = connect({ socket: tunnel, servername: 'api.cherryservers.com' });
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    socket.destroy();
    expect((await rig.client().get('/v1/user')).status).toBe(200);
  });

  test('listens on the loopback address only', () => {
    const { proxy, control } = rig.emulator.ports;
    const ports = [proxy, control].map((port) => port.toString(16).toUpperCase().padStart(4, '0'));
    const lines = ['tcp', 'tcp6'].flatMap((family) =>
      readFileSync(`/proc/net/${family}`, 'utf8').split('\n'),
    );
    const listening = lines
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local, , state]) => state === '0A' && ports.some((port) => local?.endsWith(`:${port}`)))
      .map(([, local]) => local?.split(':')[0]);
    expect(listening).toEqual(['0100007F', '0100007F']);
  });

  test('ends a connection when the client asks for that, and keeps it otherwise', async () => {
    expect((await rig.client().get('/v1/user')).headers.connection).toBe('close');
    const socket = connect({
      socket: await openTunnel(rig.emulator.ports.proxy, 'api.cherryservers.com:443'),
      servername: 'api.cherryservers.com',
      ca: rig.authority.ca,
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    agent.createConnection = () => socket;
    for (let call = 0; call < 2; call += 1) {
      const headers = { Authorization: `Bearer ${tokens.own}` };
      const request = httpsRequest({ agent, host: 'api.cherryservers.com', path: '/v1/user', headers });
      request.end();
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      response.resume();
      await once(response, 'end');
      expect(response.statusCode).toBe(200);
    }
    agent.destroy();
  });
});

describe('lists', () => {
  test('tell how many there are in all, and give the part that was asked for', async () => {
    for (let number = 0; number < 3; number += 1) await rig.client().post(servers, order());
    const part = await rig.client().get(`${servers}?limit=1&offset=1`);
    expect([part.headers['x-total-count'], part.list.map(({ id }) => id)]).toEqual(['3', [811001]]);
    const all = await rig.client().get(`${servers}?limit=0`);
    expect(all.list.map(({ id }) => id)).toEqual([811000, 811001, 811002]);
    const beyond = await rig.client().get(`${servers}?offset=5`);
    expect([beyond.headers['x-total-count'], beyond.list]).toEqual(['3', []]);
  });

  test.each([
    '/v1/teams',
    '/v1/teams/94000/projects',
    '/v1/ssh-keys',
    '/v1/regions',
    '/v1/plans',
    '/v1/cycles',
    `/v1/projects/${project}/ips`,
  ])('%s has a total too', async (path) => {
    const answer = await rig.client().get(path);
    expect(answer.headers['x-total-count']).toBe(String(answer.list.length));
  });

  test.each(['limit=-1', 'limit=ten', 'offset=1.5'])('refuse %s', async (query) => {
    expect((await rig.client().get(`${servers}?${query}`)).status).toBe(400);
  });
});

describe('fields', () => {
  let path: string;
  beforeEach(async () => {
    path = `/v1/servers/${(await rig.client().post(servers, order())).body.id}`;
  });

  test.each([
    ['state', { state: 'active' }],
    ['status', { status: 'deployed' }],
    ['power', { power: 'on' }],
    ['state,status,power', { state: 'active', status: 'deployed', power: 'on' }],
  ])('%s gives exactly that', async (fields, expected) => {
    expect((await rig.client().get(`${path}?fields=${encodeURIComponent(fields)}`)).body).toEqual(expected);
  });

  test.each(['id,name,hostname', 'state,ip_addresses', 'constructor', ''])(
    '"%s" gives the whole object',
    async (fields) => {
      const whole = (await rig.client().get(path)).body;
      expect((await rig.client().get(`${path}?fields=${encodeURIComponent(fields)}`)).body).toEqual(whole);
    },
  );
});

describe('a call that is not understood', () => {
  test.each([
    ['GET', '/', 404],
    ['GET', '/v1', 404],
    ['GET', '/v2/user', 404],
    ['GET', '/v1/servers/', 404],
    ['GET', '/v1/servers/constructor', 404],
    ['GET', '/v1/servers/%E0%A4%A', 404],
    ['PATCH', '/v1/servers/1', 405],
    ['DELETE', '/v1/regions', 405],
    ['GET', '/v1/servers/1/actions', 405],
  ])('%s %s is answered in JSON', async (method, path, status) => {
    const answer = await rig.client().call(method, path);
    expect(answer.body).toEqual({ code: status, message: expect.any(String) });
    expect(answer.status).toBe(status);
  });

  test.each(['{', '[1]', '"text"', 'null and void'])('the body %s is a bad parameter', async (raw) => {
    const answer = await rig.client().post(servers, undefined, { raw });
    expect([answer.status, answer.body.code]).toEqual([400, 400]);
  });

  test.each([null, 'Bearer', 'Bearer ', 'Basic b3duOnB3', `Bearer ${tokens.own}x`, `bearer ${tokens.own}`])(
    'the authorization %s is no key',
    async (authorization) => {
      expect((await rig.client().get('/v1/user', { authorization })).status).toBe(401);
    },
  );
});

describe('two clients at once', () => {
  test('get servers of their own, with ids and addresses of their own', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => rig.client().post(servers, order())));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    const { list } = await rig.client().get(servers);
    expect(new Set(list.map(({ id }) => id)).size).toBe(12);
    expect(new Set(rig.machines.all.map(({ address }) => address)).size).toBe(12);
  });

  test('that want one name or one key cannot both have it', async () => {
    const made = await Promise.all(
      ['one', 'two'].map((label) => rig.client().post('/v1/ssh-keys', { label, key: keyTexts[0] })),
    );
    expect(made.map(({ status }) => status).sort()).toEqual([201, 400]);
  });

  test('do not wait for one another: a slow machine holds up its own call only', async () => {
    const open = rig.machines.hold('create');
    const slow = rig.client().post(servers, order());
    for (let call = 0; call < 5; call += 1) expect((await rig.client().get('/v1/plans')).status).toBe(200);
    expect(rig.machines.all).toEqual([]);
    open();
    expect((await slow).status).toBe(201);
  });
});

describe('the rate limit, when it is on', () => {
  test('lets four calls a second through; the fifth gets 429 and Retry-After, and the next second is free again', async () => {
    await rig.control('PATCH', 'settings', { rateLimit: 4 });
    const answers = [];
    for (let call = 0; call < 5; call += 1) answers.push(await rig.client().get('/v1/user'));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 429]);
    expect(answers[4]!.headers['retry-after']).toBe('1');
    await rig.control('POST', 'clock', { advance: 1 });
    expect((await rig.client().get('/v1/user')).status).toBe(200);
  });
});

describe('the request log', () => {
  test('has what a client sent, without what must not be seen', async () => {
    const password = 'aB3defghijklmnopqrst';
    await rig.client().post(servers, order());
    await rig.client().post('/v1/servers/811000/actions', {
      type: 'reinstall',
      image: 'ubuntu_22_04',
      password,
      user_data: userData,
    });
    await rig.client('a-token-nobody-knows-0123456789').get('/v1/user?fields=email');
    expect(await rig.control('GET', 'requests')).toMatchObject([
      {
        method: 'POST',
        path: servers,
        status: 201,
        authorization: 'Bearer (token own)',
        connection: 'close',
        userAgent: expect.stringContaining('terraform-provider/cherryservers/1.5.3'),
        body: {
          hostname: 'prod-app',
          user_data: expect.stringMatching(/^\(hidden: 32 bytes, sha256 [0-9a-f]{12}\)$/),
        },
      },
      { path: '/v1/servers/811000/actions', body: { type: 'reinstall', password: '(hidden)' } },
      { path: '/v1/user?fields=email', status: 401, authorization: 'Bearer (unknown token)' },
    ]);
    const seen = [
      JSON.stringify(await rig.control('GET', 'requests')),
      JSON.stringify(await rig.control('GET', 'state')),
      ...rig.log,
    ];
    for (const secret of [...Object.values(tokens), 'a-token-nobody-knows-0123456789', password, userData]) {
      expect(seen.filter((line) => line.includes(secret))).toEqual([]);
    }
  });

  test('is read from an entry on, and cleared', async () => {
    for (let call = 0; call < 3; call += 1) await rig.client().get('/v1/user');
    const [, second] = (await rig.control('GET', 'requests')) as { n: number }[];
    expect(await rig.control('GET', `requests?after=${second!.n}`)).toHaveLength(1);
    await rig.control('DELETE', 'requests');
    expect(await rig.control('GET', 'requests')).toEqual([]);
  });

  test('keeps tokens and passwords out of the state file as well', async () => {
    await rig.client().post(servers, order());
    const text = readFileSync(rig.config.stateFile, 'utf8');
    for (const secret of [...Object.values(tokens), userData]) expect(text).not.toContain(secret);
  });
});
