import type { ImageDigest } from '../compose';
import { Failure, messageOf } from '../foundation/failure';
import { Registry, type Manifest, type RegistryAdapters, type RegistryProps } from './registry-client';

/** One tag of our images, resolved. */
export interface ResolvedImage {
  readonly tag: string;
  /** What the tag meant when it was asked for; verified against the manifest's own bytes. */
  readonly digest: string;
  /** `repository@digest`: what runs. */
  readonly reference: ImageDigest;
  /** Of the largest of its platforms, from the bottom up. */
  readonly layers: readonly ImageLayer[];
  /** `linux/amd64`, ...; empty where neither manifest nor configuration says. */
  readonly platforms: readonly string[];
  /** Commit that it was built from, as its label says. @default - it has none: the tag's own commit counts */
  readonly builtFrom?: string;
}

export interface ImageLayer {
  /** As it is sent. */
  readonly compressedBytes: number;
  /** Digest of its unpacked bytes, as engines list them; undefined where the configuration does not say. */
  readonly diffId: string | undefined;
}

/** The images of one build: always both, looked up together. */
export interface ReleaseImages {
  readonly app: ResolvedImage;
  readonly migrator: ResolvedImage;
}

export interface ResolveReleaseProps extends RegistryProps {
  /** Tag of the application; the migrator's is the same with `-migrate`. */
  readonly tag: string;
  /** Told in the failure: what to run when the images are not there. */
  readonly again: string;
}

/** Suffix of the migrator's tag (design, invariant 3). */
export const migratorSuffix = '-migrate';

/**
 * Label with the commit that an image was built from. An image that is given another tag, of a commit with the same tree,
 * still answers with the one that it was built from. Not OCI's own `revision`: that is inherited from the base image.
 */
export const commitLabel = 'dev.cogni.commit';

/**
 * Asks the registry which digests a tag and its migrator's tag mean now, both or none.
 *
 * @throws Failure that names both images and what is wrong with each.
 */
export async function resolveRelease(
  props: ResolveReleaseProps,
  adapters: RegistryAdapters,
): Promise<ReleaseImages> {
  const registry = new Registry(props, adapters);
  const tags = [props.tag, `${props.tag}${migratorSuffix}`];
  const found = await Promise.allSettled(tags.map((tag) => resolveTag(registry, props.repository, tag)));
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

/**
 * What a pull of an image brings.
 *
 * @param digest of its manifest, or of its index
 * @param platform `linux/amd64`: an index without it counts by the largest of its platforms
 * @throws Error when there is none, or the registry does not answer as it should
 */
export async function layersOf(
  registry: Registry,
  digest: string,
  platform: string,
): Promise<readonly ImageLayer[]> {
  const { manifest } = await registry.manifest(digest);
  const children = childrenOf(manifest);
  const fitting = children.filter((child) => platformOf(child) === platform);
  const builds = await buildsOf(registry, manifest, fitting.length > 0 ? fitting : children);
  return largestOf(builds).layers;
}

async function resolveTag(registry: Registry, repository: string, tag: string): Promise<ResolvedImage> {
  const { digest, manifest } = await registry.manifest(tag);
  const children = childrenOf(manifest);
  const largest = largestOf(await buildsOf(registry, manifest, children));
  return {
    tag,
    digest,
    reference: `${repository}@${digest as `sha256:${string}`}`,
    layers: largest.layers,
    platforms: children.length === 0 ? largest.platforms : children.map(platformOf),
    ...(largest.builtFrom === undefined ? {} : { builtFrom: largest.builtFrom }),
  };
}

type Build = Pick<ResolvedImage, 'layers' | 'platforms' | 'builtFrom'>;
type Child = NonNullable<Manifest['manifests']>[number];

/** Of an index: what it has for Linux. Attestations are for no platform. */
const childrenOf = ({ manifests = [] }: Manifest): readonly Child[] =>
  manifests.filter(({ platform }) => platform?.os === 'linux');

const platformOf = ({ platform }: Child): string => `${platform?.os}/${platform?.architecture}`;

/** Of each child of an index, or of the manifest itself where it is none. */
const buildsOf = (registry: Registry, manifest: Manifest, children: readonly Child[]): Promise<Build[]> =>
  Promise.all(
    children.length === 0
      ? [buildOf(registry, manifest)]
      : children.map(async (child) => buildOf(registry, (await registry.manifest(child.digest)).manifest)),
  );

const largestOf = (builds: readonly Build[]): Build =>
  builds.reduce((most, build) => (weight(build) > weight(most) ? build : most));

/** What a single manifest and its configuration say; an index says the platforms itself. */
async function buildOf(registry: Registry, { config, layers = [] }: Manifest): Promise<Build> {
  const {
    os,
    architecture,
    rootfs,
    config: given,
  } = config ? parseConfiguration(await registry.blob(config.digest)) : ({} as Configuration);
  return {
    layers: layers.map(({ size }, index) => ({ compressedBytes: size, diffId: rootfs?.diff_ids?.[index] })),
    platforms: os === undefined || architecture === undefined ? [] : [`${os}/${architecture}`],
    ...(isCommit(given?.Labels?.[commitLabel]) ? { builtFrom: given.Labels[commitLabel] } : {}),
  };
}

const isCommit = (label: unknown): label is string =>
  typeof label === 'string' && /^[0-9a-f]{7,64}$/.test(label);

const weight = ({ layers }: Build): number =>
  layers.reduce((sum, { compressedBytes }) => sum + compressedBytes, 0);

/** What of an image's configuration is read (OCI image specification, "Image Configuration"). */
interface Configuration {
  readonly os?: string;
  readonly architecture?: string;
  readonly rootfs?: { readonly diff_ids?: readonly string[] };
  readonly config?: { readonly Labels?: Readonly<Record<string, string>> | null };
}

function parseConfiguration(bytes: Buffer): Configuration {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  throw new Error('the registry sent a configuration that is not a JSON object');
}
