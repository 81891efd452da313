import { createHash } from 'node:crypto';
import type { ImageDigest } from '../compose';
import { systemClock, type Clock } from '../foundation/clock';
import { Failure, messageOf } from '../foundation/failure';
import type { Https, HttpsAnswer } from '../foundation/https';
import type { Secret } from '../foundation/secret';

/** One tag of our images, resolved. */
export interface ResolvedImage {
  readonly tag: string;
  /** What the tag meant when it was asked for; verified against the manifest's own bytes. */
  readonly digest: string;
  /** `repository@digest`: what runs. */
  readonly reference: ImageDigest;
  /** Bytes of its compressed layers, for one platform. */
  readonly compressedBytes: number;
  /** `linux/amd64`, ...; empty where the manifest does not say. */
  readonly platforms: readonly string[];
}

/** The images of one build: always both, looked up together. */
export interface ReleaseImages {
  readonly app: ResolvedImage;
  readonly migrator: ResolvedImage;
}

export interface RegistryLogin {
  readonly username: string;
  readonly password: Secret;
}

export interface ResolveReleaseProps {
  /** Registry and repository: `ghcr.io/cogni-dao/cogni`. */
  readonly repository: string;
  /** Tag of the application; the migrator's is the same with `-migrate`. */
  readonly tag: string;
  /** @default - as anybody */
  readonly login?: RegistryLogin;
  /** Told in the failure: what to run when the images are not there. */
  readonly again: string;
}

export interface ResolveReleaseAdapters {
  readonly https: Https;
  readonly clock?: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** Milliseconds for each answer, and the tries when there is none (or one that says "later"). */
const answerDeadline = 15_000;
const pauses = [1_000, 3_000];
/** A registry need not accept longer manifests (OCI distribution specification, "Pushing Manifests"). */
const longestManifest = 4 * 1024 * 1024;

const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** Suffix of the migrator's tag (design, invariant 3). */
const migratorSuffix = '-migrate';

/**
 * Asks the registry which digests a tag and its migrator's tag mean now, both or none.
 *
 * @throws Failure that names both images and what is wrong with each.
 */
export async function resolveRelease(
  props: ResolveReleaseProps,
  adapters: ResolveReleaseAdapters,
): Promise<ReleaseImages> {
  const registry = new Registry(props, adapters);
  const tags = [props.tag, `${props.tag}${migratorSuffix}`];
  const found = await Promise.allSettled(tags.map((tag) => registry.resolve(tag)));
  adapters.signal?.throwIfAborted();
  const [app, migrator] = found.map((result) => (result.status === 'fulfilled' ? result.value : undefined));
  if (app && migrator) return { app, migrator };
  throw new Failure({
    what: `the images of ${props.tag} cannot be deployed from ${props.repository}`,
    faults: found.map((result, index) => {
      const name = `${index === 0 ? 'application' : 'migrator'} ${props.repository}:${tags[index] ?? ''}`;
      return `${name}: ${result.status === 'fulfilled' ? `is there, ${result.value.digest}` : messageOf(result.reason)}`;
    }),
    next: `push both images of one build under these tags, then ${props.again}`,
  });
}

/** Speaks the OCI distribution protocol; messages of what it throws say what the registry answered. */
class Registry {
  private readonly host: string;
  private readonly name: string;
  private readonly clock: Clock;
  /** The login is asked for once; both lookups share it. */
  private authorization: Promise<string> | undefined;

  constructor(
    private readonly props: ResolveReleaseProps,
    private readonly adapters: ResolveReleaseAdapters,
  ) {
    const slash = props.repository.indexOf('/');
    const host = props.repository.slice(0, slash);
    // `docker.io` is a name, not a host (Docker source, registry/config.go).
    this.host = host === 'docker.io' ? 'registry-1.docker.io' : host;
    this.name = props.repository.slice(slash + 1);
    this.clock = adapters.clock ?? systemClock;
  }

  async resolve(tag: string): Promise<ResolvedImage> {
    const { digest, manifest } = await this.manifest(tag);
    const children = (manifest.manifests ?? []).filter(({ platform }) => platform?.os === 'linux');
    const [child] = children;
    const layers = child ? (await this.manifest(child.digest)).manifest.layers : manifest.layers;
    return {
      tag,
      digest,
      reference: `${this.props.repository}@${digest as `sha256:${string}`}`,
      compressedBytes: (layers ?? []).reduce((sum, { size }) => sum + size, 0),
      platforms: children.map(({ platform }) => `${platform?.os}/${platform?.architecture}`),
    };
  }

  private async manifest(reference: string): Promise<{ digest: string; manifest: Manifest }> {
    const url = `https://${this.host}/v2/${this.name}/manifests/${reference}`;
    const answer = await this.get(url);
    if (answer.status !== 200) throw new Error(this.explain(answer));
    const digest = `sha256:${createHash('sha256').update(answer.body).digest('hex')}`;
    const announced = answer.headers['docker-content-digest'];
    const wanted = reference.startsWith('sha256:') ? reference : announced;
    if (wanted !== undefined && wanted !== digest) {
      throw new Error(`the registry announced ${String(wanted)}, but what it sent is ${digest}`);
    }
    return { digest, manifest: parseManifest(answer.body.toString('utf8')) };
  }

  private async get(url: string): Promise<HttpsAnswer> {
    const authorization = await (this.authorization ?? undefined);
    const first = await this.ask(url, authorization);
    if (first.status !== 401 || authorization !== undefined) return first;
    this.authorization ??= this.authorize(first.headers['www-authenticate'] ?? '');
    return this.ask(url, await this.authorization);
  }

  /** @param challenge as RFC 9110, section 11.6.1, and "Token Authentication" of the distribution documentation say */
  private async authorize(challenge: string): Promise<string> {
    const { login } = this.props;
    const basic =
      login && `Basic ${Buffer.from(`${login.username}:${login.password.reveal()}`).toString('base64')}`;
    if (/^basic\b/i.test(challenge)) {
      if (basic === undefined) throw new Error('the registry wants a login, and none was given');
      return basic;
    }
    const parameters = new Map(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
    );
    const realm = parameters.get('realm');
    if (!/^bearer\b/i.test(challenge) || realm === undefined || !realm.startsWith('https://')) {
      throw new Error(`the registry wants a login of a kind that is not known: "${challenge}"`);
    }
    const url = new URL(realm);
    const service = parameters.get('service');
    if (service !== undefined) url.searchParams.set('service', service);
    url.searchParams.set('scope', `repository:${this.name}:pull`);
    const answer = await this.ask(url.href, basic);
    if (answer.status !== 200) throw new Error(`its token service: ${this.explain(answer)}`);
    const token = parseToken(answer.body.toString('utf8'));
    if (token === undefined) throw new Error('its token service gave no token');
    return `Bearer ${token}`;
  }

  /** One question, asked again when no answer came or one that asks for patience. */
  private async ask(url: string, authorization: string | undefined): Promise<HttpsAnswer> {
    const headers = { accept: manifestTypes, ...(authorization === undefined ? {} : { authorization }) };
    const { https, signal } = this.adapters;
    for (let attempt = 0; ; attempt += 1) {
      const pause = pauses[attempt];
      try {
        const answer = await https({
          url,
          headers,
          deadline: answerDeadline,
          maxBytes: longestManifest,
          signal,
        });
        if (pause === undefined || (answer.status !== 429 && answer.status < 500)) return answer;
      } catch (thrown) {
        signal?.throwIfAborted();
        if (pause === undefined) {
          throw new Error(`${new URL(url).host}: ${messageOf(thrown)}`, { cause: thrown });
        }
      }
      await this.clock.sleep(pause, signal);
    }
  }

  private explain({ status }: HttpsAnswer): string {
    const { login, repository } = this.props;
    switch (status) {
      case 401:
      case 403:
        return login
          ? `the registry refuses the login of ${login.username} (${status}): is ${login.password.name} still valid, and may it read ${repository}?`
          : `the registry wants a login, and none was given (${status})`;
      case 404:
        return 'the registry has no such image (404)';
      case 429:
        return 'the registry limits the rate of requests (429)';
      default:
        return `the registry answered ${status}`;
    }
  }
}

interface Manifest {
  readonly manifests?: readonly {
    readonly digest: string;
    readonly platform?: { readonly os: string; readonly architecture: string };
  }[];
  readonly layers?: readonly { readonly size: number }[];
}

function parseManifest(text: string): Manifest {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  throw new Error('the registry sent a manifest that is not a JSON object');
}

function parseToken(text: string): string | undefined {
  try {
    const body = JSON.parse(text) as Record<string, unknown>;
    return [body['token'], body['access_token']].find(
      (token): token is string => typeof token === 'string' && token !== '',
    );
  } catch {
    return undefined;
  }
}
