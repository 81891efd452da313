import type { Address, CherryApi, CherryChanges, Server } from '../../../../infra/cherry/client';
import { CherryApiError } from '../../../../infra/cherry/client';
import { fencedName, fenceServer, type FenceProps } from '../../../../infra/cherry/fence';
import { isOf } from '../../../../infra/cherry/orphans';
import { failureOf } from '../../../failure-of';

const id = 811287;
const ours: Server = {
  id,
  name: 'preview-cogni',
  hostname: 'preview-cogni',
  state: 'active',
  tags: { environment: 'preview' },
};
const floating: Address = {
  id: 'aaaa-1',
  address: '192.0.2.200',
  type: 'floating-ip',
  targeted_to: { id },
};

/** An account that does what it is told, and says so. */
class Account implements CherryChanges {
  readonly done: string[] = [];
  /** What it refuses. */
  refuses: string | undefined;

  constructor(
    public server: Server | undefined,
    public addresses: readonly Address[] = [],
  ) {}

  readonly api: Pick<CherryApi, 'servers' | 'addresses'> = {
    servers: () => Promise.resolve(this.server === undefined ? [] : [this.server]),
    addresses: () => Promise.resolve(this.addresses),
  };

  powerOff = (server: number): Promise<void> => this.change(`off ${server}`, { state: 'inactive' });
  rename = (
    server: number,
    { name, tags }: { readonly name: string; readonly tags: Readonly<Record<string, string>> },
  ): Promise<void> => this.change(`rename ${server}`, { name, hostname: name, tags: { ...tags } });
  detach = (address: string): Promise<void> => {
    this.addresses = this.addresses.map((each) =>
      each.id === address ? { ...each, targeted_to: undefined } : each,
    );
    return this.change(`detach ${address}`, {});
  };

  private change(what: string, to: Partial<Server>): Promise<void> {
    if (this.refuses !== undefined && what.startsWith(this.refuses))
      return Promise.reject(new CherryApiError('refused', 'the Cherry API refused it with status 400'));
    this.done.push(what);
    if (this.server) this.server = { ...this.server, ...to };
    return Promise.resolve();
  }
}

const fence = (account: Account): Promise<readonly string[]> => fenceServer(propsOf(account));
const propsOf = (account: Account): FenceProps => ({
  api: account.api,
  changes: account,
  environment: 'preview',
  hostName: 'preview-cogni',
  projectId: 1,
  server: id,
});

describe('a server that is given up', () => {
  it('is switched off first, then loses its floating addresses, and then our name and label', async () => {
    const account = new Account(ours, [floating, { ...floating, id: 'other', targeted_to: { id: 1 } }]);
    await fence(account);
    expect(account.done).toEqual([`off ${id}`, 'detach aaaa-1', `rename ${id}`]);
    expect(
      account.server && isOf(account.server, { environment: 'preview', hostName: 'preview-cogni' }),
    ).toBe(false);
  });

  it('is left alone where it is out of the way already, gone, or being ended', async () => {
    const name = fencedName('preview-cogni', id);
    const off: Server = { ...ours, state: 'inactive', name, hostname: name, tags: {} };
    for (const server of [off, undefined, { ...ours, state: 'terminating' }]) {
      const account = new Account(server);
      await fence(account);
      expect(account.done).toEqual([]);
    }
  });

  it('is gone on with where a run was cut off half-way', async () => {
    const account = new Account({ ...ours, state: 'inactive' });
    await fence(account);
    expect(account.done).toEqual([`rename ${id}`]);
  });

  it('stops everything where the provider does not switch it off, with what a person can do', async () => {
    const account = new Account(ours);
    account.refuses = 'off';
    const failure = await failureOf(fence(account));
    expect(account.done).toEqual([]);
    expect(failure.what).toBe(
      `server ${id} could not be taken out of the way: the Cherry API refused it with status 400`,
    );
    expect(failure.next).toContain('in the provider’s console switch it off');
  });

  it('is not believed to be out of the way before the provider shows it so', async () => {
    const account = new Account(ours);
    account.powerOff = () => Promise.resolve();
    expect((await failureOf(fence(account))).what).toContain('shows the server as before');
  });

  it('has a name that is a host name, however long ours is', () => {
    for (const length of [1, 40, 63])
      expect(fencedName(`${'a'.repeat(length - 1)}b`, id)).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
  });
});
