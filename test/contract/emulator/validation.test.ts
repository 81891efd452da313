import { allRules, type RuleName } from '../../../sandbox/emulator/validation';
import type { Answer } from './client';
import { keyTexts, order, otherProject, project, Rig, tokens } from './rig';

const servers = `/v1/projects/${project}/servers`;
const ips = `/v1/projects/${project}/ips`;
const password = 'aB3defghijklmnopqrst';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({
    addresses: {
      primary: { network: '172.30.5.0/24', first: '172.30.5.100', last: '172.30.5.104' },
      floating: { network: '172.30.5.0/24', first: '172.30.5.200', last: '172.30.5.209' },
    },
  });
});
afterAll(() => rig.remove());
beforeEach(async () => {
  await rig.control('POST', 'reset');
});

const post = (path: string, body?: unknown): Promise<Answer> => rig.client().post(path, body);
const settings = (change: object): Promise<unknown> => rig.control('PATCH', 'settings', change);
const slow = { pending: 1, provisioning: 1, reinstall: 1, termination: 1 };

async function id(answer: Promise<Answer>): Promise<number | string> {
  const { body, status, text } = await answer;
  if (body.id === undefined) throw new Error(`${status} ${text}`);
  return body.id;
}
const orderServer = (change: object = {}): Promise<number | string> =>
  id(post(servers, order({ ...change })));
const orderAddress = (change: object = {}): Promise<number | string> =>
  id(post(ips, { region: 'LT-Siauliai', targeted_to: '0', tags: {}, ...change }));
const primaryOf = async (server: number | string): Promise<number | string> => {
  const { body } = await rig.client().get(`/v1/servers/${server}`);
  return body.ip_addresses!.find(({ type }) => type === 'primary-ip')!.id!;
};
const act = (server: number | string, body: object): Promise<Answer> =>
  post(`/v1/servers/${server}/actions`, body);
const reinstall = async (change: object): Promise<Answer> =>
  act(await orderServer(), { type: 'reinstall', image: 'ubuntu_22_04', password, ...change });
const anywhereElse = async (): Promise<number | string> => {
  const made = await id(post('/v1/teams/94000/projects', { name: 'second' }));
  return id(post(`/v1/projects/${made}/servers`, order()));
};

/**
 * For each rule one call that breaks it and nothing else. The type makes sure that none is forgotten.
 */
const broken: Record<RuleName, () => Promise<Answer>> = {
  unknownPath: () => rig.client().get('/v1/nothing/here'),
  methodNotAllowed: () => rig.client().delete('/v1/plans'),
  unknownToken: () => rig.client('not-a-token').get('/v1/user'),
  otherTeam: () => rig.client().get(`/v1/projects/${otherProject}`),
  readOnlyToken: () => rig.client(tokens.reader).post(servers, order()),
  unknownResource: () => rig.client().get('/v1/servers/4711'),
  rateLimited: async () => {
    await settings({ rateLimit: 1 });
    await rig.client().get('/v1/user');
    return rig.client().get('/v1/user');
  },
  bodyTooLarge: () => post(servers, order({ name: 'x'.repeat(1024 * 1024) })),
  badParameters: () => post(servers, order({ plan: 4711, region: null })),

  unknownPlan: () => post(servers, order({ plan: 'cloud_vps_1' })),
  unknownRegion: () => post(servers, order({ region: 'eu_nord_1' })),
  planNotInRegion: async () => {
    const plan = { slug: 'B1-2-2gb-40s-shared', stock: { 'LT-Siauliai': null } };
    await rig.control('PATCH', 'catalogue', { plans: [plan] });
    return post(servers, order());
  },
  outOfStock: async () => {
    const plan = { slug: 'B1-2-2gb-40s-shared', stock: { 'LT-Siauliai': 0 } };
    await rig.control('PATCH', 'catalogue', { plans: [plan] });
    return post(servers, order());
  },
  unknownImage: () => post(servers, order({ image: 'ubuntu_24_04' })),
  unknownKey: () => post(servers, order({ ssh_keys: ['13001'] })),
  unknownExtraAddress: () => post(servers, order({ ip_addresses: ['aaaaaaaa-0000-4000-8000-000000000099'] })),
  extraAddressTaken: async () => {
    const address = await orderAddress({ targeted_to: await orderServer() });
    return post(servers, order({ ip_addresses: [address] }));
  },
  extraAddressElsewhere: async () =>
    post(servers, order({ ip_addresses: [await orderAddress({ region: 'DE-Frankfurt' })] })),
  userDataNotBase64: () => post(servers, order({ user_data: '#cloud-config' })),
  userDataUnknownKind: () => post(servers, order({ user_data: base64('#!/usr/bin/env python3') })),
  userDataTooLarge: () => post(servers, order({ user_data: base64(`#cloud-config\n${'#'.repeat(65_536)}`) })),
  badHostname: () => post(servers, order({ hostname: 'under_score' })),
  unknownCycle: () => post(servers, order({ cycle: 'daily' })),
  serverQuota: async () => {
    await settings({ serverQuota: 1 });
    await orderServer();
    return post(servers, order());
  },
  noPrimaryAddress: async () => {
    for (let number = 0; number < 5; number += 1) await orderServer();
    return post(servers, order());
  },
  serverTerminating: async () => {
    const server = await orderServer();
    await settings({ timing: slow });
    await rig.client().delete(`/v1/servers/${server}`);
    return rig.client().delete(`/v1/servers/${server}`);
  },

  unknownAction: async () => act(await orderServer(), { type: 'upgrade' }),
  reinstallWithoutImage: () => reinstall({ image: undefined }),
  badPassword: () => reinstall({ password: 'tooShort' }),
  serverNotDeployed: async () => {
    await settings({ timing: slow });
    return act(await orderServer(), { type: 'power_off' });
  },

  floatingQuota: async () => {
    for (let number = 0; number < 4; number += 1) await orderAddress();
    return post(ips, { region: 'LT-Siauliai' });
  },
  noFloatingAddress: async () => {
    await settings({ floatingPerServer: 100 });
    for (let number = 0; number < 10; number += 1) await orderAddress();
    return post(ips, { region: 'LT-Siauliai' });
  },
  unknownTarget: () => post(ips, { region: 'LT-Siauliai', targeted_to: '4711' }),
  targetElsewhere: async () =>
    post(ips, { region: 'LT-Siauliai', targeted_to: String(await anywhereElse()) }),
  targetNotRoutable: async () => post(ips, { region: 'LT-Siauliai', routed_to: await orderAddress() }),
  recordTaken: async () => {
    await orderAddress({ a_record: 'prodapp' });
    return post(ips, { region: 'LT-Siauliai', a_record: 'prodapp' });
  },
  pointerRepeated: async () => {
    const address = await orderAddress({ ptr_record: 'app.example.org' });
    return rig.client().put(`/v1/ips/${address}`, { ptr_record: 'app.example.org' });
  },
  addressBelongsToServer: async () => rig.client().delete(`/v1/ips/${await primaryOf(await orderServer())}`),

  labelMissing: () => post('/v1/ssh-keys', { label: ' ', key: keyTexts[0] }),
  badKey: () => post('/v1/ssh-keys', { label: 'deploy', key: 'ssh-ed25519 AAAA' }),
  keyTaken: async () => {
    await post('/v1/ssh-keys', { label: 'deploy', key: keyTexts[0] });
    return post('/v1/ssh-keys', {
      label: 'again',
      key: keyTexts[0].replace('first@example', 'other comment'),
    });
  },
  projectNameMissing: () => post('/v1/teams/94000/projects', { name: '' }),
  projectInUse: async () => {
    await settings({ timing: slow });
    await rig.client().delete(`/v1/servers/${await orderServer()}`);
    return rig.client().delete(`/v1/projects/${project}`);
  },
};

describe('every rule refuses what breaks it, with its status and its message in the only shape clients can read', () => {
  test.each(Object.entries(allRules))('%s', async (name, { status, message }) => {
    const answer = await broken[name as RuleName]();
    expect({ status: answer.status, body: answer.body }).toEqual({
      status,
      body: { code: status, message: expect.stringContaining(message) },
    });
    expect(answer.headers['content-type']).toBe('application/json');
  });

  test('what is refused leaves no trace', async () => {
    const state = await rig.control('GET', 'state');
    for (const rule of ['unknownPlan', 'unknownKey', 'unknownTarget', 'badKey', 'unknownImage'] as const)
      await broken[rule]();
    expect(await rig.control('GET', 'state')).toEqual(state);
    expect(rig.machines.all).toEqual([]);
  });

  test('a body with several faults is told all of them', async () => {
    const { message } = (await broken.badParameters()).body;
    expect(message).toMatch(/plan: .*; region: /);
  });
});

describe('what a call names must be within its reach', () => {
  test('a key of another team is not found, even by a token that knows its number', async () => {
    const foreign = await id(
      rig.client(tokens.other).post('/v1/ssh-keys', { label: 'deploy', key: keyTexts[0] }),
    );
    const answer = await post(servers, order({ ssh_keys: [String(foreign)] }));
    expect(answer.body).toEqual({ code: 400, message: `Given SSH key was not found. ${foreign}` });
  });

  test('an address cannot be targeted to a server that is terminating', async () => {
    const server = await orderServer();
    await settings({ timing: slow });
    await rig.client().delete(`/v1/servers/${server}`);
    expect((await post(ips, { region: 'LT-Siauliai', targeted_to: String(server) })).status).toBe(400);
  });

  test('a primary address cannot be targeted elsewhere, but takes a pointer record', async () => {
    const primary = await primaryOf(await orderServer());
    expect((await rig.client().put(`/v1/ips/${primary}`, { targeted_to: '0' })).status).toBe(400);
    const named = await rig.client().put(`/v1/ips/${primary}`, { ptr_record: 'app.example.org' });
    expect([named.status, named.body.ptr_record]).toEqual([200, 'app.example.org.']);
  });
});

describe('what is a matter of the account or unknown of the real API can be set', () => {
  test('a second DELETE of a terminating server is accepted when so set', async () => {
    await settings({ timing: slow, deleteTerminating: 204 });
    const server = await orderServer();
    expect((await rig.client().delete(`/v1/servers/${server}`)).status).toBe(204);
    expect((await rig.client().delete(`/v1/servers/${server}`)).status).toBe(204);
  });

  test('a second key with the same text is accepted when so set', async () => {
    await settings({ duplicateKeys: 'accept' });
    for (const label of ['one', 'two'])
      expect((await post('/v1/ssh-keys', { label, key: keyTexts[0] })).status).toBe(201);
  });

  test('user-data up to the limit is taken', async () => {
    await settings({ userDataLimit: 20 });
    const exactly = base64('#cloud-config\n#12345');
    expect((await post(servers, order({ user_data: exactly }))).status).toBe(201);
    expect((await post(servers, order({ user_data: base64('#cloud-config\n#123456') }))).status).toBe(400);
  });

  test('floating addresses are pooled: two servers have twice the quota', async () => {
    await orderServer();
    await orderServer();
    for (let number = 0; number < 8; number += 1) await orderAddress();
    expect((await post(ips, { region: 'LT-Siauliai' })).status).toBe(400);
  });
});

describe('what the API takes in more than one form', () => {
  test('SSH keys are named by string or number', async () => {
    const key = Number(await id(post('/v1/ssh-keys', { label: 'deploy', key: keyTexts[0] })));
    await orderServer({ ssh_keys: [key] });
    await orderServer({ ssh_keys: [String(key)] });
    expect(rig.machines.all.map(({ authorizedKeys }) => authorizedKeys)).toEqual([
      [keyTexts[0]],
      [keyTexts[0]],
    ]);
  });

  test('a key is sent again with its own text, by an update of its label', async () => {
    const key = await id(post('/v1/ssh-keys', { label: 'deploy', key: keyTexts[0] }));
    const changed = await rig.client().put(`/v1/ssh-keys/${key}`, { label: 'renamed', key: keyTexts[0] });
    expect([changed.status, changed.body.name, changed.body.key]).toEqual([201, undefined, keyTexts[0]]);
  });

  test('an image is named by slug or by name', async () => {
    await orderServer({ image: 'Debian 12 64bit' });
    await orderServer({ image: 'debian_12_64bit' });
    expect(rig.machines.all.map(({ image }) => image)).toEqual(['debian_12_64bit', 'debian_12_64bit']);
  });

  test.each(['reinstall', 'rebuild'])('a server is reinstalled by %s', async (type) => {
    expect((await reinstall({ type })).status).toBe(201);
  });

  test.each([
    ['power_off', 'power_on'],
    ['power-off', 'power-on'],
  ])('power goes by %s and %s', async (off, on) => {
    const server = await orderServer();
    expect((await act(server, { type: off })).body.state).toBe('inactive');
    expect((await act(server, { type: on })).body.state).toBe('active');
  });

  test('tags that are null or absent are an empty object', async () => {
    for (const tags of [null, undefined]) {
      const server = await orderServer({ tags });
      expect((await rig.client().get(`/v1/servers/${server}`)).body.tags).toEqual({});
    }
  });

  test('a host name that is left out is made up, and valid', async () => {
    const server = await orderServer({ hostname: undefined });
    expect((await rig.client().get(`/v1/servers/${server}`)).body.hostname).toBe(`server-${server}`);
  });
});
