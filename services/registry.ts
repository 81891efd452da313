import { createHash } from 'node:crypto';
import { systemClock, type Clock } from '../foundation/clock';
import { Failure, messageOf } from '../foundation/failure';
import { imageNames, type ImageLock, type ImageName } from './images';

/** As much of `fetch` as is needed; the global one will do. */
export type Fetch = (
  url: string,
  init: {
    readonly method: 'GET' | 'HEAD';
    readonly headers: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
  },
) => Promise<RegistryResponse>;

export interface RegistryResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  arrayBuffer(): Promise<ArrayBuffer>;
}

export interface ResolveOptions {
  /** Milliseconds for each answer. @default 20,000 */
  readonly deadline?: number;
  readonly clock?: Clock;
}

/** Indexes first, so that one digest serves every platform (OCI distribution specification, "Pulling manifests"). */
const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/**
 * Asks every image's registry, without a login, which digest its tag means now. All or nothing: a lock of which a part
 * is from today and a part from another day was never tried together.
 *
 * @returns a new lock with digests and dates
 * @throws Failure that lists every image that could not be looked up
 */
export async function resolveImages(
  lock: ImageLock,
  fetch: Fetch,
  options: ResolveOptions = {},
): Promise<ImageLock> {
  const { clock = systemClock, deadline = 20_000 } = options;
  const digests = await lookUpDigests(lock, fetch, deadline);
  const resolvedAt = clock.now().toISOString();
  return Object.fromEntries(
    imageNames.map((name) => [name, { ...lock[name], digest: digests[name], resolvedAt }] as const),
  ) as ImageLock;
}

/** An image by its tag. */
interface TaggedImage {
  /** Registry and repository, without a tag. */
  readonly image: string;
  readonly tag: string;
}

/** The digest that each tag means now. @throws Failure that lists every image that could not be looked up */
async function lookUpDigests(
  lock: ImageLock,
  fetch: Fetch,
  deadline: number,
): Promise<Readonly<Record<ImageName, `sha256:${string}`>>> {
  const registry = new Registry(fetch, deadline);
  const faults: string[] = [];
  const wanted = Object.entries<TaggedImage>(lock);
  const found = await Promise.all(
    wanted.map(async ([name, tagged]) => {
      try {
        return [[name, await registry.digestOf(tagged)] as const];
      } catch (cause) {
        faults.push(`${name} (${tagged.image}:${tagged.tag}): ${messageOf(cause)}`);
        return [];
      }
    }),
  );
  if (faults.length === 0) return Object.fromEntries(found.flat()) as Record<ImageName, `sha256:${string}`>;
  throw new Failure({
    what: `${faults.length} of ${wanted.length} images could not be looked up`,
    faults: faults.sort(),
    state: 'the lock is as it was',
    next: 'see that the registries can be reached from here, then ./cogni images lock',
  });
}

/** Messages of what it throws name the registry's answer; {@link lookUpDigests} puts the image before them. */
class Registry {
  constructor(
    private readonly fetch: Fetch,
    private readonly deadline: number,
  ) {}

  async digestOf({ image, tag }: TaggedImage): Promise<`sha256:${string}`> {
    const { host, repository } = placeOf(image);
    const url = `https://${host}/v2/${repository}/manifests/${tag}`;
    const first = await this.ask('HEAD', url, {});
    if (first.status !== 401) return this.digestFrom(first, url, {});
    const challenge = first.headers.get('www-authenticate') ?? '';
    const headers = { authorization: `Bearer ${await this.token(challenge, repository)}` };
    return this.digestFrom(await this.ask('HEAD', url, headers), url, headers);
  }

  private async digestFrom(
    response: RegistryResponse,
    url: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<`sha256:${string}`> {
    if (response.status !== 200) throw new Error(explain(response));
    const announced = response.headers.get('docker-content-digest');
    if (announced !== null) {
      if (isDigest(announced)) return announced;
      throw new Error(`the registry announced "${announced}", which is no sha256 digest`);
    }
    // The header is optional: the digest is that of the manifest's bytes.
    const manifest = await this.ask('GET', url, headers);
    if (manifest.status !== 200) throw new Error(explain(manifest));
    return `sha256:${createHash('sha256')
      .update(Buffer.from(await manifest.arrayBuffer()))
      .digest('hex')}`;
  }

  /** An anonymous token for pulling (Docker documentation, "Registry authentication", token specification). */
  private async token(challenge: string, repository: string): Promise<string> {
    const parameters = new Map(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
    );
    const realm = parameters.get('realm');
    if (!/^bearer /i.test(challenge) || realm === undefined || !realm.startsWith('https://')) {
      throw new Error(`the registry wants a login of another kind: "${challenge}"`);
    }
    const url = new URL(realm);
    const service = parameters.get('service');
    if (service !== undefined) url.searchParams.set('service', service);
    url.searchParams.set('scope', parameters.get('scope') ?? `repository:${repository}:pull`);
    const response = await this.ask('GET', url.href, {});
    if (response.status !== 200) throw new Error(`its token service: ${explain(response)}`);
    const body = JSON.parse(Buffer.from(await response.arrayBuffer()).toString('utf8')) as Record<
      string,
      unknown
    >;
    const token = body['token'] ?? body['access_token'];
    if (typeof token === 'string' && token !== '') return token;
    throw new Error('its token service gave no token');
  }

  private async ask(
    method: 'GET' | 'HEAD',
    url: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<RegistryResponse> {
    const { host } = new URL(url);
    try {
      return await this.fetch(url, {
        method,
        headers: { accept: manifestTypes, ...headers },
        signal: AbortSignal.timeout(this.deadline),
      });
    } catch (cause) {
      const late = (cause as { readonly name?: unknown } | undefined)?.name === 'TimeoutError';
      throw new Error(
        late ? `${host} did not answer within ${this.deadline / 1000} s` : `${host}: ${reason(cause)}`,
        {
          cause,
        },
      );
    }
  }
}

const isDigest = (text: string): text is `sha256:${string}` => /^sha256:[0-9a-f]{64}$/.test(text);

/** `docker.io` is a name, not a host (Docker source, reference/normalize.go and registry/config.go). */
function placeOf(image: string): { readonly host: string; readonly repository: string } {
  const slash = image.indexOf('/');
  const host = image.slice(0, slash);
  return { host: host === 'docker.io' ? 'registry-1.docker.io' : host, repository: image.slice(slash + 1) };
}

function explain(response: RegistryResponse): string {
  switch (response.status) {
    case 401:
    case 403:
      return `the registry refuses an anonymous pull (${response.status})`;
    case 404:
      return 'the registry has no such tag (404)';
    case 429: {
      const wait = response.headers.get('retry-after');
      return `the registry limits the rate of requests (429${wait === null ? '' : `, again after ${wait} s`})`;
    }
    default:
      return `the registry answered ${response.status}`;
  }
}

/** `fetch` hides what went wrong in the cause of its "fetch failed". */
function reason(thrown: unknown): string {
  const cause = (thrown as { readonly cause?: unknown } | undefined)?.cause;
  return cause === undefined ? messageOf(thrown) : reason(cause);
}
