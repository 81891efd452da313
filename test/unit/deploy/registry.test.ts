import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { resolveRelease, type ReleaseImages } from '../../../deploy/registry';
import { Failure } from '../../../foundation/failure';
import { httpsVia } from '../../../foundation/https';
import { Secret } from '../../../foundation/secret';
import { failureOf } from '../../failure-of';
import { httpsDouble, type HttpsDouble } from '../foundation/https-double';
import { fakeClock } from './fake-clock';

const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

const amd64 = JSON.stringify({ layers: [{ size: 1000 }, { size: 234 }] });
const index = JSON.stringify({
  manifests: [
    { digest: digestOf('attestation'), platform: { os: 'unknown', architecture: 'unknown' } },
    { digest: digestOf(amd64), platform: { os: 'linux', architecture: 'amd64' } },
  ],
});
const migrator = JSON.stringify({ layers: [{ size: 50 }] });

/** The registry of one test. */
interface Registry {
  readonly manifests: Record<string, string>;
  login: 'none' | 'basic' | 'bearer';
  /** Answers instead, as often as there are entries. */
  broken: ((response: ServerResponse) => void)[];
  announce: (digest: string) => string | undefined;
  readonly asked: string[];
}

let server: HttpsDouble;
let registry: Registry;

beforeAll(async () => {
  server = await httpsDouble('registry.test', (request, response) => answer(registry, request, response));
});
afterAll(() => server.stop());
beforeEach(() => {
  registry = {
    manifests: {
      'preview-abc': index,
      [digestOf(amd64)]: amd64,
      'preview-abc-migrate': migrator,
    },
    login: 'none',
    broken: [],
    announce: (digest) => digest,
    asked: [],
  };
});

const basic = `Basic ${Buffer.from('bot:p1anted-token').toString('base64')}`;

function answer(state: Registry, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '', server.origin);
  state.asked.push(pathname);
  const broken = state.broken.shift();
  if (broken) return broken(response);
  const { authorization } = request.headers;
  if (pathname === '/token') {
    const right = authorization === basic && searchParams.get('scope') === 'repository:cogni/app:pull';
    response.writeHead(right && searchParams.get('service') === 'test' ? 200 : 403);
    response.end(JSON.stringify({ token: 'granted' }));
    return;
  }
  const wanted = { none: undefined, basic, bearer: 'Bearer granted' }[state.login];
  if (wanted !== undefined && authorization !== wanted) {
    const challenge =
      state.login === 'basic' ? 'Basic realm="test"' : `Bearer realm="${server.origin}/token",service="test"`;
    response.writeHead(401, { 'www-authenticate': challenge }).end();
    return;
  }
  const manifest = state.manifests[pathname.replace(/^\/v2\/cogni\/app\/(?:manifests|blobs)\//, '')];
  if (manifest?.startsWith('https://')) {
    response.writeHead(307, { location: manifest }).end();
    return;
  }
  if (manifest === undefined) {
    response.writeHead(404).end();
    return;
  }
  const announced = state.announce(digestOf(manifest));
  response.writeHead(200, announced === undefined ? {} : { 'docker-content-digest': announced });
  response.end(manifest);
}

const resolve = (password = 'p1anted-token'): Promise<ReleaseImages> =>
  resolveRelease(
    {
      repository: `${server.host}/cogni/app`,
      tag: 'preview-abc',
      again: 'cogni deploy preview --image-tag preview-abc',
      login: { username: 'bot', password: Secret.of('GHCR_DEPLOY_TOKEN', password) },
    },
    {
      https: httpsVia({ authorities: [server.authority], lookup: server.lookup }),
      clock: fakeClock(),
    },
  );

describe('the images of a release', () => {
  test('are what both tags mean now, by digest, with the size of what is to be pulled', async () => {
    expect(await resolve()).toEqual({
      app: {
        tag: 'preview-abc',
        digest: digestOf(index),
        reference: `${server.host}/cogni/app@${digestOf(index)}`,
        layers: [
          { compressedBytes: 1000, diffId: undefined },
          { compressedBytes: 234, diffId: undefined },
        ],
        platforms: ['linux/amd64'],
      },
      migrator: {
        tag: 'preview-abc-migrate',
        digest: digestOf(migrator),
        reference: `${server.host}/cogni/app@${digestOf(migrator)}`,
        layers: [{ compressedBytes: 50, diffId: undefined }],
        platforms: [],
      },
    });
  });

  const configuration = JSON.stringify({
    os: 'linux',
    architecture: 'arm64',
    rootfs: { type: 'layers', diff_ids: ['sha256:one', 'sha256:two'] },
  });
  const single = JSON.stringify({
    config: { digest: digestOf(configuration) },
    layers: [{ size: 7 }, { size: 8 }],
  });

  test('have the platform and the layers that the configuration of a single manifest says', async () => {
    Object.assign(registry.manifests, { 'preview-abc': single, [digestOf(configuration)]: configuration });
    expect((await resolve()).app).toMatchObject({
      platforms: ['linux/arm64'],
      layers: [
        { compressedBytes: 7, diffId: 'sha256:one' },
        { compressedBytes: 8, diffId: 'sha256:two' },
      ],
    });
  });

  test('say which commit they were built from, where their label does', async () => {
    const labelled = (label: unknown): string =>
      JSON.stringify({
        os: 'linux',
        architecture: 'amd64',
        config: { Labels: { 'dev.cogni.commit': label } },
      });
    const put = (text: string): void => {
      const manifest = JSON.stringify({ config: { digest: digestOf(text) }, layers: [] });
      Object.assign(registry.manifests, { 'preview-abc': manifest, [digestOf(text)]: text });
    };
    put(labelled('0123abc'));
    expect((await resolve()).app.builtFrom).toBe('0123abc');
    for (const label of ['main', '', 7, null]) {
      put(labelled(label));
      expect((await resolve()).app).not.toHaveProperty('builtFrom');
    }
  });

  test('have the layers of the largest of their platforms', async () => {
    const small = JSON.stringify({ layers: [{ size: 1 }] });
    registry.manifests['preview-abc'] = JSON.stringify({
      manifests: [
        { digest: digestOf(small), platform: { os: 'linux', architecture: 'arm64' } },
        { digest: digestOf(amd64), platform: { os: 'linux', architecture: 'amd64' } },
      ],
    });
    registry.manifests[digestOf(small)] = small;
    const { app } = await resolve();
    expect(app.platforms).toEqual(['linux/arm64', 'linux/amd64']);
    expect(app.layers.map(({ compressedBytes }) => compressedBytes)).toEqual([1000, 234]);
  });

  test('are looked up also where blobs lie elsewhere, and the login is not sent there', async () => {
    registry.login = 'basic';
    Object.assign(registry.manifests, {
      'preview-abc': single,
      [digestOf(configuration)]: `${server.origin}/storage`,
    });
    // The second place would take the login for its own: it is asked without one.
    const failure = await failureOf(resolve());
    expect(failure.faults[0]).toContain('401');
    expect(registry.asked).toContain('/storage');
  });

  test('are refused when a configuration is not what its digest says', async () => {
    Object.assign(registry.manifests, { 'preview-abc': single, [digestOf(configuration)]: 'something else' });
    expect((await failureOf(resolve())).faults[0]).toContain(
      `what the registry sent as ${digestOf(configuration)} is`,
    );
  });

  test.each(['basic', 'bearer'] as const)('are found with a %s login', async (login) => {
    registry.login = login;
    expect((await resolve()).migrator.digest).toBe(digestOf(migrator));
  });

  test('are asked for with one token for both', async () => {
    registry.login = 'bearer';
    await resolve();
    expect(registry.asked.filter((path) => path === '/token')).toHaveLength(1);
  });

  test('are verified: a digest that is not that of the bytes is refused', async () => {
    registry.announce = () => digestOf('something else');
    const failure = await failureOf(resolve());
    expect(failure.faults[0]).toContain(
      `the registry announced ${digestOf('something else')}, but what it sent is ${digestOf(index)}`,
    );
  });

  test('need no announced digest', async () => {
    registry.announce = () => undefined;
    expect((await resolve()).app.digest).toBe(digestOf(index));
  });

  test('are asked for again while the registry is busy or does not answer', async () => {
    const busy = (response: ServerResponse): void => void response.writeHead(503).end();
    registry.broken = [busy, (response) => response.destroy(), busy];
    expect((await resolve()).app.digest).toBe(digestOf(index));
  });
});

describe('a release that cannot be deployed', () => {
  test('because its migrator is missing names both images', async () => {
    delete registry.manifests['preview-abc-migrate'];
    const failure = await failureOf(resolve());
    expect(failure.faults).toEqual([
      `application ${server.host}/cogni/app:preview-abc: is there, ${digestOf(index)}`,
      `migrator ${server.host}/cogni/app:preview-abc-migrate: the registry has no such image (404)`,
    ]);
    expect(failure.next).toContain('cogni deploy preview --image-tag preview-abc');
  });

  test('because neither is there says so of each', async () => {
    delete registry.manifests['preview-abc'];
    delete registry.manifests['preview-abc-migrate'];
    expect((await failureOf(resolve())).faults).toHaveLength(2);
  });

  test.each(['basic', 'bearer'] as const)(
    'because the %s login is refused names the account and the setting, never the token',
    async (login) => {
      registry.login = login;
      const { message } = await failureOf(resolve('an-old-token'));
      expect(message).toContain('refuses the login of bot');
      expect(message).toContain('GHCR_DEPLOY_TOKEN');
      expect(message).not.toContain('an-old-token');
    },
  );

  test.each(['basic', 'bearer'] as const)(
    'because a %s login is wanted and none was given',
    async (login) => {
      registry.login = login;
      const { message } = await failureOf(
        resolveRelease(
          { repository: `${server.host}/cogni/app`, tag: 'preview-abc', again: 'again' },
          { https: httpsVia({ authorities: [server.authority], lookup: server.lookup }), clock: fakeClock() },
        ),
      );
      expect(message).toContain('the registry wants a login, and none was given');
    },
  );

  test('because the registry stays busy or away, after three tries each', async () => {
    registry.broken = Array.from(
      { length: 6 },
      () => (response: ServerResponse) => void response.writeHead(503).end(),
    );
    const failure = await failureOf(resolve());
    expect(failure.faults).toEqual([
      expect.stringContaining('the registry answered 503'),
      expect.stringContaining('the registry answered 503'),
    ]);
    expect(registry.asked).toHaveLength(6);
  });

  test('because the registry is not the one that it should be', async () => {
    const failure = await failureOf(
      resolveRelease(
        { repository: `${server.host}/cogni/app`, tag: 'preview-abc', again: 'again' },
        { https: httpsVia({ authorities: [], lookup: server.lookup }), clock: fakeClock() },
      ),
    );
    expect(failure.faults[0]).toContain(`${server.host}: its certificate is not trusted`);
  });

  test('because it was cancelled: what it was cancelled with is thrown, and is no fault of the images', async () => {
    const reason = new Failure({ what: 'cancelled by SIGINT', next: 'run it again' });
    const cancelled = resolveRelease(
      { repository: 'registry.test/cogni/app', tag: 'preview-abc', again: 'again' },
      { https: () => Promise.reject(reason), clock: fakeClock(), signal: AbortSignal.abort(reason) },
    );
    await expect(cancelled).rejects.toBe(reason);
  });

  test('because what the registry sent is no manifest', async () => {
    registry.manifests['preview-abc'] = '<html>';
    expect((await failureOf(resolve())).faults[0]).toContain('a manifest that is not a JSON object');
  });

  test('because the token service is not encrypted: the login is not sent there', async () => {
    registry.broken = [0, 1].map(
      () => (response: ServerResponse) =>
        void response
          .writeHead(401, { 'www-authenticate': 'Bearer realm="http://registry.test/token"' })
          .end(),
    );
    expect((await failureOf(resolve())).faults[0]).toContain('a login of a kind that is not known');
  });
});
