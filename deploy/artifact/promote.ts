import { Failure } from '../../foundation/failure';
import { migratorSuffix, resolveRelease } from '../registry';
import { Registry, type RegistryAdapters, type RegistryLogin } from '../registry-client';
import {
  anyUnder,
  bothUnder,
  commitTag,
  isPair,
  refuseHalf,
  tagBoth,
  testedTag,
  type BothManifests,
} from './tags';

/** A commit whose images are meant. */
export interface ArtifactProps {
  /** Registry and repository, without a tag. */
  readonly repository: string;
  /** First part of the tags of the environment: `prod`. */
  readonly prefix: string;
  /** Full SHA. */
  readonly commit: string;
  /** SHA of the commit's tree of files: two commits with the same files have the same. */
  readonly tree: string;
  /** Semantic version, for a second tag beside the commit's: `1.4.0` becomes `prod-v1.4.0`. @default - none */
  readonly version?: string;
  readonly login?: RegistryLogin;
}

export interface Promotion {
  /** `<prefix>-<commit>` */
  readonly tag: string;
  /** Whether the images are there under that tag now; where not, they have to be built. */
  readonly there: boolean;
  /** Why they are there, or are not, in a sentence. */
  readonly because: string;
  /** By digest, where they are there. */
  readonly digests?: { readonly app: string; readonly migrator: string };
  /** Commit that they were built from, which the site will answer with. */
  readonly builtFrom?: string;
}

/**
 * Sees that a commit has its images: those that have its tag already, whatever was tested since, or else those that were
 * tested for the same tree of files, which get it. Nothing is built twice: what serves is, bit by bit, what was tested.
 *
 * @returns also when there are none: whoever called decides to build
 * @throws Failure when a tag means something else already, or the registry does not answer
 */
export async function promoteArtifact(props: ArtifactProps, adapters: RegistryAdapters): Promise<Promotion> {
  const registry = writable(props, adapters);
  const { prefix, commit, tree } = props;
  const tag = commitTag(prefix, commit);
  const own = await anyUnder(registry, tag);
  // Tags never move: once a commit has both, a test that ends later gives it no others.
  if (isPair(own)) {
    await tagVersion(registry, props, own);
    return found(props, adapters, 'an earlier run has given them this tag', own);
  }
  const tested = await bothUnder(registry, testedTag(tree));
  if (tested) {
    await tagBoth(registry, tag, tested);
    await tagVersion(registry, props, tested);
    return found(props, adapters, `they were tested for the same tree of files (${tree})`, tested);
  }
  refuseHalf(tag, own);
  return { tag, there: false, because: `no images were tested for its tree of files (${tree})` };
}

/**
 * Marks the images of a commit as tested: from now on they are what every commit with the same tree of files gets.
 *
 * @throws Failure when they are not there, or others were marked for this tree
 */
export async function approveArtifact(
  props: ArtifactProps,
  adapters: RegistryAdapters,
): Promise<{ readonly tag: string; readonly tested: string; readonly digests: Promotion['digests'] }> {
  const registry = writable(props, adapters);
  const tag = commitTag(props.prefix, props.commit);
  const images = await bothUnder(registry, tag);
  if (images === undefined) {
    throw new Failure({
      what: `there are no images ${props.repository}:${tag} and ${tag}${migratorSuffix} that could be marked as tested`,
      next: 'build and push them, deploy and test them, then run this again',
    });
  }
  const tested = testedTag(props.tree);
  await tagBoth(registry, tested, images);
  return { tag, tested, digests: digestsOf(images) };
}

/** The semantic tag is as immutable as the commit's: a version that was released means one build. */
async function tagVersion(
  registry: Registry,
  { prefix, version }: ArtifactProps,
  images: BothManifests,
): Promise<void> {
  if (version !== undefined) await tagBoth(registry, `${prefix}-v${version}`, images);
}

async function found(
  props: ArtifactProps,
  adapters: RegistryAdapters,
  because: string,
  images: BothManifests,
): Promise<Promotion> {
  const tag = commitTag(props.prefix, props.commit);
  const { app } = await resolveRelease({ ...props, tag, again: 'run the same command again' }, adapters);
  return {
    tag,
    there: true,
    because,
    digests: digestsOf(images),
    builtFrom: app.builtFrom ?? props.commit,
  };
}

const digestsOf = ({
  app,
  migrator,
}: BothManifests): { readonly app: string; readonly migrator: string } => ({
  app: app.digest,
  migrator: migrator.digest,
});

const writable = ({ repository, login }: ArtifactProps, adapters: RegistryAdapters): Registry =>
  new Registry({ repository, push: true, ...(login ? { login } : {}) }, adapters);
