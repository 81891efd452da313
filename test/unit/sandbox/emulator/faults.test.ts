import { faultSchema, meet, type Fault, type FaultCall } from '../../../../sandbox/emulator/faults';

const fault = (id: number, when: object): Fault => ({
  ...faultSchema.parse({ when, then: { kind: 'reset' } }),
  id,
  seen: 0,
});
const call = (method: string, path: string, query = ''): FaultCall => ({
  method,
  path,
  query: new URLSearchParams(query),
});

/** Ids of the faults that each call meets, one after the other. */
function metBy(faults: readonly Fault[], calls: readonly FaultCall[]): (number | undefined)[] {
  let present = faults;
  return calls.map((each) => {
    const { faults: next, met } = meet(present, each);
    present = next;
    return met?.id;
  });
}

describe('a call meets a fault', () => {
  const poll = call('GET', '/v1/servers/811000', 'fields=state');

  test('that names nothing about the call', () => {
    expect(metBy([fault(1, {})], [poll, poll])).toEqual([1, undefined]);
  });

  test.each([
    [{ method: 'GET' }, true],
    [{ method: 'POST' }, false],
    [{ path: '/v1/servers/*' }, true],
    [{ path: '/v1/servers/811000' }, true],
    [{ path: '/v1/servers' }, false],
    [{ path: '/v1/servers/*/actions' }, false],
    [{ path: '/*/*/*' }, true],
    [{ query: { fields: 'state' } }, true],
    [{ query: { fields: 'power' } }, false],
    [{ server: 811000 }, true],
    [{ server: 81100 }, false],
    [{ server: 811000, method: 'GET', path: '/v1/servers/*', query: { fields: 'state' } }, true],
  ])('%j: %s', (when, met) => {
    expect(metBy([fault(1, when)], [poll])).toEqual([met ? 1 : undefined]);
  });

  test('below the path of the server that it names, and not on one whose number begins alike', () => {
    const faults = [fault(1, { server: 811, times: null })];
    expect(metBy(faults, [call('POST', '/v1/servers/811/actions'), call('GET', '/v1/servers/8110')])).toEqual(
      [1, undefined],
    );
  });

  test('at the nth call that fits, for as many calls as it says', () => {
    const other = call('GET', '/v1/user');
    const faults = [fault(1, { path: '/v1/servers/*', nth: 2, times: 2 })];
    expect(metBy(faults, [poll, other, poll, poll, poll])).toEqual([undefined, undefined, 1, 1, undefined]);
  });

  test('that was injected first, when several are due; the others count it all the same', () => {
    const faults = [fault(1, { nth: 1 }), fault(2, { nth: 1, times: 2 })];
    expect(metBy(faults, [poll, poll, poll])).toEqual([1, 2, undefined]);
  });

  test('and changes nothing when there is none', () => {
    const faults = [fault(1, { method: 'POST' })];
    expect(meet(faults, poll).faults).toBe(faults);
  });
});
