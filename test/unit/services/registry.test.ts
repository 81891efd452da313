import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { imageNames, resolveImages, type Fetch, type ImageLock } from '../../../services';
import type { Clock } from '../../../foundation/clock';
import { digest, resolvedLock } from './example';

const clock: Clock = {
  now: () => new Date('2026-11-21T12:00:00Z'),
  monotonic: () => 0,
  sleep: () => Promise.resolve(),
};

/** A registry (and its token service) on this machine, and a fetch to whom every host is it. */
class RegistryDouble {
  readonly asked: {
    readonly method: string;
    readonly url: string;
    readonly headers: IncomingMessage['headers'];
  }[] = [];
  private readonly server = createServer((request, response) => {
    const url = `https://${request.headers['x-test-host'] as string}${request.url ?? ''}`;
    this.asked.push({ method: request.method ?? '', url, headers: request.headers });
    this.answer(request, response);
  });
  answer: RequestListener = () => undefined;

  readonly fetch: Fetch = (url, init) => {
    const { host, pathname, search } = new URL(url);
    const { port } = this.server.address() as AddressInfo;
    const headers = { ...init.headers, 'x-test-host': host };
    return fetch(`http://127.0.0.1:${port}${pathname}${search}`, { ...init, headers });
  };

  listen = (): Promise<void> => new Promise((resolve) => this.server.listen(0, '127.0.0.1', () => resolve()));
  close = (): Promise<void> =>
    new Promise((resolve) => {
      this.server.closeAllConnections();
      this.server.close(() => resolve());
    });
}

/** The lock as it is before anybody has looked anything up. */
const unresolved = (): ImageLock => {
  const none = { digest: null, resolvedAt: null };
  const { caddy, postgres, ...others } = resolvedLock();
  const rest = Object.entries(others).map(([name, image]) => [name, { ...image, ...none }] as const);
  return {
    ...(Object.fromEntries(rest) as typeof others),
    caddy: { ...caddy, ...none, tag: '2' },
    postgres: { ...postgres, ...none, tag: '15' },
  };
};

const announce = (response: ServerResponse, value: string): void => {
  response.writeHead(200, { 'docker-content-digest': value }).end();
};

describe('looking up images', () => {
  let registry: RegistryDouble;
  beforeEach(async () => {
    registry = new RegistryDouble();
    await registry.listen();
  });
  afterEach(() => registry.close());
  const resolve = (deadline?: number): Promise<ImageLock> =>
    resolveImages(unresolved(), registry.fetch, { clock, ...(deadline === undefined ? {} : { deadline }) });

  it('asks for the digest that each tag means, and notes the day', async () => {
    registry.answer = (request, response) =>
      announce(response, digest(request.url?.includes('caddy') ? 'c' : 'd'));
    const lock = await resolve();
    expect(lock.caddy).toEqual({
      ...unresolved().caddy,
      digest: digest('c'),
      resolvedAt: '2026-11-21T12:00:00.000Z',
    });
    expect(lock.postgres.digest).toBe(digest('d'));
    const asked = registry.asked.map(({ method, url }) => `${method} ${url}`);
    expect(asked).toHaveLength(imageNames.length);
    expect(asked).toContain('HEAD https://registry-1.docker.io/v2/library/caddy/manifests/2');
    expect(asked).toContain('HEAD https://registry-1.docker.io/v2/library/postgres/manifests/15');
    expect(registry.asked[0]?.headers.accept).toMatch(
      /^application\/vnd\.oci\.image\.index\.v1\+json, .*manifest\.list/,
    );
  });

  it('gets an anonymous token where the registry wants one', async () => {
    registry.answer = (request, response) => {
      if (request.url?.startsWith('/token')) {
        response.end(
          JSON.stringify({
            token: `for ${new URL(request.url, 'https://x').searchParams.get('scope') ?? ''}`,
          }),
        );
      } else if (request.headers.authorization === undefined) {
        const challenge = 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io"';
        response.writeHead(401, { 'www-authenticate': challenge }).end();
      } else announce(response, digest('e'));
    };
    expect((await resolve()).caddy.digest).toBe(digest('e'));
    const caddy = registry.asked.filter(({ url }) => url.includes('caddy')).map(({ url }) => url);
    expect(caddy[1]).toBe(
      'https://auth.docker.io/token?service=registry.docker.io&scope=repository%3Alibrary%2Fcaddy%3Apull',
    );
    const login = registry.asked.filter(({ url }) => url.includes('/caddy/')).at(-1)?.headers.authorization;
    expect(login).toBe('Bearer for repository:library/caddy:pull');
  });

  it('hashes the manifest where the registry announces no digest', async () => {
    const manifest = '{"schemaVersion":2}';
    registry.answer = (_, response) => response.end(manifest);
    expect((await resolve()).caddy.digest).toBe(
      `sha256:${createHash('sha256').update(manifest).digest('hex')}`,
    );
  });

  it.each<[string, RequestListener, string]>([
    ['has no such tag', (_, response) => response.writeHead(404).end(), 'the registry has no such tag (404)'],
    [
      'limits requests',
      (_, r) => r.writeHead(429, { 'retry-after': '60' }).end(),
      'the registry limits the rate of requests (429, again after 60 s)',
    ],
    [
      'refuses',
      (_, response) => response.writeHead(403).end(),
      'the registry refuses an anonymous pull (403)',
    ],
    ['is broken', (_, response) => response.writeHead(500).end(), 'the registry answered 500'],
    [
      'wants a password',
      (_, r) => r.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(),
      'the registry wants a login of another kind: "Basic realm="x""',
    ],
    [
      'sends the token elsewhere in clear',
      (_, r) => r.writeHead(401, { 'www-authenticate': 'Bearer realm="http://evil.test"' }).end(),
      'the registry wants a login of another kind',
    ],
    [
      'announces something else',
      (_, response) => announce(response, 'md5:12'),
      'the registry announced "md5:12", which is no sha256 digest',
    ],
    ['hangs up', (request) => request.socket.destroy(), 'registry-1.docker.io: other side closed'],
    ['never answers', () => undefined, 'registry-1.docker.io did not answer within 0.05 s'],
  ])('fails when the registry %s, for every image, and changes nothing', async (_, answer, fault) => {
    registry.answer = answer;
    const failed = resolve(answer.length === 0 ? 50 : 5_000);
    await expect(failed).rejects.toThrow(
      `${imageNames.length} of ${imageNames.length} images could not be looked up`,
    );
    await expect(failed).rejects.toThrow(`- caddy (docker.io/library/caddy:2): ${fault}`);
    await expect(failed).rejects.toThrow(`- postgres (docker.io/library/postgres:15): ${fault}`);
    await expect(failed).rejects.toThrow('state: the lock is as it was\nnext:  see that the registries');
  });

  it('fails as a whole when one of them cannot be looked up', async () => {
    registry.answer = (request, response) => {
      if (request.url?.includes('caddy')) announce(response, digest('c'));
      else response.writeHead(404).end();
    };
    await expect(resolve()).rejects.toThrow(
      `${imageNames.length - 1} of ${imageNames.length} images could not be looked up`,
    );
  });

  it('says what the token service answered', async () => {
    registry.answer = (request, response) => {
      if (request.url?.startsWith('/token')) response.end('{}');
      else response.writeHead(401, { 'www-authenticate': 'Bearer realm="https://auth.test/token"' }).end();
    };
    await expect(resolve()).rejects.toThrow('its token service gave no token');
  });
});
