import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigInput, ReadyFile } from '../../../sandbox/emulator/config';
import { makeAuthority, type Authority } from './authority';
import { Client, plain } from './client';
import { compileTo, Daemon } from './daemon';
import { configIn, keyTexts, order, project, tokens } from './rig';

const servers = `/v1/projects/${project}/servers`;

let build: string;
let main: string;
let authority: Authority;
beforeAll(async () => {
  build = mkdtempSync(join(tmpdir(), 'emulator-build-'));
  main = compileTo(build);
  authority = await makeAuthority(build);
});
afterAll(() => rmSync(build, { recursive: true, force: true }));

let folder: string;
let config: ConfigInput;
let configFile: string;
const running: Daemon[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'emulator-'));
  config = configIn(folder, authority);
  configFile = join(folder, 'config.json');
  writeFileSync(configFile, JSON.stringify(config));
});
afterEach(async () => {
  for (const daemon of running.splice(0)) await daemon.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const portOf = (url: string): number => Number(new URL(url).port);

async function start(): Promise<{ daemon: Daemon; ready: ReadyFile; client: Client }> {
  const { daemon, ready } = await Daemon.start(main, configFile, config);
  running.push(daemon);
  const client = new Client({ proxyPort: portOf(ready.proxy), authority: authority.ca, token: tokens.own });
  return { daemon, ready, client };
}

describe('the emulator as a process', () => {
  test('says in the ready file where it listens, and ends cleanly on SIGTERM', async () => {
    const { daemon, ready, client } = await start();
    expect((await client.get('/v1/user')).status).toBe(200);
    expect((await plain('GET', `${ready.control}/_emu/health`)).text).toContain('"ok": true');
    expect(await daemon.end('SIGTERM')).toEqual([0, null]);
    expect(existsSync(config.readyFile)).toBe(false);
    expect(daemon.output).toContain('GET /v1/user Bearer (token own): 200');
    expect(daemon.output).not.toContain(tokens.own);
  });

  test('ends on SIGTERM also while a client waits for an answer that never comes', async () => {
    const { daemon, ready, client } = await start();
    await plain('POST', `${ready.control}/_emu/faults`, { when: {}, then: { kind: 'silence' } });
    const waiting = expect(client.get('/v1/user')).rejects.toThrow();
    await requestsOf(ready, 1);
    expect(await daemon.end('SIGTERM')).toEqual([0, null]);
    await waiting;
  });

  test('loses nothing that was answered when it is killed, and comes back on the same ports', async () => {
    const first = await start();
    const key = (await first.client.post('/v1/ssh-keys', { label: 'deploy', key: keyTexts[0] })).body.id;
    const { id } = (await first.client.post(servers, order({ ssh_keys: [key] }))).body;
    await first.client.put(`/v1/servers/${id}`, { tags: { kept: 'yes' }, bgp: false });
    await plain('PATCH', `${first.ready.control}/_emu/settings`, { serverQuota: 2 });
    const record = (await first.client.get(`/v1/servers/${id}`)).body;
    expect(await first.daemon.end('SIGKILL')).toEqual([null, 'SIGKILL']);

    const second = await start();
    expect([second.ready.proxy, second.ready.control]).toEqual([first.ready.proxy, first.ready.control]);
    expect((await second.client.get(`/v1/servers/${id}`)).body).toEqual(record);
    expect((await second.client.post(servers, order())).body.id).toBe(Number(id) + 1);
    expect((await second.client.post(servers, order())).status).toBe(403);
  });

  test('killed in the middle of many orders, it has exactly those that were answered, or more, but none by half', async () => {
    const { daemon, client } = await start();
    const answered: (number | string | undefined)[] = [];
    const ordering = Array.from({ length: 30 }, async () => {
      const { body } = await client.post(servers, order());
      answered.push(body.id);
      if (answered.length === 5) void daemon.end('SIGKILL');
    });
    await Promise.allSettled(ordering);
    await daemon.end('SIGKILL');
    const again = await start();
    const { list } = await again.client.get(servers);
    const ids = list.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(answered));
    await expectAllActive(again.client);
    const addresses = list.flatMap(({ ip_addresses: own }) => own!.map(({ address }) => address));
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  test('finishes the work on machines that a killed one had begun', async () => {
    const first = await start();
    await first.client.post(servers, order());
    await first.daemon.end('SIGKILL');
    // As it is while a machine is being created.
    const kept = JSON.parse(readFileSync(config.stateFile, 'utf8')) as {
      state: { servers: object; jobs: object[] };
    };
    const spec = {
      serverId: 811000,
      hostname: 'prod-app',
      image: 'ubuntu_22_04',
      address: '172.30.5.100',
      authorizedKeys: [],
      faults: [],
    };
    kept.state.jobs = [{ id: 1, server: 811000, awaited: true, kind: 'create', spec }];
    writeFileSync(config.stateFile, JSON.stringify(kept));
    const second = await start();
    await expectAllActive(second.client);
    const [view] = (await plain('GET', `${second.ready.control}/_emu/machines`)).list as {
      machine?: unknown;
    }[];
    expect(view?.machine).toMatchObject({ serverId: 811000, running: true });
  });

  test('keeps its state for its owner only', async () => {
    await start();
    expect(statSync(config.stateFile).mode & 0o777).toBe(0o600);
  });

  test('takes another port when the old one was taken meanwhile, and says so', async () => {
    const first = await start();
    await first.daemon.end('SIGTERM');
    const squatter = createServer().listen(portOf(first.ready.proxy), '127.0.0.1');
    await once(squatter, 'listening');
    try {
      const second = await start();
      expect(second.ready.proxy).not.toBe(first.ready.proxy);
      expect(second.ready.control).toBe(first.ready.control);
      expect(second.daemon.output).toContain(`port ${portOf(first.ready.proxy)}, used before, is taken`);
      expect((await second.client.get('/v1/user')).status).toBe(200);
    } finally {
      squatter.close();
    }
  });

  test('refuses to run twice on one state', async () => {
    await start();
    const second = Daemon.spawn(main, configFile);
    expect(await second.end()).toEqual([4, null]);
    expect(second.output).toContain('emulating api.cherryservers.com');
  });

  test('refuses a configuration with every fault of it, and shows no token', async () => {
    const broken = {
      ...config,
      stateFile: 'relative.json',
      addresses: {
        ...config.addresses,
        primary: { network: '172.30.5.0/24', first: '172.30.6.1', last: '172.30.5.9' },
      },
      tokens: [{ name: '', token: tokens.own, team: 'x' }],
      speed: 3,
    };
    writeFileSync(configFile, JSON.stringify(broken));
    const daemon = Daemon.spawn(main, configFile);
    expect(await daemon.end()).toEqual([1, null]);
    for (const part of [
      'stateFile: must be an absolute path',
      '172.30.6.1 is not in 172.30.5.0/24',
      'tokens.0.name',
      'tokens.0.team',
      'speed',
    ]) {
      expect(daemon.output).toContain(part);
    }
    expect(daemon.output).toContain(`next:  mend ${configFile}`);
    expect(daemon.output).not.toContain(tokens.own);
  });

  test.each([
    ['is of version 99', '{"version":99}'],
    ['cannot be read', '{"version":1,'],
  ])('refuses a state file that %s, and leaves it alone', async (what, text) => {
    writeFileSync(config.stateFile, text);
    const daemon = Daemon.spawn(main, configFile);
    expect(await daemon.end()).toEqual([1, null]);
    expect(daemon.output).toContain(what);
    expect(readFileSync(config.stateFile, 'utf8')).toBe(text);
  });

  test('refuses to start without its certificate, and says what makes it', async () => {
    writeFileSync(
      configFile,
      JSON.stringify({ ...config, tls: { ...config.tls, certificate: join(folder, 'none.pem') } }),
    );
    const daemon = Daemon.spawn(main, configFile);
    expect(await daemon.end()).toEqual([1, null]);
    expect(daemon.output).toContain('none.pem');
    expect(daemon.output).toContain('next:  ./cogni sandbox up');
  });
});

/** Waits until a number of requests has been logged. */
async function requestsOf(ready: ReadyFile, count: number): Promise<void> {
  const until = Date.now() + 5_000;
  while ((await plain('GET', `${ready.control}/_emu/requests`)).list.length < count) {
    if (Date.now() > until) throw new Error('the request was not logged');
  }
}

/** Every server becomes active once the work that was left has been done. */
async function expectAllActive(client: Client): Promise<void> {
  const until = Date.now() + 5_000;
  for (;;) {
    const states = (await client.get(servers)).list.map(({ state }) => state);
    if (states.every((state) => state === 'active')) return;
    if (Date.now() > until) throw new Error(`states: ${states.join(', ')}`);
  }
}
