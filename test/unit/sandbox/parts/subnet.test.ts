import fc from 'fast-check';
import { addressPlan } from '../../../../sandbox/parts/network';
import { chooseSubnet, parseSubnet, routesOf, type Subnet } from '../../../../sandbox/parts/subnet';

const subnet = (text: string): Subnet => parseSubnet(text)!;

describe('the subnet of a sandbox', () => {
  it('lies in 10.0.0.0/8, which the engines inside the hosts never use', () => {
    expect(chooseSubnet([], '00000000').text).toBe('10.0.0.0/24');
    expect(chooseSubnet([], 'ffffffff').text).toBe('10.255.255.0/24');
  });

  it('is the one that was used before, as long as it is free', () => {
    const before = subnet('10.7.7.0/24');
    expect(chooseSubnet([], '00000000', before).text).toBe('10.7.7.0/24');
    expect(chooseSubnet([before], '00000000', before).text).toBe('10.0.0.0/24');
  });

  it('leaves 10.0.0.0/8 alone when a route uses all of it', () => {
    expect(chooseSubnet([subnet('10.0.0.0/8')], '00000000').text).toBe('192.168.0.0/24');
  });

  it('steps over what Docker networks and routes use, also where only a part of it overlaps', () => {
    const taken = [subnet('10.0.0.0/23'), subnet('10.0.2.128/25'), subnet('10.0.3.7/32')];
    expect(chooseSubnet(taken, '00000000').text).toBe('10.0.4.0/24');
  });

  it('is refused with the commands that show who uses the private ranges when none is free', () => {
    const taken = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map(subnet);
    expect(() => chooseSubnet(taken, '00000000')).toThrow(/docker network ls and ip route/);
  });

  it('never overlaps with anything that is taken', () => {
    const taken = fc.array(
      fc.tuple(
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 9, max: 32 }),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(taken, fc.integer({ min: 0, max: 0xffffffff }), (ranges, seed) => {
        const used = ranges.map(([second, third, bits]) => subnet(`10.${second}.${third}.0/${bits}`));
        const { parsed, text } = chooseSubnet(used, seed.toString(16).padStart(8, '0'));
        expect(subnet(text)).toEqual(parsed);
        expect(used.filter(({ first, last }) => first <= parsed.last && last >= parsed.first)).toEqual([]);
      }),
    );
  });
});

describe('parsing subnets', () => {
  it.each(['', '10.0.0.0', '10.0.0.0/33', '10.0.0.0/x', '256.0.0.0/8', 'fd00::/8'])('%j is none', (text) => {
    expect(parseSubnet(text)).toBeUndefined();
  });

  it('counts from the first address of the network, wherever in it the given one lies', () => {
    expect(parseSubnet('10.1.2.3/24')).toEqual(parseSubnet('10.1.2.0/24'));
  });
});

describe("the kernel's routing table", () => {
  const table = [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0',
    'tun0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0',
    '',
  ].join('\n');

  it('gives every network but the default route', () => {
    expect(routesOf(table)).toEqual([subnet('172.17.0.0/16'), subnet('10.0.0.0/8')]);
  });

  it('is empty on a machine without a network', () => {
    expect(routesOf('Iface\tDestination\n')).toEqual([]);
  });
});

describe('the plan of addresses', () => {
  it('keeps the fixed parts, the hosts, the floating addresses and the rest apart', () => {
    expect(addressPlan('10.1.2.0/24')).toEqual({
      subnet: '10.1.2.0/24',
      gateway: '10.1.2.1',
      parts: {
        dns: '10.1.2.2',
        hub: '10.1.2.3',
        ghcr: '10.1.2.4',
        acme: '10.1.2.5',
        models: '10.1.2.6',
        s3: '10.1.2.7',
      },
      hosts: { first: '10.1.2.100', last: '10.1.2.199' },
      floating: { first: '10.1.2.200', last: '10.1.2.219' },
    });
  });
});
