import { parseConfig, type ConfigInput } from '../../../../sandbox/emulator/config';

const config: ConfigInput = {
  stateFile: '/s/state.json',
  readyFile: '/s/ready.json',
  tls: { certificate: '/s/api.pem', key: '/s/api.key' },
  tokens: [{ name: 'own', token: 'secret-one', team: 94000 }],
  addresses: {
    primary: { network: '172.30.5.0/24', first: '172.30.5.100', last: '172.30.5.199' },
    floating: { network: '172.30.5.0/24', first: '172.30.5.200', last: '172.30.5.209' },
  },
  dnsHosts: '/s/dns',
  machines: { kind: 'memory' },
};

describe('the configuration', () => {
  test('has a team with project 254000, the API host, free ports and fast timing where it says nothing else', () => {
    const parsed = parseConfig(config, 'config.json');
    expect(parsed.teams).toEqual([
      { id: 94000, name: 'sandbox', projects: [{ id: 254000, name: 'sandbox' }] },
    ]);
    expect(parsed).toMatchObject({
      host: 'api.cherryservers.com',
      ports: { proxy: 0, control: 0 },
      settings: {},
    });
  });

  test('takes system containers with all that they need', () => {
    const machines = {
      kind: 'docker' as const,
      world: { id: '0123abcd', folder: '/s', label: 'l', network: 'n' },
      authority: '/s/ca.pem',
      dns: '172.30.5.2',
      image: 'host:1',
      folder: '/s/hosts',
    };
    expect(parseConfig({ ...config, machines }, 'config.json').machines).toEqual(machines);
    expect(() => parseConfig({ ...config, machines: { kind: 'docker' } }, 'config.json')).toThrow(
      'machines.world',
    );
  });

  test.each<[string, Partial<ConfigInput>, string]>([
    [
      'a token of a team that is not there',
      { tokens: [{ name: 'own', token: 't', team: 1 }] },
      '"own" is of team 1; there are 94000',
    ],
    [
      'two tokens of one name and value',
      { tokens: [config.tokens[0]!, config.tokens[0]!] },
      'tokens: "own" is there twice\n  - tokens: two have the same value',
    ],
    [
      'a DNS name given to two servers',
      { domains: { a: ['x.test'], b: ['x.test'] } },
      'domains: x.test is given to two servers',
    ],
    ['a DNS name that is a path', { domains: { a: ['../x'] } }, 'domains.a.0: must be a host name'],
    ['a timing that is neither', { settings: { timing: 'slow' as 'fast' } }, 'settings.timing'],
    ['no token', { tokens: [] }, 'tokens'],
  ])('refuses %s', (_, change, fault) => {
    expect(() => parseConfig({ ...config, ...change }, 'config.json')).toThrow(fault);
  });
});
