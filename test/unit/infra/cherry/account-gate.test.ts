import { ExitCode, Failure } from '../../../../foundation/failure';
import { AccountGate, type PlannedChange } from '../../../../infra/cherry/account-gate';
import { CherryApiError, type CherryApi, type Server } from '../../../../infra/cherry/client';
import type { StateFacts } from '../../../../infra/plan/state-facts';
import { ed25519 } from '../keys';

const server = (change: Partial<Server> = {}): Server => ({
  id: 811287,
  name: 'preview-cogni',
  hostname: 'preview-cogni',
  state: 'active',
  status: 'deployed',
  ...change,
});
const silent = (): Promise<never> => Promise.reject(new CherryApiError('silent', 'it gave no answer'));
const api = (servers: readonly Server[], change: Partial<CherryApi> = {}): CherryApi => ({
  projects: () => Promise.resolve([{ id: 1, name: 'ours' }]),
  plan: () => Promise.resolve({ slug: 'p', available_regions: [{ slug: 'LT-Siauliai', stock_qty: 0 }] }),
  plans: () => Promise.resolve([]),
  images: () => Promise.resolve([{ name: 'Ubuntu', slug: 'ubuntu' }]),
  keys: () => Promise.resolve([]),
  servers: () => Promise.resolve(servers),
  addresses: () => Promise.resolve([]),
  ...change,
});
const gate = (asked: CherryApi, kind: 'host' | 'address' = 'host'): AccountGate =>
  new AccountGate({
    ...{ api: asked, kind },
    wanted: {
      environment: 'preview',
      hostName: 'preview-cogni',
      stack: 'preview',
      projectId: 1,
      plan: 'p',
      region: 'LT-Siauliai',
      image: 'ubuntu',
      key: { label: 'preview-cogni-deploy', line: ed25519(1) },
      forget: (address) => `terraform state rm ${address}`,
    },
  });
const living: StateFacts = {
  version: { serial: 1, lineage: 'l' },
  ids: { 'cherryservers_server.host': '811287' },
};
const change = (actions: readonly string[], wipes = false): PlannedChange => ({
  address: 'cherryservers_server.host',
  type: 'cherryservers_server',
  actions,
  wipes,
});
const failed = server({ status: 'failed deployment' });
const thrownBy = (work: () => void): Failure | undefined => {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  return undefined;
};

describe('the account, around a plan', () => {
  it('refuses a plan that leaves a server without a system as it is, and says the way out', async () => {
    const account = gate(api([failed]));
    await account.beforePlanning(living, []);
    const refusal = thrownBy(() => account.afterPlanning([change(['no-op'])]));
    expect([refusal?.exitCode, refusal?.faults]).toEqual([
      ExitCode.refused,
      [expect.stringMatching(/has no system[^]*-X DELETE[^]*\.\/cogni plan preview/)],
    ]);
  });

  it('lets a plan pass that wipes, replaces or removes it', async () => {
    for (const renewed of [change(['update'], true), change(['delete'])]) {
      const account = gate(api([failed]));
      await account.beforePlanning(living, []);
      expect(thrownBy(() => account.afterPlanning([renewed]))).toBeUndefined();
    }
  });

  it('refuses to replace what could not be ordered again', async () => {
    const account = gate(api([server()]));
    await account.beforePlanning(living, []);
    expect(thrownBy(() => account.afterPlanning([change(['delete', 'create'])]))?.faults).toEqual([
      expect.stringContaining('no other would come'),
    ]);
    expect(await account.beforeApplying(living, [change(['delete', 'create'])])).toEqual([
      expect.stringContaining('no other would come'),
    ]);
  });

  it('asks nothing of a plan that removes the host, and everything of one that keeps it', async () => {
    const account = gate(api([server()], { images: () => Promise.resolve([]) }));
    expect(await account.beforeApplying(living, [change(['delete'])])).toEqual([]);
    expect(await account.beforeApplying(living, [change(['update'])])).toEqual([
      expect.stringContaining('no image with the slug'),
    ]);
  });

  it('says of a plan without a change that it has not seen the machine', async () => {
    const account = gate(api([server()]));
    await account.beforePlanning(living, []);
    account.afterPlanning([change(['no-op'])]);
    expect(account.notes).toEqual([expect.stringContaining('./cogni host check preview')]);
  });

  it('says of an order what is not known of quotas, and of floating addresses what is there', async () => {
    const stocked = { slug: 'p', available_regions: [{ slug: 'LT-Siauliai', stock_qty: 1 }] };
    const none: StateFacts = { version: null, ids: {} };
    const host = gate(api([], { plan: () => Promise.resolve(stocked) }));
    await host.beforePlanning(none, []);
    host.afterPlanning([change(['create'])]);
    expect(host.notes).toEqual([expect.stringContaining('how many the account may have')]);
    const floating = Array.from({ length: 4 }, (_, index) => ({
      ...{ id: String(index), address: '192.0.2.1', type: 'floating-ip' },
    }));
    const address = gate(api([server()], { addresses: () => Promise.resolve(floating) }), 'address');
    await address.beforePlanning(none, []);
    address.afterPlanning([
      { address: 'cherryservers_ip.floating', type: 'cherryservers_ip', actions: ['create'], wipes: false },
    ]);
    expect(address.notes).toEqual([expect.stringContaining('the project has 4 of them and 1 server,')]);
  });

  it('fails, and refuses nothing, when the account cannot be asked', async () => {
    const refusal = await gate(api([], { projects: silent }))
      .beforePlanning(living, [])
      .catch((thrown: unknown) => thrown as Failure);
    expect(refusal).toMatchObject({ exitCode: ExitCode.failed, faults: ['it gave no answer'] });
  });
});

describe('the account, after an apply', () => {
  it('names what Terraform takes for done and is not', async () => {
    expect(await gate(api([server({ status: 'deploying' })])).afterApplying(living)).toEqual([
      expect.stringContaining('still being installed ("deploying"), whatever Terraform says'),
    ]);
    expect(await gate(api([])).afterApplying(living)).toEqual([
      expect.stringContaining('server 811287 of the state is no longer at Cherry'),
    ]);
    expect(await gate(api([server()])).afterApplying(living)).toEqual([]);
  });

  it('asks nobody about a state without a server', async () => {
    const none = { version: null, ids: {} };
    expect(await gate(api([], { servers: silent })).afterApplying(none)).toEqual([]);
  });

  it('says what could not be asked instead of nothing', async () => {
    const account = gate(api([], { servers: silent }));
    expect(await account.afterApplying(living)).toEqual([expect.stringContaining('cannot be said')]);
    expect(await account.leftBehind(living)).toEqual([
      expect.stringMatching(/left a server behind .* cannot be said: it gave no answer/),
    ]);
  });

  it('offers to keep what has a system, later what is being installed, and never what has none', async () => {
    const left = async (change: Partial<Server>): Promise<string> =>
      (await gate(api([server(change)])).leftBehind({ version: null, ids: {} })).join();
    expect(await left({})).toMatch(/--import cherryservers_server\.host=811287\n/);
    expect(await left({ state: 'pending' })).toContain('when it is active, not before');
    const broken = await left({ state: 'failed', status: 'failed deployment' });
    expect(broken).toContain('nothing in it to keep');
    expect(broken).not.toContain('--import');
    expect(broken).toContain('-X DELETE');
  });
});
