import { createHash } from 'node:crypto';
import { systemClock, type Clock } from '../foundation/clock';
import { messageOf } from '../foundation/failure';
import type { Https, HttpsAnswer, HttpsRequest } from '../foundation/https';
import type { Secret } from '../foundation/secret';

export interface RegistryLogin {
  readonly username: string;
  readonly password: Secret;
}

export interface RegistryProps {
  /** Registry and repository: `ghcr.io/cogni-dao/cogni`. */
  readonly repository: string;
  /** @default - as anybody */
  readonly login?: RegistryLogin;
  /** Whether tags are to be given: registries with tokens are asked for the right to. @default false */
  readonly push?: boolean;
}

export interface RegistryAdapters {
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

/** Speaks the OCI distribution protocol; messages of what it throws say what the registry answered. */
export class Registry {
  private readonly host: string;
  private readonly name: string;
  private readonly clock: Clock;
  /** The login is asked for once; both lookups share it. */
  private authorization: Promise<string> | undefined;

  constructor(
    private readonly props: RegistryProps,
    private readonly adapters: RegistryAdapters,
  ) {
    const slash = props.repository.indexOf('/');
    const host = props.repository.slice(0, slash);
    // `docker.io` is a name, not a host (Docker source, registry/config.go).
    this.host = host === 'docker.io' ? 'registry-1.docker.io' : host;
    this.name = props.repository.slice(slash + 1);
    this.clock = adapters.clock ?? systemClock;
  }

  /**
   * @param reference a tag, or a digest
   * @throws Error when there is none, or its bytes are not those of its digest
   */
  async manifest(reference: string): Promise<FoundManifest> {
    const found = await this.manifestIfAny(reference);
    if (found === undefined) throw new Error(this.explain({ status: 404 }));
    return found;
  }

  /** The same; undefined when the registry says that it has no such thing. */
  async manifestIfAny(reference: string): Promise<FoundManifest | undefined> {
    const answer = await this.get(this.url(`manifests/${reference}`));
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw new Error(this.explain(answer));
    const digest = `sha256:${createHash('sha256').update(answer.body).digest('hex')}`;
    const announced = answer.headers['docker-content-digest'];
    const wanted = reference.startsWith('sha256:') ? reference : announced;
    if (wanted !== undefined && wanted !== digest) {
      throw new Error(`the registry announced ${String(wanted)}, but what it sent is ${digest}`);
    }
    return {
      digest,
      manifest: parseManifest(answer.body.toString('utf8')),
      bytes: answer.body,
      mediaType: answer.headers['content-type'] ?? 'application/vnd.oci.image.manifest.v1+json',
    };
  }

  /**
   * Gives a manifest that the repository has a further tag ("Pushing Manifests"). What the tag meant before is not looked
   * at: whoever calls this has.
   */
  async putTag(tag: string, { bytes, mediaType }: FoundManifest): Promise<void> {
    const answer = await this.authorized({
      url: this.url(`manifests/${tag}`),
      method: 'PUT',
      body: bytes,
      headers: { 'content-type': mediaType },
    });
    if (answer.status !== 201) throw new Error(this.explain(answer));
  }

  /**
   * A small blob: a configuration, a signature's payload.
   *
   * @throws Error when there is none, it is longer than a manifest may be, or its bytes are not those of its digest
   */
  async blob(digest: string): Promise<Buffer> {
    const answer = await this.followed(await this.get(this.url(`blobs/${digest}`)));
    if (answer.status !== 200) throw new Error(this.explain(answer));
    const found = `sha256:${createHash('sha256').update(answer.body).digest('hex')}`;
    if (found !== digest) throw new Error(`what the registry sent as ${digest} is ${found}`);
    return answer.body;
  }

  /**
   * What says of itself that it belongs to a manifest (OCI distribution specification 1.1, "Listing Referrers"). A
   * registry that does not know the question keeps the list under a tag made of the digest.
   *
   * @param artifactType of those that are wanted
   */
  async referrers(digest: string, artifactType: string): Promise<readonly string[]> {
    const answer = await this.get(this.url(`referrers/${digest}`));
    if (answer.status !== 200 && answer.status !== 404) throw new Error(this.explain(answer));
    const index =
      answer.status === 200
        ? parseManifest(answer.body.toString('utf8'))
        : (await this.manifestIfAny(digest.replace(':', '-')))?.manifest;
    return (index?.manifests ?? [])
      .filter((entry) => entry.artifactType === artifactType)
      .map((entry) => entry.digest);
  }

  private url(rest: string): string {
    return `https://${this.host}/v2/${this.name}/${rest}`;
  }

  /** Blobs may lie elsewhere; the login is not for there. */
  private async followed(answer: HttpsAnswer): Promise<HttpsAnswer> {
    const { location } = answer.headers;
    if (answer.status < 301 || answer.status > 308 || location === undefined) return answer;
    const url = new URL(location, `https://${this.host}`);
    if (url.protocol !== 'https:') throw new Error(`the registry sends elsewhere, unencrypted: ${url.host}`);
    return this.ask({ url: url.href }, undefined);
  }

  private get(url: string): Promise<HttpsAnswer> {
    return this.authorized({ url });
  }

  private async authorized(question: Question): Promise<HttpsAnswer> {
    const authorization = await (this.authorization ?? undefined);
    const first = await this.ask(question, authorization);
    if (first.status !== 401 || authorization !== undefined) return first;
    this.authorization ??= this.authorize(first.headers['www-authenticate'] ?? '');
    return this.ask(question, await this.authorization);
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
    url.searchParams.set('scope', `repository:${this.name}:${this.props.push ? 'pull,push' : 'pull'}`);
    const answer = await this.ask({ url: url.href }, basic);
    if (answer.status !== 200) throw new Error(`its token service: ${this.explain(answer)}`);
    const token = parseToken(answer.body.toString('utf8'));
    if (token === undefined) throw new Error('its token service gave no token');
    return `Bearer ${token}`;
  }

  /** One question, asked again when no answer came or one that asks for patience. */
  private async ask(question: Question, authorization: string | undefined): Promise<HttpsAnswer> {
    const headers = {
      accept: manifestTypes,
      ...question.headers,
      ...(authorization === undefined ? {} : { authorization }),
    };
    const { https, signal } = this.adapters;
    for (let attempt = 0; ; attempt += 1) {
      const pause = pauses[attempt];
      try {
        const answer = await https({
          ...question,
          headers,
          deadline: answerDeadline,
          maxBytes: longestManifest,
          signal,
        });
        if (pause === undefined || (answer.status !== 429 && answer.status < 500)) return answer;
      } catch (thrown) {
        signal?.throwIfAborted();
        if (pause === undefined) {
          throw new Error(`${new URL(question.url).host}: ${messageOf(thrown)}`, { cause: thrown });
        }
      }
      await this.clock.sleep(pause, signal);
    }
  }

  private explain({ status }: Pick<HttpsAnswer, 'status'>): string {
    const { login, repository } = this.props;
    switch (status) {
      case 401:
      case 403:
        return login
          ? `the registry refuses the login of ${login.username} (${status}): is ${login.password.name} still valid, and may it ${this.props.push ? 'write to' : 'read'} ${repository}?`
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

/** What of an image's manifest or an index is read. */
export interface Manifest {
  /** Of an index. */
  readonly manifests?: readonly {
    readonly digest: string;
    readonly artifactType?: string;
    readonly platform?: { readonly os: string; readonly architecture: string };
  }[];
  readonly config?: { readonly digest: string };
  readonly layers?: readonly {
    readonly size: number;
    readonly digest: string;
    readonly mediaType?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  }[];
}

export interface FoundManifest {
  /** Of its bytes. */
  readonly digest: string;
  readonly manifest: Manifest;
  readonly bytes: Buffer;
  readonly mediaType: string;
}

/** What the registry is asked, or told; telling it twice changes nothing. */
type Question = Pick<HttpsRequest, 'url' | 'method' | 'body' | 'headers'>;

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
