import { createHash } from 'node:crypto';
import type { Https } from '../../../../foundation/https';

export const digestOf = (text: string | Uint8Array): string =>
  `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** A registry in memory: tags and blobs of one repository, and what was asked of it. */
export interface RegistryDouble {
  readonly https: Https;
  /** By tag or digest. */
  readonly manifests: Map<string, string>;
  readonly blobs: Map<string, string>;
  /** `PUT prod-abc` */
  readonly written: string[];
  readonly scopes: string[];
  /** Adds an image under a tag. @returns its digest */
  image(tag: string, builtFrom: string): string;
  /** Called before each answer; may give another one. */
  before: (method: string, reference: string) => number | undefined;
}

export const mediaType = 'application/vnd.oci.image.manifest.v1+json';

/** Wants a token, as GitHub's does: reading and writing need the scope that names them. */
export function registryDouble(host = 'ghcr.test', name = 'cogni/app'): RegistryDouble {
  const answer = (status: number, body: string | Buffer = '', headers: Record<string, string> = {}) =>
    Promise.resolve({ status, headers, body: Buffer.from(body) });
  const double: RegistryDouble = {
    manifests: new Map(),
    blobs: new Map(),
    written: [],
    scopes: [],
    before: () => undefined,
    image(tag, builtFrom) {
      const configuration = JSON.stringify({ config: { Labels: { 'dev.cogni.commit': builtFrom } } });
      double.blobs.set(digestOf(configuration), configuration);
      const manifest = JSON.stringify({
        mediaType,
        layers: [],
        config: { digest: digestOf(configuration) },
        for: tag,
      });
      double.manifests.set(tag, manifest);
      return digestOf(manifest);
    },
    https: ({ url, method = 'GET', headers = {}, body = '' }) => {
      const { pathname, searchParams, host: asked } = new URL(url);
      if (asked !== host) throw new Error(`nobody is called ${asked}`);
      if (pathname === '/token') {
        const scope = searchParams.get('scope') ?? '';
        double.scopes.push(scope);
        return answer(200, JSON.stringify({ token: scope }));
      }
      const [, kind = '', reference = ''] = /\/(manifests|blobs)\/([^/]+)$/.exec(pathname) ?? [];
      if (pathname !== `/v2/${name}/${kind}/${reference}`) return answer(404);
      const given = headers['authorization'] ?? '';
      const right = method === 'PUT' ? 'pull,push' : 'pull';
      if (!given.startsWith(`Bearer repository:${name}:${right}`)) {
        return answer(401, '', { 'www-authenticate': `Bearer realm="https://${host}/token",service="x"` });
      }
      const instead = double.before(method, reference);
      if (instead !== undefined) return answer(instead);
      if (method === 'PUT') {
        if (headers['content-type'] !== mediaType) return answer(400);
        double.written.push(`PUT ${reference}`);
        double.manifests.set(reference, Buffer.from(body).toString('utf8'));
        return answer(201);
      }
      const text =
        kind === 'blobs'
          ? double.blobs.get(reference)
          : (double.manifests.get(reference) ??
            [...double.manifests.values()].find((each) => digestOf(each) === reference));
      return text === undefined
        ? answer(404)
        : answer(200, text, { 'docker-content-digest': digestOf(text), 'content-type': mediaType });
    },
  };
  return double;
}
