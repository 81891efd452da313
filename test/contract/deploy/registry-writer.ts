import { createHash } from 'node:crypto';
import { request } from 'node:https';
import type { Artifact } from '../../unit/deploy/cosign';

/** A registry that is written to without an engine, as signing tools do (OCI distribution specification 1.1, "Push"). */
export interface WritableRegistry {
  /** Name and port of it: `ghcr.cogni.test:443`. */
  readonly name: string;
  /** Where that is. */
  readonly address: string;
  /** Certificate authority (PEM) that it is verified with. */
  readonly authority: string;
  /** Value of the Authorization header. */
  readonly authorization: string;
  /** `cogni/app`. */
  readonly repository: string;
}

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: Buffer;
}

const deadline = 10_000;
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';
const dockerType = 'application/vnd.docker.distribution.manifest.v2+json';

const sha256 = (bytes: string | Buffer): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Puts blobs, manifests and signatures into a repository. */
export class RegistryWriter {
  constructor(private readonly registry: WritableRegistry) {}

  /** @returns the bytes of a manifest */
  async manifest(reference: string): Promise<Buffer> {
    return (await this.expected(200, 'GET', `manifests/${reference}`)).body;
  }

  async blob(digest: string): Promise<Buffer> {
    return (await this.expected(200, 'GET', `blobs/${digest}`)).body;
  }

  /** @returns its digest */
  async putBlob(bytes: string | Buffer): Promise<string> {
    const digest = sha256(bytes);
    const { location = '' } = await this.expected(202, 'POST', 'blobs/uploads/');
    const url = new URL(location, `https://${this.registry.name}`);
    url.searchParams.set('digest', digest);
    await this.expected(201, 'PUT', url, { body: bytes, type: 'application/octet-stream' });
    return digest;
  }

  /** @returns its digest */
  async putManifest(reference: string, bytes: string | Buffer): Promise<string> {
    const { mediaType } = JSON.parse(bytes.toString()) as { readonly mediaType?: string };
    const type = mediaType ?? manifestType;
    await this.expected(201, 'PUT', `manifests/${reference}`, { body: bytes, type });
    return sha256(bytes);
  }

  /** Under the tag that cosign 1 and 2 make of the digest. */
  async putTaggedSignature(digest: string, { blobs, manifest }: Artifact): Promise<void> {
    for (const blob of blobs) await this.putBlob(blob);
    await this.putManifest(`${digest.replace(':', '-')}.sig`, manifest);
  }

  /**
   * As something that refers to the image: a registry that does not list referrers itself gets the list under a tag
   * made of the digest ("Pushing Manifests with Subject").
   */
  async putReferrer(digest: string, { blobs, manifest }: Artifact): Promise<void> {
    for (const blob of blobs) await this.putBlob(blob);
    const own = await this.putManifest(sha256(manifest), manifest);
    if ((await this.ask('GET', `referrers/${digest}`)).status === 200) return;
    const { artifactType } = JSON.parse(manifest) as { readonly artifactType?: string };
    const entry = { mediaType: manifestType, digest: own, size: Buffer.byteLength(manifest), artifactType };
    const list = { schemaVersion: 2, mediaType: indexType, manifests: [entry] };
    await this.putManifest(digest.replace(':', '-'), JSON.stringify(list));
  }

  private async expected(
    status: number,
    method: string,
    where: string | URL,
    content?: { readonly body: string | Buffer; readonly type: string },
  ): Promise<Answer> {
    const answer = await this.ask(method, where, content);
    if (answer.status === status) return answer;
    throw new Error(`${method} ${String(where)}: ${answer.status} ${answer.body.toString()}`);
  }

  private ask(
    method: string,
    where: string | URL,
    content?: { readonly body: string | Buffer; readonly type: string },
  ): Promise<Answer> {
    const { name, address, authority, authorization, repository } = this.registry;
    const url = typeof where === 'string' ? `https://${name}/v2/${repository}/${where}` : where;
    const accept = [manifestType, indexType, dockerType].join(', ');
    return new Promise((resolve, reject) => {
      const sent = request(url, {
        method,
        ca: authority,
        agent: false,
        timeout: deadline,
        headers: {
          accept,
          authorization,
          ...(content
            ? { 'content-type': content.type, 'content-length': Buffer.byteLength(content.body) }
            : {}),
        },
        lookup: (_name, options, callback) => {
          if (options.all) callback(null, [{ address, family: 4 }]);
          else callback(null, address, 4);
        },
      });
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${deadline / 1000} s`)));
      sent.on('error', reject);
      sent.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            location: response.headers.location,
            body: Buffer.concat(chunks),
          }),
        );
      });
      sent.end(content?.body);
    });
  }
}
