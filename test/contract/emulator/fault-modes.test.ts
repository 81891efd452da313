import { faultModes, namesIn } from '../../../sandbox/emulator/fault-modes';
import { plain } from './client';
import { keyTexts, order, project, Rig } from './rig';

const servers = `/v1/projects/${project}/servers`;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterAll(() => rig.remove());
beforeEach(async () => {
  await rig.control('POST', 'reset');
});

const orderServer = async (): Promise<number> => Number((await rig.client().post(servers, order())).body.id);
const orderAddress = async (): Promise<string> =>
  String((await rig.client().post(`/v1/projects/${project}/ips`, { region: 'LT-Siauliai' })).body.id);
const refused = async (path: string, body: object): Promise<[number, string]> => {
  const answer = await plain('POST', `http://127.0.0.1:${rig.emulator.ports.control}/_emu/${path}`, body);
  return [answer.status, (JSON.parse(answer.text) as { error: string }).error];
};

describe('fault modes, through the control API', () => {
  test('are listed as they stand in the table', async () => {
    expect(await rig.control('GET', 'fault-modes')).toEqual(JSON.parse(JSON.stringify(faultModes)));
  });

  const variants = faultModes.flatMap(({ number, variants: all }) =>
    Object.entries(all).map(([variant, orders]) => [number, variant, orders] as const),
  );
  test.each(variants)(
    '%d (%s) is injected by its number, and says what it did',
    async (number, variant, orders) => {
      const named = {
        server: await orderServer(),
        address: await orderAddress(),
        token: 'own',
        team: 94000,
        label: 'deploy',
        key: keyTexts[0],
        plan: 'B1-2-2gb-40s-shared',
        region: 'LT-Siauliai',
        image: 'ubuntu_22_04',
      };
      const needed = Object.fromEntries(
        Object.entries(named).filter(([name]) => namesIn(orders).includes(name)),
      );
      const { done } = (await rig.control('POST', `fault-modes/${number}`, { variant, ...needed })) as {
        readonly done: readonly { readonly call: string }[];
      };
      expect(done.map(({ call }) => call.split(' ')[0])).toEqual(
        orders.map(({ call }) => call.split(' ')[0]),
      );
      expect(JSON.stringify(done.map(({ call }) => call))).not.toContain('{');
    },
  );

  test('take their first variant where none is named', async () => {
    expect(await rig.control('POST', 'fault-modes/3')).toMatchObject({ mode: 3, variant: 'html' });
  });

  test('say what they need, what is missing and what is of no use, and then do nothing', async () => {
    expect(await refused('fault-modes/10', { plan: 'B1' })).toEqual([
      400,
      'fault mode 10 (plain) needs server; server is missing, plan is not used',
    ]);
    expect(await refused('fault-modes/1', { server: 811000 })).toEqual([
      400,
      'fault mode 1 (plain) needs nothing; server is not used',
    ]);
    expect(await rig.control('GET', 'faults')).toEqual([]);
  });

  test('that there are not are refused with those that there are', async () => {
    expect(await refused('fault-modes/28', {})).toEqual([
      404,
      'there is no fault mode 28; there are 1 to 27',
    ]);
    expect(await refused('fault-modes/3', { variant: 'toString' })).toEqual([
      400,
      'fault mode 3 has no variant "toString"; it has html, empty',
    ]);
  });
});

describe('records that change without a call of ours', () => {
  test('the record takes over the address of a machine that was swapped', async () => {
    const server = await orderServer();
    await rig.control('POST', `machines/${server}/reinstall`, { address: 'other' });
    expect(await rig.control('GET', `machines/${server}`)).toMatchObject({
      api: { address: '172.30.5.100' },
      machine: { address: '172.30.5.101' },
    });
    await rig.control('PATCH', `servers/${server}`, { address: 'of-machine' });
    expect((await rig.client().get(`/v1/servers/${server}`)).body.ip_addresses).toContainEqual(
      expect.objectContaining({ type: 'primary-ip', address: '172.30.5.101' }),
    );
  });

  test('the record shows other keys, and none that are not there', async () => {
    const key = Number(
      (await rig.client().post('/v1/ssh-keys', { label: 'deploy', key: keyTexts[0] })).body.id,
    );
    const server = await orderServer();
    await rig.control('PATCH', `servers/${server}`, { keys: [key] });
    expect((await rig.client().get(`/v1/servers/${server}`)).body.ssh_keys).toMatchObject([{ id: key }]);
    await expect(rig.control('PATCH', `servers/${server}`, { keys: [4711] })).rejects.toThrow(
      'there is no key 4711',
    );
  });

  test('the vendor ends a server, as slowly as it ends those that we delete', async () => {
    await rig.control('PATCH', 'settings', {
      timing: { pending: 0, provisioning: 0, reinstall: 0, termination: 60 },
    });
    const server = await orderServer();
    await rig.control('DELETE', `servers/${server}`);
    expect((await rig.client().get(`/v1/servers/${server}`)).body.state).toBe('terminating');
    await expect(rig.control('DELETE', `servers/${server}`)).rejects.toThrow('is terminating already');
    await rig.control('POST', 'clock', { advance: 60 });
    expect((await rig.client().get(`/v1/servers/${server}`)).status).toBe(404);
    expect(rig.machines.all).toEqual([]);
  });

  test('an address goes, and answers 404 or 403 by setting', async () => {
    const address = await orderAddress();
    await rig.control('DELETE', `addresses/${address}`);
    expect((await rig.client().get(`/v1/ips/${address}`)).status).toBe(404);
    await rig.control('PATCH', 'settings', { deletedAddresses: 403 });
    expect((await rig.client().get(`/v1/ips/${address}`)).status).toBe(403);
    await expect(rig.control('DELETE', `addresses/${address}`)).rejects.toThrow(
      'there is no floating address',
    );
  });

  test('somebody else registers a key, by the rules of the API', async () => {
    const twin = { team: 94000, label: 'deploy', key: keyTexts[0] };
    await rig.control('POST', 'keys', twin);
    expect((await rig.client().get('/v1/ssh-keys')).list).toMatchObject([{ label: 'deploy' }]);
    await expect(rig.control('POST', 'keys', twin)).rejects.toThrow('SSH key exists already.');
    await expect(rig.control('POST', 'keys', { ...twin, team: 1 })).rejects.toThrow('there is no team 1');
  });
});

describe('deployments that fail', () => {
  const reinstall = { type: 'reinstall', image: 'debian_12_64bit', password: 'sandBox1pw' };

  test('leave an ordered server failed, with no machine behind it, and say so', async () => {
    await rig.control('PATCH', 'settings', { deployments: 'fail' });
    const server = await orderServer();
    expect(await rig.control('GET', `machines/${server}`)).toMatchObject({
      api: { state: 'failed', status: 'failed deployment' },
      machine: null,
    });
    expect(await rig.control('GET', 'failures')).toMatchObject([{ server, kind: 'create' }]);
  });

  test('leave a reinstalled server without a system; the next reinstall mends it', async () => {
    const server = await orderServer();
    await rig.control('PATCH', 'settings', { deployments: 'fail' });
    await rig.client().post(`/v1/servers/${server}/actions`, reinstall);
    expect(await rig.control('GET', `machines/${server}`)).toMatchObject({
      api: { state: 'active', status: 'failed deployment' },
      machine: null,
    });
  });

  test('a reinstall may change the primary address, which goes back to the pool, or leave the power off', async () => {
    const server = await orderServer();
    await rig.control('PATCH', 'settings', { reinstallPrimaryAddress: 'new', reinstallPower: 'off' });
    await rig.client().post(`/v1/servers/${server}/actions`, reinstall);
    expect(await rig.control('GET', `machines/${server}`)).toMatchObject({
      api: { state: 'active', status: 'deployed', power: 'off', address: '172.30.5.101' },
      machine: { address: '172.30.5.101', running: false, diskGeneration: 2 },
    });
    expect((await rig.client().post(servers, order())).status).toBe(201);
    expect(rig.machines.all.map(({ address }) => address)).toEqual(['172.30.5.101', '172.30.5.100']);
  });
});
