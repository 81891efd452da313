import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Failure } from '../../foundation/failure';
import { writeAtomically } from '../../foundation/files';
import type { Progress } from '../../foundation/progress';
import type { CertificateAuthority } from '../certificates';
import type { Docker } from '../docker';
import { recipeLabel, type BuiltImage } from '../images/image';
import type { World } from '../world';
import { askAt } from './ask';
import { addressOf, authorization, type Registry } from './registries';

/** Milliseconds: the largest image is two hundred megabytes, and the registry is on this machine. */
const pushDeadline = 5 * 60_000;

const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** An image in one of the sandbox's registries. */
export interface PushedImage {
  /** Registry and repository as a host names them: `ghcr.cogni.test/cogni/app`. */
  readonly image: string;
  readonly tag: string;
  /** `sha256:…`, as the registry answers it for the tag. */
  readonly digest: string;
}

/** A registry of a sandbox, and what is needed to push there. */
export interface PushTarget {
  readonly docker: Docker;
  readonly world: World;
  readonly registry: Registry;
  readonly authority: CertificateAuthority;
}

/**
 * Makes sure that a tag of a registry means an image of this recipe. Pushes only when it does not, and reads the digest
 * back from the registry itself, over HTTPS: it is what the hosts will be answered.
 *
 * @param repository path without the registry: `library/caddy`
 * @param image gives the image; not called when the registry has one of that recipe
 */
export async function ensurePushed(
  target: PushTarget,
  recipe: string,
  image: () => Promise<BuiltImage>,
  repository: string,
  tag: string,
  progress: Progress,
): Promise<PushedImage> {
  const { docker, world, registry } = target;
  const there = await tryPushed(target, repository, tag);
  if (there?.recipe === recipe) return { image: there.image, tag, digest: there.digest };
  return progress.step(
    `push ${registry.name}/${repository}:${tag}`,
    async () => {
      const { reference } = await image();
      const pushed = `127.0.0.1:${registry.port}/${repository}:${tag}`;
      await docker.docker(['tag', reference, pushed]);
      try {
        const env = { DOCKER_CONFIG: clientConfiguration(world, registry) };
        await docker.docker(['push', '--quiet', pushed], { deadline: pushDeadline, env });
      } finally {
        // The name was for the push alone; the image itself stays under its own.
        await docker.tryDocker(['rmi', '--no-prune', pushed]);
      }
      const now = await tryPushed(target, repository, tag);
      if (now?.recipe === recipe) return { image: now.image, tag, digest: now.digest };
      throw new Failure({
        what: `docker pushed ${repository}:${tag}, and ${registry.name} does not have this image under that tag`,
        state: 'the registry holds what another run has pushed meanwhile, or nothing',
        next: 'see that no other run pushes to the same sandbox, then run this again',
      });
    },
    { describe: ({ digest }) => digest },
  );
}

/** As much of a manifest or index as is looked at (OCI image specification). */
interface Manifest {
  readonly config?: { readonly digest: string };
  readonly manifests?: readonly { readonly digest: string }[];
}

/**
 * What a tag means now, or undefined when the repository has no such tag.
 *
 * @returns `recipe`: the label of the image, undefined for one that was not built here
 * @throws Failure when the registry answers anything else
 */
export async function tryPushed(
  { registry, authority }: Pick<PushTarget, 'registry' | 'authority'>,
  repository: string,
  tag: string,
): Promise<(PushedImage & { readonly recipe: string | undefined }) | undefined> {
  const get = (path: string): Promise<Buffer | undefined> =>
    tryGet(registry, authority, `/v2/${repository}/${path}`);
  const parse = (body: Buffer | undefined): Manifest =>
    JSON.parse(body?.toString('utf8') ?? '{}') as Manifest;
  const body = await get(`manifests/${tag}`);
  if (!body) return undefined;
  let manifest = parse(body);
  // An engine with another image store pushes an index of one image.
  const first = manifest.manifests?.[0];
  if (first) manifest = parse(await get(`manifests/${first.digest}`));
  const configuration = manifest.config && (await get(`blobs/${manifest.config.digest}`));
  const { config } = JSON.parse(configuration?.toString('utf8') ?? '{}') as {
    readonly config?: { readonly Labels?: Readonly<Record<string, string>> | null };
  };
  const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
  return { image: `${registry.name}/${repository}`, tag, digest, recipe: config?.Labels?.[recipeLabel] };
}

/** A document of a registry, undefined where it has none. Whatever digest it announces must be that of the bytes. */
async function tryGet(
  registry: Registry,
  authority: CertificateAuthority,
  path: string,
): Promise<Buffer | undefined> {
  const { status, headers, body } = await askAt(
    '127.0.0.1',
    authority,
  )({
    url: `${addressOf(registry)}${path}`,
    headers: { accept: manifestTypes, ...authorization(registry) },
    deadline: 10_000,
  });
  if (status === 404) return undefined;
  const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
  const announced = headers['docker-content-digest'];
  if (status === 200 && announced === digest) return body;
  throw new Failure({
    what: `${registry.name} answered ${status} for ${path}${status === 200 ? `, and announced ${String(announced)} for bytes that are ${digest}` : ''}`,
    next: './cogni sandbox down, then up again',
    output: status === 200 ? '' : body.toString('utf8'),
  });
}

/**
 * A configuration folder for the docker client with the login of this registry alone, mode 0600: the user's own
 * configuration is neither read nor written, and no password is an argument.
 */
function clientConfiguration(world: World, registry: Registry): string {
  const folder = join(world.folder, 'secrets', `docker-${registry.name}`);
  const { login } = registry;
  const auths =
    login === undefined
      ? {}
      : {
          [`127.0.0.1:${registry.port}`]: {
            auth: Buffer.from(`${login.username}:${login.password.reveal()}`).toString('base64'),
          },
        };
  writeAtomically(join(folder, 'config.json'), `${JSON.stringify({ auths })}\n`, 0o600);
  return folder;
}
