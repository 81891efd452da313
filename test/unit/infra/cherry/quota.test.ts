import { quotaNotes } from '../../../../infra/cherry/quota';
import type { PlannedChange } from '../../../../infra/cherry/account-gate';
import type { Address, Server } from '../../../../infra/cherry/client';

const change = (type: string, ...actions: readonly string[]): PlannedChange => ({
  address: `${type}.it`,
  type,
  actions,
  wipes: false,
});
const order = change('cherryservers_server', 'create');
const addressOrder = change('cherryservers_ip', 'create');

const servers = (...states: readonly string[]): { readonly value: readonly Server[] } => ({
  value: states.map((state, index) => ({ id: index + 1, state })),
});
const addresses = (count: number): { readonly value: readonly Address[] } => ({
  value: [
    ...Array.from({ length: count }, (_, index) => ({
      id: `f${index}`,
      address: '192.0.2.1',
      type: 'floating-ip',
    })),
    { id: 'p', address: '192.0.2.2', type: 'primary-ip' },
  ],
});

describe('quotas, of which the API says nothing', () => {
  it('are spoken of when a server is ordered, with how many there are; one that is being ended is none', () => {
    expect(quotaNotes([order], { servers: servers('active', 'terminating', 'inactive') })).toEqual([
      expect.stringMatching(
        /^a server is ordered, and how many the account may have is said nowhere in the API \(its project has 2 now\)/,
      ),
    ]);
  });

  it.each([
    ['nothing', change('cherryservers_server', 'no-op')],
    ['a server in place', change('cherryservers_server', 'update')],
    [
      'a server that is destroyed first, which makes room',
      change('cherryservers_server', 'delete', 'create'),
    ],
    ['a key', change('cherryservers_ssh_key', 'create')],
  ])('are not spoken of by a plan that changes %s', (_, each) => {
    expect(quotaNotes([each], { servers: servers('active'), addresses: addresses(9) })).toEqual([]);
  });

  it('are spoken of when the new server is there before the old one goes', () => {
    const replaced = change('cherryservers_server', 'create', 'delete');
    expect(quotaNotes([replaced], { servers: servers('active') })).toHaveLength(1);
  });

  it.each([
    ['3 of 4', 3, ['active'], 0],
    ['4 of 4', 4, ['active'], 1],
    ['4 of 8, since servers share theirs', 4, ['active', 'active'], 0],
    ['4, and the second server is being ended', 4, ['active', 'terminating'], 1],
    ['none, and no server either', 0, [], 0],
  ])('that Cherry documents for floating addresses are compared: %s', (_, count, states, notes) => {
    const said = quotaNotes([addressOrder], { servers: servers(...states), addresses: addresses(count) });
    expect(said).toHaveLength(notes);
    if (notes > 0) expect(said[0]).toContain(`the project has ${count} of them`);
  });

  it('are not spoken of where nothing is known of the project', () => {
    expect(quotaNotes([order, addressOrder], {})).toEqual([]);
    expect(quotaNotes([order], { servers: { trouble: 'x' } })).toEqual([]);
    expect(quotaNotes([addressOrder], { servers: servers('active'), addresses: { trouble: 'x' } })).toEqual(
      [],
    );
  });
});
