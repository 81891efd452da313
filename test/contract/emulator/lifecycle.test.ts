import type { ApiObject } from './client';
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

const settings = (change: object): Promise<unknown> => rig.control('PATCH', 'settings', change);
const advance = (seconds: number): Promise<unknown> => rig.control('POST', 'clock', { advance: seconds });
const orderServer = async (change: object = {}): Promise<number> =>
  Number((await rig.client().post(servers, order({ ...change }))).body.id);
const record = async (server: number): Promise<ApiObject> =>
  (await rig.client().get(`/v1/servers/${server}`)).body;
const brief = async (server: number): Promise<unknown[]> => {
  const { state, status } = await record(server);
  const power = (await rig.client().get(`/v1/servers/${server}?fields=power`)).text;
  return [state, status, power];
};
const act = (server: number, type: string, more: object = {}): Promise<unknown> =>
  rig.client().post(`/v1/servers/${server}/actions`, { type, ...more });
const reinstall = { image: 'debian_12_64bit', password: 'aB3defghijklmnopqrst' };
const on = '{"power":"on"}';
const off = '{"power":"off"}';

describe('in fast mode, which is what the sandbox runs', () => {
  test('a server is active in the first poll, and its machine runs', async () => {
    const server = await orderServer();
    expect(await brief(server)).toEqual(['active', 'deployed', on]);
    expect(rig.machines.all).toMatchObject([{ serverId: server, running: true, hostname: 'prod-app' }]);
  });

  test('the machine gets the decoded user-data, the key texts and the image slug', async () => {
    const key = (await rig.client().post('/v1/ssh-keys', { label: 'deploy', key: keyTexts[0] })).body.id;
    await orderServer({ ssh_keys: [key] });
    expect(rig.machines.all).toMatchObject([
      { userData: '#cloud-config\nusers: []\n', authorizedKeys: [keyTexts[0]], image: 'ubuntu_22_04' },
    ]);
  });

  test('a machine that cannot be created makes the server fail; the failure is in the log and the control API', async () => {
    rig.machines.failNext('create', 'the engine has no room');
    const server = await orderServer();
    expect(await brief(server)).toEqual(['failed', 'failed deployment', off]);
    expect((await record(server)).ip_addresses).toEqual([]);
    expect(await rig.control('GET', 'failures')).toMatchObject([
      { server, kind: 'create', message: 'the engine has no room' },
    ]);
    expect(rig.log.join('\n')).toContain(
      `create machine of server ${server}: failed: the engine has no room`,
    );
    expect((await rig.client().delete(`/v1/servers/${server}`)).status).toBe(204);
    expect((await rig.client().get(`/v1/servers/${server}`)).status).toBe(404);
  });

  test('while its machine is being created, a server is provisioning for everyone else', async () => {
    const open = rig.machines.hold('create');
    const ordered = orderServer();
    await until(async () => (await rig.client().get(servers)).list.length === 1);
    expect((await rig.client().get(servers)).list).toMatchObject([
      { state: 'provisioning', status: 'deploying' },
    ]);
    open();
    expect(await brief(await ordered)).toEqual(['active', 'deployed', on]);
  });

  test('a call is answered only when the machine is done, whatever it is to do', async () => {
    const server = await orderServer();
    const calls = {
      create: () => orderServer(),
      reinstall: () => act(server, 'reinstall', reinstall),
      power: () => act(server, 'reboot'),
      remove: () => rig.client().delete(`/v1/servers/${server}`),
    };
    for (const [operation, call] of Object.entries(calls)) {
      const open = rig.machines.hold(operation as keyof typeof calls);
      let answered = false;
      const answer = call().then(() => (answered = true));
      await until(async () => ((await rig.control('GET', 'health')) as { jobs: number }).jobs === 1);
      expect([operation, answered]).toEqual([operation, false]);
      open();
      await answer;
    }
  });

  test('while its disk is being wiped, a server is deploying for everyone else', async () => {
    const server = await orderServer();
    const open = rig.machines.hold('reinstall');
    const acted = act(server, 'reinstall', reinstall);
    await until(async () => (await record(server)).status === 'deploying');
    expect(await brief(server)).toEqual(['active', 'deploying', on]);
    open();
    await acted;
    expect(await brief(server)).toEqual(['active', 'deployed', on]);
  });

  test('a server that is deleted while its machine fails to be created is gone, not failed', async () => {
    rig.machines.failNext('create', 'no room');
    const open = rig.machines.hold('create');
    const ordered = orderServer();
    await until(async () => (await rig.client().get(servers)).list.length === 1);
    const deleted = rig.client().delete('/v1/servers/811000');
    await until(async () => (await record(811000)).state === 'terminating');
    open();
    await Promise.all([ordered, deleted]);
    expect((await rig.client().get(servers)).list).toEqual([]);
  });

  test('an extra address goes to the new server, and is free again when that is gone', async () => {
    const ips = `/v1/projects/${project}/ips`;
    const extra = (await rig.client().post(ips, { region: 'LT-Siauliai', targeted_to: '0' })).body.id;
    const server = await orderServer({ ip_addresses: [extra] });
    expect((await record(server)).ip_addresses?.map(({ id }) => id)).toContain(extra);
    expect((await rig.client().get(`/v1/ips/${extra}`)).body.targeted_to).toMatchObject({ id: server });
    await rig.client().delete(`/v1/servers/${server}`);
    expect((await rig.client().get(`/v1/ips/${extra}`)).body.targeted_to).toBeUndefined();
  });

  test('power goes off and on, and a reboot leaves it on', async () => {
    const server = await orderServer();
    await act(server, 'power_off');
    expect(await brief(server)).toEqual(['inactive', 'deployed', off]);
    expect(rig.machines.all).toMatchObject([{ running: false }]);
    await act(server, 'power_on');
    await act(server, 'reboot');
    expect(await brief(server)).toEqual(['active', 'deployed', on]);
    expect(rig.machines.all).toMatchObject([{ running: true, boot: 3 }]);
  });

  test('BGP is what the last PUT said, as the provider switches it off with each update', async () => {
    const server = await orderServer();
    await rig.client().put(`/v1/servers/${server}`, { bgp: true });
    expect((await record(server)).bgp?.enabled).toBe(true);
    await rig.client().put(`/v1/servers/${server}`, { name: 'unrelated' });
    expect((await record(server)).bgp?.enabled).toBe(true);
    await rig.client().put(`/v1/servers/${server}`, { bgp: false });
    expect((await record(server)).bgp?.enabled).toBe(false);
  });

  test('rescue mode is entered and left', async () => {
    const server = await orderServer();
    await act(server, 'enter-rescue-mode', { password: reinstall.password });
    expect((await record(server)).status).toBe('rescue mode');
    await act(server, 'exit-rescue-mode');
    expect((await record(server)).status).toBe('deployed');
  });

  test('a reinstall wipes the disk and makes a new host key; keys are those of the request', async () => {
    const key = (await rig.client().post('/v1/ssh-keys', { label: 'deploy', key: keyTexts[0] })).body.id;
    const server = await orderServer({ ssh_keys: [key] });
    const [before] = rig.machines.all;
    await act(server, 'reinstall', reinstall);
    const [after] = rig.machines.all;
    expect(after).toMatchObject({
      diskGeneration: 2,
      address: before!.address,
      authorizedKeys: [],
      userData: undefined,
    });
    expect(after!.hostKey).not.toBe(before!.hostKey);
    expect(await record(server)).toMatchObject({ image: 'Debian 12 64bit', ssh_keys: [], state: 'active' });
  });

  test('a reinstall that fails leaves the server active, with a status that says so; another one mends it', async () => {
    const server = await orderServer();
    rig.machines.failNext('reinstall', 'no disk');
    await act(server, 'reinstall', reinstall);
    expect(await brief(server)).toEqual(['active', 'failed deployment', on]);
    await act(server, 'reinstall', reinstall);
    expect(await brief(server)).toEqual(['active', 'deployed', on]);
  });

  test('a server that was powered off runs after its reinstall', async () => {
    const server = await orderServer();
    await act(server, 'power_off');
    await act(server, 'reinstall', reinstall);
    expect(await brief(server)).toEqual(['active', 'deployed', on]);
  });

  test('a deleted server is gone with the answer, and the next one gets its address with another host key', async () => {
    const first = await orderServer();
    const [machine] = rig.machines.all;
    await rig.client().delete(`/v1/servers/${first}`);
    expect((await rig.client().get(`/v1/servers/${first}`)).status).toBe(404);
    const second = await orderServer();
    expect(second).toBe(first + 1);
    expect(rig.machines.all).toMatchObject([{ serverId: second, address: machine!.address }]);
    expect(rig.machines.all[0]!.hostKey).not.toBe(machine!.hostKey);
  });

  test('a machine that cannot be removed keeps its server terminating and its address taken, until a retry works', async () => {
    const server = await orderServer();
    rig.machines.failNext('remove', 'the engine is away');
    expect((await rig.client().delete(`/v1/servers/${server}`)).status).toBe(204);
    expect((await record(server)).state).toBe('terminating');
    await orderServer();
    expect(rig.machines.all.map(({ address }) => address)).toEqual(['172.30.5.100', '172.30.5.101']);
    expect(await rig.control('POST', 'jobs/retry')).toEqual([]);
    expect((await rig.client().get(`/v1/servers/${server}`)).status).toBe(404);
  });

  test('a power action that the machine refuses is a failure on record, and the API says what it was asked for', async () => {
    const server = await orderServer();
    rig.machines.failNext('power', 'it hangs');
    await act(server, 'power_off');
    expect((await record(server)).state).toBe('inactive');
    expect(await rig.control('GET', 'failures')).toMatchObject([
      { server, kind: 'power', message: 'it hangs' },
    ]);
  });
});

describe('in realistic mode, on a clock that the test advances', () => {
  beforeEach(() => settings({ timing: 'realistic' }));

  test('a server is pending for 20 s, provisioning for 90 s, then active', async () => {
    const server = await orderServer();
    expect(await brief(server)).toEqual(['pending', 'deploying', off]);
    await advance(19);
    expect(await brief(server)).toEqual(['pending', 'deploying', off]);
    await advance(1);
    expect(await brief(server)).toEqual(['provisioning', 'deploying', off]);
    expect((await record(server)).ip_addresses).toEqual([]);
    await advance(89);
    expect(await brief(server)).toEqual(['provisioning', 'deploying', off]);
    await advance(1);
    expect(await brief(server)).toEqual(['active', 'deployed', on]);
  });

  test('a reinstall says deploying at once and deployed after 120 s, while the server stays active', async () => {
    const server = await orderServer();
    await advance(110);
    await act(server, 'reinstall', reinstall);
    expect(await brief(server)).toEqual(['active', 'deploying', on]);
    await advance(119);
    expect(await brief(server)).toEqual(['active', 'deploying', on]);
    await advance(1);
    expect(await brief(server)).toEqual(['active', 'deployed', on]);
  });

  test('a deleted server is terminating for 60 s, with its floating address bound, then gone', async () => {
    const server = await orderServer();
    await advance(110);
    const ips = `/v1/projects/${project}/ips`;
    const floating = (await rig.client().post(ips, { region: 'LT-Siauliai', targeted_to: String(server) }))
      .body.id;
    await rig.client().delete(`/v1/servers/${server}`);
    expect(await brief(server)).toEqual(['terminating', 'deployed', off]);
    const refused = await rig.client().post(servers, order({ ip_addresses: [floating] }));
    expect(refused.body).toEqual({
      code: 400,
      message: expect.stringContaining('assigned to another server'),
    });
    await advance(60);
    expect((await rig.client().get(`/v1/servers/${server}`)).status).toBe(404);
    expect((await rig.client().get(`/v1/ips/${floating}`)).body.targeted_to).toBeUndefined();
    expect((await rig.client().post(servers, order({ ip_addresses: [floating] }))).status).toBe(201);
  });

  test('a server that is deleted while it is being created ends, and its machine with it', async () => {
    const server = await orderServer();
    await rig.client().delete(`/v1/servers/${server}`);
    await advance(60);
    expect((await rig.client().get(`/v1/servers/${server}`)).status).toBe(404);
    expect(rig.machines.all).toEqual([]);
  });

  test('however much time passes, no server is active whose machine has not started', async () => {
    rig.machines.failNext('create', 'no room');
    const server = await orderServer();
    await advance(10_000);
    expect((await record(server)).state).toBe('failed');
  });
});

/** Waits for what another call brings about. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 5_000;
  while (!(await condition())) if (Date.now() > end) throw new Error('it did not come about');
}
