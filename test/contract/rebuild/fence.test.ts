import { systemClock } from '../../../foundation/clock';
import { httpsThrough, proxyFrom } from '../../../foundation/proxy';
import { lookupFrom } from '../../../foundation/resolve';
import { Secret } from '../../../foundation/secret';
import { cherryApi, cherryChanges, type CherryApiProps } from '../../../infra/cherry/client';
import { fenceActs, fenceServer, lookAtFence, type FenceProps } from '../../../infra/cherry/fence';
import { orphansOf } from '../../../infra/cherry/orphans';
import { order, project, Rig, tokens } from '../emulator/rig';

const hostName = 'prod-app';
let rig: Rig;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.remove());
beforeEach(() => rig.control('POST', 'reset'));

const account = (token: string = tokens.own): CherryApiProps => ({
  https: httpsThrough(
    { authorities: [rig.authority.ca], lookup: lookupFrom(undefined) },
    proxyFrom({ HTTPS_PROXY: `http://127.0.0.1:${rig.emulator.ports.proxy}` }),
  ),
  token: Secret.of('token', token),
  clock: systemClock,
});

const propsOf = (server: number, token?: string): FenceProps => ({
  api: cherryApi(account()),
  changes: cherryChanges(account(token)),
  environment: 'preview',
  hostName,
  projectId: project,
  server,
});

/** A server as a plan orders it, with a floating address where one is wanted. */
async function ordered(change: Record<string, unknown> = {}): Promise<number> {
  const tags = { environment: 'preview' };
  const asked = order({ hostname: hostName, tags, ...change });
  await rig.client().call('POST', `/v1/projects/${project}/servers`, asked);
  await rig.control('POST', 'clock', { advance: 600 });
  return rig.machines.all.at(-1)?.serverId ?? 0;
}

/** The provider installs it anew: the record says so until that is done, two minutes later. */
async function installs(server: number): Promise<void> {
  const timing = { pending: 0, provisioning: 0, reinstall: 120, termination: 0 };
  await rig.control('PATCH', 'settings', { timing });
  const { status } = await rig.client().call('POST', `/v1/servers/${server}/actions`, {
    type: 'reinstall',
    image: order().image,
    password: 'sandBox1pw',
  });
  expect(status).toBe(201);
}

async function floating(): Promise<string> {
  const { body } = await rig
    .client()
    .call('POST', `/v1/projects/${project}/ips`, { region: order().region, targeted_to: '0' });
  return body.id as string;
}

describe('a server that a rebuild gives up', () => {
  it('is off, has no address of ours, and is no twin of the one that is ordered in its place', async () => {
    const address = await floating();
    const lost = await ordered({ ip_addresses: [address] });
    await rig.control('POST', `machines/${lost}/reinstall`, { address: 'kept' });
    const [said] = await fenceServer(propsOf(lost));
    expect(said).toBe(
      `server ${lost} is switched off, has no floating address and is called lost-${lost}-prod-app; it is still paid for`,
    );
    expect(rig.machines.all).toMatchObject([{ serverId: lost, running: false }]);
    const servers = await cherryApi(account()).servers(project);
    expect(orphansOf(servers, { version: null, ids: {} }, { environment: 'preview', hostName })).toEqual([]);
    // Which the provider refuses for as long as another server has it.
    const next = await ordered({ ip_addresses: [address] });
    expect(next).not.toBe(lost);
    expect((await lookAtFence(propsOf(lost))).acts).toEqual([]);
  });

  it('loses its address at once where the provider still installs it, and is switched off as soon as that can be done', async () => {
    const address = await floating();
    const lost = await ordered({ ip_addresses: [address] });
    await installs(lost);
    const waited: number[] = [];
    const clock = {
      monotonic: () => waited.reduce((sum, each) => sum + each, 0),
      sleep: async (milliseconds: number) => {
        if (waited.length === 0) {
          // What can be done is done by then; the name comes last, since a record that is being changed takes no other change.
          const { acts } = await lookAtFence(propsOf(lost));
          expect(acts).toEqual(['power-off', 'rename']);
        }
        waited.push(milliseconds);
        await rig.control('POST', 'clock', { advance: milliseconds / 1000 });
      },
    };
    const [said] = await fenceServer({ ...propsOf(lost), clock });
    expect(said).toContain(`server ${lost} is switched off, has no floating address`);
    expect(rig.machines.all).toMatchObject([{ serverId: lost, running: false }]);
    expect(clock.monotonic()).toBe(120_000);
  });

  it('is not called out of the way where its installation does not come to an end: it may still answer then', async () => {
    const lost = await ordered();
    await installs(lost);
    let passed = 0;
    const clock = {
      monotonic: () => passed,
      sleep: (milliseconds: number) => Promise.resolve(void (passed += milliseconds)),
    };
    await expect(fenceServer({ ...propsOf(lost), clock })).rejects.toThrow(
      'the provider still installs it ("deploying") after 20 min',
    );
    expect((await lookAtFence(propsOf(lost))).acts).toEqual(['power-off', 'rename']);
  });

  it.each([
    ['active', ['power-off', 'rename']],
    ['a state that is not known here', ['power-off', 'rename']],
    ['inactive', ['rename']],
    ['failed', ['rename']],
    ['terminating', []],
  ])('may answer for as long as it may have power: %s', (state, acts) => {
    const record = { id: 7, state, hostname: hostName };
    expect(fenceActs(record, [], hostName)).toEqual(acts);
  });

  it('stays what it is where the token may only read, and nothing of it is called done', async () => {
    const lost = await ordered();
    await expect(fenceServer(propsOf(lost, tokens.reader))).rejects.toThrow(
      `server ${lost} could not be taken out of the way`,
    );
    expect(rig.machines.all).toMatchObject([{ running: true }]);
  });

  it('is out of the way where the provider does not list it any more', async () => {
    const lost = await ordered();
    await rig.client().call('DELETE', `/v1/servers/${lost}`);
    await rig.control('POST', 'clock', { advance: 600 });
    expect(await fenceServer(propsOf(lost))).toEqual([`server ${lost} is not at Cherry any more`]);
  });
});
