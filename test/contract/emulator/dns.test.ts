import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { order, project, Rig } from './rig';

const servers = `/v1/projects/${project}/servers`;

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterAll(() => rig.remove());
beforeEach(async () => {
  await rig.control('POST', 'reset');
});

const orderServer = async (change: object = {}): Promise<number> =>
  Number((await rig.client().post(servers, order({ ...change }))).body.id);
const dnsFile = (name: string): string => join(rig.folder, 'dns', name);

describe('DNS records follow the servers', () => {
  test('they are written when a server becomes active and removed when it goes away', async () => {
    await rig.control('PATCH', 'settings', { timing: 'realistic' });
    const server = await orderServer();
    expect(existsSync(dnsFile('app.cogni.test'))).toBe(false);
    await rig.control('POST', 'clock', { advance: 110 });
    expect(readFileSync(dnsFile('app.cogni.test'), 'utf8')).toBe('172.30.5.100 app.cogni.test\n');
    expect(readFileSync(dnsFile('www.app.cogni.test'), 'utf8')).toBe('172.30.5.100 www.app.cogni.test\n');
    await rig.client().delete(`/v1/servers/${server}`);
    expect(existsSync(dnsFile('app.cogni.test'))).toBe(false);
  });

  test('the newest of two servers with one host name has them; when it goes, the older one has them again', async () => {
    await orderServer();
    const newer = await orderServer();
    expect(readFileSync(dnsFile('app.cogni.test'), 'utf8')).toBe('172.30.5.101 app.cogni.test\n');
    await rig.client().delete(`/v1/servers/${newer}`);
    expect(readFileSync(dnsFile('app.cogni.test'), 'utf8')).toBe('172.30.5.100 app.cogni.test\n');
  });

  test('a server that failed, or of another name, has none', async () => {
    await orderServer({ hostname: 'elsewhere' });
    rig.machines.failNext('create', 'no room');
    await orderServer();
    expect(existsSync(dnsFile('app.cogni.test'))).toBe(false);
  });
});
