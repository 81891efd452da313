import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { NoAnswer, type HttpsRequest } from '../../../foundation/https';
import { httpsThrough, proxyFrom } from '../../../foundation/proxy';
import { httpsDouble, type HttpsDouble } from './https-double';

let site: HttpsDouble;
let proxy: Server;
let asked: string[];
let login: string | undefined;
let answer: 'tunnel' | 'refuse' | 'nothing' | 'close' | 'noise';
const sockets = new Set<Socket>();

beforeAll(async () => {
  site = await httpsDouble('site.test', (_, response) => response.end('hello'));
  proxy = createServer();
  proxy.on('connection', (socket: Socket) => sockets.add(socket));
  proxy.on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    login = request.headers['proxy-authorization'];
    if (answer === 'close') return void socket.destroy();
    if (answer === 'noise') return void socket.end('x'.repeat(20_000));
    if (answer === 'refuse') return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    if (answer === 'nothing') return;
    const upstream = connect(Number(new URL(site.origin).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => proxy.close(resolve));
  await site.stop();
});
beforeEach(() => {
  asked = [];
  answer = 'tunnel';
});

const address = (who = ''): string => `http://${who}127.0.0.1:${(proxy.address() as AddressInfo).port}`;
const through = (variables: Record<string, string>, change: Partial<HttpsRequest> = {}) =>
  httpsThrough(
    { authorities: [site.authority], lookup: site.lookup },
    proxyFrom(variables),
  )({
    url: site.origin,
    deadline: 5_000,
    ...change,
  });

describe('asking over an HTTP proxy', () => {
  it('goes through a tunnel to the very server, which is verified', async () => {
    expect((await through({ HTTPS_PROXY: address() })).body.toString()).toBe('hello');
    expect(asked).toEqual([new URL(site.origin).host]);
    const stranger = httpsThrough(
      { authorities: [], lookup: site.lookup },
      proxyFrom({ HTTPS_PROXY: address() }),
    );
    await expect(stranger({ url: site.origin, deadline: 5_000 })).rejects.toThrow(/not trusted/);
  });

  it('logs in where the address of the proxy has a user', async () => {
    await through({ HTTPS_PROXY: address('me:p%40ss@') });
    expect(login).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
  });

  it.each(['site.test', '.test', '*.test', 'other.test, test', '*'])(
    'goes straight where NO_PROXY is %s',
    async (without) => {
      expect((await through({ HTTPS_PROXY: address(), NO_PROXY: without })).status).toBe(200);
      expect(asked).toEqual([]);
    },
  );

  it('goes straight where there is none', async () => {
    expect((await through({})).status).toBe(200);
  });

  it.each(['ite.test', 'a.site.test'])('is not kept from the proxy by %s in NO_PROXY', async (without) => {
    await through({ https_proxy: address().replace('http://', ''), NO_PROXY: without });
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['refuse', /refuses to lead to site\.test:\d+ \(status 403\)/],
    ['close', /closed the connection|cannot be reached/],
    ['noise', /does not speak HTTP|refuses to lead/],
  ] as const)('says so when the proxy does this: %s', async (does, said) => {
    answer = does;
    await expect(through({ HTTPS_PROXY: address() })).rejects.toThrow(said);
  });

  it('ends at the deadline, and when it is cancelled', async () => {
    answer = 'nothing';
    await expect(through({ HTTPS_PROXY: address() }, { deadline: 50 })).rejects.toThrow(
      'did not answer within',
    );
    const signal = AbortSignal.timeout(50);
    await expect(through({ HTTPS_PROXY: address() }, { signal })).rejects.toThrow(/timeout/);
  });

  it('asks a proxy whose address is one of IPv6', async () => {
    await expect(through({ HTTPS_PROXY: 'http://[::1]:9' })).rejects.toThrow(
      /cannot be reached \(connect E\w+ ::1:9/,
    );
  });

  it('refuses a login that cannot be decoded, before it asks and without showing it', async () => {
    const asking = through({ HTTPS_PROXY: address('me:hunter2%@') });
    await expect(asking).rejects.toThrow(NoAnswer);
    await expect(asking).rejects.toThrow(/a % of its own is written as %25/);
    await expect(asking).rejects.not.toThrow(/hunter2/);
  });

  it('says that nothing listens there', async () => {
    await expect(through({ HTTPS_PROXY: 'http://127.0.0.1:9' })).rejects.toThrow(/cannot be reached/);
  });

  it('refuses what is no http address without showing it, since it may hold a password', () => {
    expect(() => proxyFrom({ HTTPS_PROXY: 'https://me:hunter2@proxy' })('https://x.test')).toThrow(NoAnswer);
    expect(() => proxyFrom({ HTTPS_PROXY: 'https://me:hunter2@proxy' })('https://x.test')).not.toThrow(
      /hunter2/,
    );
  });
});
