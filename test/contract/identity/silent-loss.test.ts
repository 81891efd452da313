import type { HostCheck } from '../../../deploy/host/check';
import { systemClock } from '../../../foundation/clock';
import { httpsThrough, proxyFrom } from '../../../foundation/proxy';
import { lookupFrom } from '../../../foundation/resolve';
import { Secret } from '../../../foundation/secret';
import { cherryApi, type CherryApi } from '../../../infra/cherry/client';
import { lookAtIdentity, type IdentityReport, type StateServer } from '../../../recovery/identity/look';
import { check, otherKey } from '../../unit/recovery/identity/examples';
import { order, project, Rig, tokens } from '../emulator/rig';

let rig: Rig;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.remove());
beforeEach(() => rig.control('POST', 'reset'));

const apiWith = (token: string): CherryApi =>
  cherryApi({
    https: httpsThrough(
      { authorities: [rig.authority.ca], lookup: lookupFrom(undefined) },
      proxyFrom({ HTTPS_PROXY: `http://127.0.0.1:${rig.emulator.ports.proxy}` }),
    ),
    token: Secret.of('token', token),
    clock: systemClock,
  });

/** What was pinned when the server was made: its address, and the key of the machine behind it. */
interface Pinned {
  readonly id: number;
  readonly address: string;
  readonly hostKey: string;
}

async function provisioned(change: Record<string, unknown> = {}): Promise<Pinned> {
  const { body } = await rig.client().call('POST', '/v1/ssh-keys', {
    label: 'deploy',
    key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f first@example',
  });
  await rig
    .client()
    .call('POST', `/v1/projects/${project}/servers`, order({ ssh_keys: [body.id], ...change }));
  await rig.control('POST', 'clock', { advance: 600 });
  const { serverId: id, address, hostKey } = rig.machines.all.at(-1)!;
  return { id, address, hostKey };
}

/** The machines of the emulator, as an SSH client with that pin meets them. */
const meeting =
  ({ hostKey }: Pinned) =>
  (address: string): Promise<HostCheck> => {
    const machine = rig.machines.all.find((each) => each.address === address && each.running);
    if (machine === undefined)
      return Promise.resolve(check({ address, identity: 'silent', seen: undefined, evidence: undefined }));
    return Promise.resolve(
      machine.hostKey === hostKey ? check({ address }) : { ...otherKey(address), seen: machine.hostKey },
    );
  };

const look = (
  pinned: Pinned,
  change: { token?: string; state?: StateServer } = {},
): Promise<IdentityReport> =>
  lookAtIdentity({
    environment: 'preview',
    hostName: 'prod-app',
    provisioned: true,
    state: () => Promise.resolve(change.state === undefined ? pinned : change.state),
    servers: () => apiWith(change.token ?? tokens.own).servers(project),
    address: () => Promise.resolve(pinned.address),
    look: meeting(pinned),
  });

const mode = (number: number, server: number): Promise<unknown> =>
  rig.control('POST', `fault-modes/${number}`, { server });

describe('a host that the provider replaced', () => {
  it('is well before, with all three sources in agreement', async () => {
    expect((await look(await provisioned())).verdict.id).toBe('well');
  });

  it('is found when the record is as ever, which no plan sees (2026-02-07)', async () => {
    const pinned = await provisioned();
    const before = await apiWith(tokens.own).servers(project);
    await mode(10, pinned.id);
    expect(await apiWith(tokens.own).servers(project)).toEqual(before);
    expect(rig.machines.all).toMatchObject([{ serverId: pinned.id, diskGeneration: 2, authorizedKeys: [] }]);
    const report = await look(pinned);
    // The machine moved to another address: at the recorded one nothing answers, and the provider calls it active.
    expect(report.case).toEqual({ state: 'server', api: 'same', others: 'none', host: 'silent' });
    expect(report.verdict).toMatchObject({ id: 'hung', exitCode: 5 });
    expect(report.verdict.destructive).toBeUndefined();
  });

  it('is named a silent replacement when the new machine answers at the old address', async () => {
    const pinned = await provisioned();
    await rig.control('POST', `machines/${pinned.id}/reinstall`, { address: 'kept' });
    const report = await look(pinned);
    expect(report.verdict).toMatchObject({ id: 'replaced-silently', exitCode: 3 });
    expect(report.verdict.destructive).toBeUndefined();
    expect(report.findings).toEqual([expect.stringMatching(/showed SHA256:.*is pinned/)]);
  });

  it('is found when the record shows the new address', async () => {
    const pinned = await provisioned();
    await mode(11, pinned.id);
    expect((await look(pinned)).verdict.id).toBe('replaced-and-moved');
  });

  it('is found when the record shows no keys', async () => {
    const pinned = await provisioned();
    await rig.control('POST', `machines/${pinned.id}/reinstall`, { address: 'kept' });
    await rig.control('PATCH', `servers/${pinned.id}`, { keys: [] });
    expect((await look(pinned)).verdict.id).toBe('replaced-and-unkeyed');
  });
});

describe('a server that is gone', () => {
  it('is lost while nothing answers, and its address recycled when another one has it', async () => {
    const pinned = await provisioned();
    await mode(13, pinned.id);
    await rig.control('POST', 'clock', { advance: 600 });
    expect((await look(pinned)).verdict.id).toBe('lost');
    await rig.client().call('POST', `/v1/projects/${project}/servers`, order({ hostname: 'mail' }));
    await rig.control('POST', 'clock', { advance: 600 });
    expect(rig.machines.all).toMatchObject([{ address: pinned.address }]);
    expect((await look(pinned)).verdict).toMatchObject({ id: 'recycled', exitCode: 5 });
  });

  it('is said to be ending while the provider still lists it', async () => {
    const pinned = await provisioned();
    await mode(26, pinned.id);
    expect((await look(pinned)).verdict.id).toBe('stopped');
  });
});

describe('servers beside it', () => {
  it('finds the twin of an order whose answer was lost, and names it', async () => {
    const pinned = await provisioned();
    await rig.client().call('POST', `/v1/projects/${project}/servers`, order());
    await rig.control('POST', 'clock', { advance: 600 });
    const twin = rig.machines.all.at(-1)!.serverId;
    const report = await look(pinned);
    expect(report.verdict).toMatchObject({ id: 'twin', destructive: true });
    expect(report.verdict.next).toContain(`/v1/servers/${twin}`);
    expect((await look(pinned, { state: null })).verdict.destructive).toBeUndefined();
  });

  it('finds the machine with the data behind a server that the state does not have', async () => {
    const pinned = await provisioned();
    await rig.client().call('POST', `/v1/projects/${project}/servers`, order());
    await rig.control('POST', 'clock', { advance: 600 });
    const twin = rig.machines.all.at(-1)!;
    const report = await look(pinned, { state: { id: twin.serverId, address: twin.address } });
    expect(report.verdict.id).toBe('ours-elsewhere');
  });

  it('removes nothing on the word of an inventory that could not be read', async () => {
    const pinned = await provisioned();
    const report = await look(pinned, { token: 'token-that-nobody-knows' });
    expect(report.verdict).toMatchObject({ id: 'well-itself', sure: 'likely' });
    expect(report.findings).toEqual([expect.stringContaining('the Cherry API does not know the token')]);
  });
});
