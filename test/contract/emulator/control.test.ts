import { plain } from './client';
import { order, project, Rig, userData } from './rig';

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

describe('the control API', () => {
  test('tells its health', async () => {
    await orderServer();
    expect(await rig.control('GET', 'health')).toEqual({
      ok: true,
      now: '2026-01-01T00:00:00.000Z',
      servers: 1,
      jobs: 0,
    });
  });

  test('shows what the machine is beside what the API says', async () => {
    const server = await orderServer();
    expect(await rig.control('GET', `machines/${server}`)).toMatchObject({
      api: { id: server, state: 'active', power: 'on', address: '172.30.5.100' },
      machine: {
        address: '172.30.5.100',
        running: true,
        diskGeneration: 1,
        userData: expect.stringContaining('hidden'),
      },
    });
    expect(await rig.control('GET', 'machines')).toHaveLength(1);
  });

  test('powers a machine off behind the back of the API, whose record stays as it was', async () => {
    const server = await orderServer();
    expect(await rig.control('POST', `machines/${server}/power`, { action: 'off' })).toMatchObject({
      api: { state: 'active', power: 'on' },
      machine: { running: false },
    });
  });

  test('wipes a machine behind the back of the API: no keys, no user-data, another host key, the record unchanged', async () => {
    const server = await orderServer();
    const record = (await rig.client().get(`/v1/servers/${server}`)).body;
    const [before] = rig.machines.all;
    await rig.control('POST', `machines/${server}/reinstall`, {});
    const [after] = rig.machines.all;
    expect(after).toMatchObject({
      diskGeneration: 2,
      authorizedKeys: [],
      userData: undefined,
      address: before!.address,
    });
    expect(after!.hostKey).not.toBe(before!.hostKey);
    expect((await rig.client().get(`/v1/servers/${server}`)).body).toEqual(record);
  });

  test('removes a machine behind the back of the API, which goes on to say active', async () => {
    const server = await orderServer();
    expect(await rig.control('DELETE', `machines/${server}`)).toMatchObject({
      api: { state: 'active' },
      machine: null,
    });
  });

  test('hands the armed machine faults to the next boot with new user-data, and only to that', async () => {
    await rig.control('PUT', 'machine-faults', { faults: ['full-disk', 'ports-taken'] });
    await orderServer();
    await orderServer();
    expect(rig.machines.all.map(({ faults }) => faults)).toEqual([['full-disk', 'ports-taken'], []]);
  });

  test('keeps them armed when the order is refused', async () => {
    await rig.control('PUT', 'machine-faults', { faults: ['broken-package'] });
    expect((await rig.client().post(servers, order({ plan: 'none' }))).status).toBe(400);
    expect(await rig.control('GET', 'machine-faults')).toEqual(['broken-package']);
  });

  test('advances a clock that stands, and records get their times from it', async () => {
    expect(await rig.control('POST', 'clock', { advance: 3600 })).toEqual({
      now: '2026-01-01T01:00:00.000Z',
    });
    expect((await rig.client().post(servers, order())).text).toContain(
      '"created_at":"2026-01-01T01:00:00+00:00"',
    );
  });

  test('renames a region and an image under a living server, whose record names the old image on', async () => {
    const server = await orderServer();
    await rig.control('PATCH', 'catalogue', {
      regions: [{ slug: 'LT-Siauliai', newSlug: 'LT-Renamed' }],
      images: [{ slug: 'ubuntu_22_04', newName: 'Ubuntu 22.04 LTS' }],
      plans: [{ slug: 'B1-2-2gb-40s-shared', newSlug: 'B1-renamed', images: ['debian_12_64bit'] }],
    });
    const { region, image } = (await rig.client().get(`/v1/servers/${server}`)).body;
    expect([region?.slug, image]).toEqual(['LT-Renamed', 'Ubuntu 22.04 64bit']);
    expect((await rig.client().get('/v1/plans/B1-renamed/images')).list.map(({ slug }) => slug)).toEqual([
      'debian_12_64bit',
    ]);
  });

  test('forgets everything on a reset, and removes every machine; the same calls then give the same ids', async () => {
    const first = await orderServer();
    await rig.control('PATCH', 'settings', { timing: 'realistic' });
    await rig.control('POST', 'faults', { when: {}, then: { kind: 'silence' } });
    await rig.control('POST', 'reset');
    expect(rig.machines.all).toEqual([]);
    expect((await rig.client().get(servers)).list).toEqual([]);
    expect(await orderServer()).toBe(first);
    expect(rig.machines.all).toHaveLength(1);
  });

  test('dumps the state without user-data', async () => {
    await orderServer();
    const state = JSON.stringify(await rig.control('GET', 'state'));
    expect(state).toContain('"172.30.5.100"');
    expect(state).not.toContain('cloud-config');
    expect(state).not.toContain(userData);
  });

  test.each([
    ['POST', 'clock', { advance: -1 }, 'advance'],
    ['POST', 'clock', undefined, 'advance'],
    ['PATCH', 'settings', { speed: 3 }, 'speed'],
    ['POST', 'faults', { when: { method: 'FETCH' }, then: { kind: 'explode' } }, 'kind'],
    ['PUT', 'machine-faults', { faults: ['gremlins'] }, 'faults'],
    ['PATCH', 'tokens/nobody', { access: 'full' }, 'there is no token "nobody"'],
    ['GET', 'machines/4711', undefined, 'there is no server 4711'],
    ['GET', 'nothing', undefined, 'there are: GET /_emu/health'],
  ])('refuses %s %s with %j and says what is wrong', async (method, path, body, what) => {
    const url = `http://127.0.0.1:${rig.emulator.ports.control}/_emu/${path}`;
    const answer = await plain(method, url, body);
    expect([400, 404]).toContain(answer.status);
    expect((JSON.parse(answer.text) as { error: string }).error).toContain(what);
  });
});
