import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initialCatalogue } from '../../../../sandbox/emulator/catalogue';
import { DnsRecords, recordsOf } from '../../../../sandbox/emulator/dns-records';
import { defaultSettings } from '../../../../sandbox/emulator/settings';
import { initialState, put, type Server, type State } from '../../../../sandbox/emulator/state';

const empty = initialState({ settings: defaultSettings, catalogue: initialCatalogue, teams: [] });
const server = (id: number, change: Partial<Server> = {}): Server => ({
  id,
  project: 254000,
  name: 'app',
  hostname: 'app',
  plan: 902,
  region: 1,
  image: { name: '', slug: '' },
  keys: [],
  tags: {},
  bgp: false,
  spot: false,
  state: 'active',
  status: 'deployed',
  power: 'on',
  installed: true,
  created: 0,
  due: { provisioning: 0, active: 0, deployed: 0, gone: null },
  ...change,
});
const stateWith = (...servers: Server[]): State =>
  servers.reduce((state, each) => {
    const address = {
      id: `address-${each.id}`,
      project: 254000,
      region: 1,
      type: 'primary-ip',
      address: `10.0.0.${each.id}`,
    } as const;
    return put(put(state, 'servers', each), 'addresses', {
      ...address,
      cidr: '',
      server: each.id,
      ptr: null,
      a: null,
      tags: {},
    });
  }, empty);
const domains = { app: ['app.test', 'www.app.test'] };

describe('DNS records', () => {
  test('all names of a host name point to its server', () => {
    expect(Object.fromEntries(recordsOf(stateWith(server(1)), domains))).toEqual({
      'app.test': '10.0.0.1',
      'www.app.test': '10.0.0.1',
    });
  });

  test('the newest of several wins, also past the hundredth', () => {
    expect(recordsOf(stateWith(server(99), server(100)), domains).get('app.test')).toBe('10.0.0.100');
  });

  test.each<[string, Partial<Server>]>([
    ['was never deployed', { installed: false, state: 'provisioning' }],
    ['is terminating', { state: 'terminating' }],
    ['has another name', { hostname: 'application' }],
  ])('a server that %s has none', (_, change) => {
    expect(recordsOf(stateWith(server(1, change)), domains).get('app.test')).toBeUndefined();
  });

  test('a server that is powered off keeps its own', () => {
    expect(
      recordsOf(stateWith(server(1, { state: 'inactive', power: 'off' })), domains).get('app.test'),
    ).toBe('10.0.0.1');
  });
});

describe('the folder of host files', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'dns-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('follows the state, and leaves files of other names alone', () => {
    const dns = new DnsRecords(join(folder, 'hosts'), domains);
    const files = (): string[] => readdirSync(join(folder, 'hosts')).sort();
    writeFileSync(join(folder, 'hosts', 'hub.cogni.test'), '10.0.0.2 hub.cogni.test\n');
    dns.follow(stateWith(server(1)));
    dns.follow(stateWith(server(1), server(2)));
    expect(readFileSync(join(folder, 'hosts', 'app.test'), 'utf8')).toBe('10.0.0.2 app.test\n');
    expect(files()).toEqual(['app.test', 'hub.cogni.test', 'www.app.test']);
    dns.follow(empty);
    expect(files()).toEqual(['hub.cogni.test']);
  });

  test('removes what an emulator of before left, and is content when nothing is there', () => {
    const dns = new DnsRecords(folder, domains);
    dns.follow(empty);
    writeFileSync(join(folder, 'app.test'), '10.0.0.9 app.test\n');
    dns.follow(empty);
    expect(readdirSync(folder)).toEqual([]);
  });
});
