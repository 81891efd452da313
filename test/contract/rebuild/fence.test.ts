import { systemClock } from '../../../foundation/clock';
import { httpsThrough, proxyFrom } from '../../../foundation/proxy';
import { lookupFrom } from '../../../foundation/resolve';
import { Secret } from '../../../foundation/secret';
import { cherryApi, cherryChanges, type CherryApiProps } from '../../../infra/cherry/client';
import { fenceServer, lookAtFence, type FenceProps } from '../../../infra/cherry/fence';
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
