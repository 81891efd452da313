import { httpsVia, NoAnswer, type Https } from '../../../foundation/https';
import { httpsDouble, type HttpsDouble } from './https-double';

let site: HttpsDouble;
let https: Https;

beforeAll(async () => {
  site = await httpsDouble('site.test', (request, response) => {
    const body: Buffer[] = [];
    request.on('data', (chunk: Buffer) => body.push(chunk));
    request.on('end', () => {
      switch (request.url) {
        case '/echo':
          response.writeHead(201, { 'x-method': request.method, 'x-sent': request.headers['x-sent'] ?? '' });
          response.end(Buffer.concat(body));
          return;
        case '/silent':
          return;
        case '/broken':
          response.writeHead(200, { 'content-length': 100 });
          response.write('half', () => response.destroy());
          return;
        case '/long':
          response.end('x'.repeat(2000));
          return;
        case '/moved':
          response.writeHead(302, { location: 'https://elsewhere.test/' }).end();
          return;
        default:
          response.end('hello');
      }
    });
  });
  https = httpsVia({ authorities: [site.authority], lookup: site.lookup });
});

afterAll(() => site.stop());

describe('asking a server over HTTPS', () => {
  test('gives status, headers and body', async () => {
    const answer = await https({
      url: `${site.origin}/echo`,
      method: 'POST',
      headers: { 'x-sent': 'yes' },
      body: 'hello',
      deadline: 5000,
    });
    expect([
      answer.status,
      answer.headers['x-method'],
      answer.headers['x-sent'],
      answer.body.toString(),
    ]).toEqual([201, 'POST', 'yes', 'hello']);
  });

  test('follows no redirect', async () => {
    expect((await https({ url: `${site.origin}/moved`, deadline: 5000 })).status).toBe(302);
  });

  test('trusts nobody but the given authorities', async () => {
    const stranger = httpsVia({ authorities: [], lookup: site.lookup });
    const asked = stranger({ url: `${site.origin}/`, deadline: 5000 });
    await expect(asked).rejects.toThrow(/^its certificate is not trusted/);
  });

  test('refuses a certificate of another name', async () => {
    const asked = https({ url: site.origin.replace('site.test', 'other.test'), deadline: 5000 });
    await expect(asked).rejects.toThrow(/^its certificate is not trusted .*other\.test/);
  });

  test.each([
    ['/silent', 'no answer within 0.1 s'],
    ['/broken', 'the answer broke off'],
    ['/long', 'the answer is longer than 1000 bytes'],
  ])('gives up on %s with a reason', async (path, reason) => {
    const asked = https({
      url: `${site.origin}${path}`,
      deadline: path === '/silent' ? 100 : 5000,
      maxBytes: 1000,
    });
    await expect(asked).rejects.toThrow(reason);
    await expect(asked).rejects.toBeInstanceOf(NoAnswer);
  });

  test('says when nothing listens', async () => {
    await expect(https({ url: 'https://site.test:1/', deadline: 5000 })).rejects.toThrow(
      /^nothing listens there/,
    );
  });

  test('says when the name is not known', async () => {
    const lost = httpsVia({
      authorities: [],
      lookup: (_name, _options, callback) =>
        callback(Object.assign(new Error('10.0.0.1 knows no address of it'), { code: 'ENOTFOUND' }), []),
    });
    await expect(lost({ url: 'https://site.test/', deadline: 5000 })).rejects.toThrow(
      'the name is not known (10.0.0.1 knows no address of it)',
    );
  });

  test('speaks to nobody without encryption', async () => {
    await expect(https({ url: 'http://site.test/', deadline: 5000 })).rejects.toThrow(
      'is not an https address',
    );
  });

  test('ends at once, with the reason, when it is cancelled', async () => {
    const abort = new AbortController();
    const asked = https({ url: `${site.origin}/silent`, deadline: 60_000, signal: abort.signal });
    setTimeout(() => abort.abort(new Error('Ctrl-C')), 20);
    await expect(asked).rejects.toThrow('Ctrl-C');
    await expect(https({ url: site.origin, deadline: 5000, signal: abort.signal })).rejects.toThrow('Ctrl-C');
  });
});
