import fc from 'fast-check';
import { poolFaults, tryNextAddress } from '../../../../sandbox/emulator/address-pool';

const pool = { network: '172.30.5.0/24', first: '172.30.5.100', last: '172.30.5.102' };

describe('an address pool', () => {
  test('gives the lowest free address, so that a freed one comes back at once', () => {
    expect(tryNextAddress(pool, new Set())).toBe('172.30.5.100');
    expect(tryNextAddress(pool, new Set(['172.30.5.100', '172.30.5.102']))).toBe('172.30.5.101');
  });

  test('gives nothing when all are taken', () => {
    expect(tryNextAddress(pool, new Set(['172.30.5.100', '172.30.5.101', '172.30.5.102']))).toBeUndefined();
  });

  test('never gives one twice or one outside its range, also across octets', () => {
    const wide = { network: '10.0.0.0/8', first: '10.1.255.250', last: '10.2.0.9' };
    fc.assert(
      fc.property(fc.nat(20), (count) => {
        const taken = new Set<string>();
        for (let number = 0; number < count; number += 1) {
          const address = tryNextAddress(wide, taken);
          if (address === undefined) return taken.size === 16;
          if (taken.has(address) || !/^10\.(1\.255\.25[0-5]|2\.0\.\d)$/.test(address)) return false;
          taken.add(address);
        }
        return true;
      }),
    );
  });
});

describe('faults of a pool', () => {
  test('there are none in a proper one', () => {
    expect(poolFaults(pool)).toEqual([]);
    expect(poolFaults({ network: '10.168.101.0/24', first: '10.168.101.16', last: '10.168.101.16' })).toEqual(
      [],
    );
  });

  test.each([
    [{ ...pool, first: '172.30.5' }, '"172.30.5" is not an IPv4 address'],
    [{ ...pool, last: '172.30.5.256' }, '"172.30.5.256" is not an IPv4 address'],
    [{ ...pool, network: '172.30.5.0' }, '"172.30.5.0" is not a network such as 172.30.5.0/24'],
    [{ ...pool, network: '172.30.5.0/33' }, '"172.30.5.0/33" is not a network such as 172.30.5.0/24'],
    [{ ...pool, network: '172.30.5.0/26' }, '172.30.5.100 is not in 172.30.5.0/26'],
    [{ ...pool, first: '172.30.5.103' }, '172.30.5.103 comes after 172.30.5.102'],
  ])('%j: %s', (broken, fault) => {
    expect(poolFaults(broken)).toContain(fault);
  });

  test('are all named, not only the first', () => {
    expect(poolFaults({ network: 'a', first: 'b', last: 'c' })).toHaveLength(4);
  });
});
