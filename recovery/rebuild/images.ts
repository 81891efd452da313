import type { Registry } from '../../deploy/registry-client';
import { migratorSuffix } from '../../deploy/registry';
import type { ReleaseRecord } from '../../deploy/rolling/record';
import { checkSignatures, type SigningKey } from '../../deploy/signatures';
import { messageOf } from '../../foundation/failure';

/** What the images of a release are held against. */
export interface ImageQuestions {
  /** Of the environment's record: `ghcr.io/owner/name`. */
  readonly repository: string;
  /** That repository, with the login that it is asked with. */
  readonly registry: Pick<Registry, 'manifestIfAny' | 'blob' | 'referrers'>;
  /** Keys of which one must have signed both images; none: signatures are not looked at. */
  readonly keys: readonly SigningKey[];
}

/**
 * Why the images of a recorded release cannot, or must not, be deployed; none: both are ours, can be pulled, and are signed where that is asked for.
 *
 * Whoever has the key that is on a host can write what a rebuild takes for its records: which registry they name decides neither who is shown
 * the login nor what runs.
 */
export async function imageFaults(
  {
    tag,
    images,
  }: Pick<ReleaseRecord, 'tag'> & { readonly images: Pick<ReleaseRecord['images'], 'app' | 'migrator'> },
  { repository, registry, keys }: ImageQuestions,
): Promise<readonly string[]> {
  const ours = { application: images.app, migrator: images.migrator };
  const foreign = Object.entries(ours).flatMap(([what, reference]) =>
    reference.startsWith(`${repository}@`)
      ? []
      : [
          `the records name ${reference} as the ${what}, which is not in ${repository}: it was not asked for, and does not run. Name a build that is there (--image-tag <tag>)`,
        ],
  );
  if (foreign.length > 0) return foreign;
  const missing = await Promise.all(
    Object.entries(ours).map(([what, reference]) => missingFault(registry, what, reference)),
  );
  const faults = missing.flat();
  if (faults.length > 0) return faults;
  const image = (name: string, reference: string) => ({ tag: name, digest: digestOf(reference) });
  const { faults: unsigned } = await checkSignatures(
    registry,
    { app: image(tag, images.app), migrator: image(`${tag}${migratorSuffix}`, images.migrator) },
    keys,
  );
  return unsigned;
}

const digestOf = (reference: string): string => reference.slice(reference.indexOf('@') + 1);

async function missingFault(
  registry: Pick<Registry, 'manifestIfAny'>,
  what: string,
  reference: string,
): Promise<readonly string[]> {
  try {
    const manifest = await registry.manifestIfAny(digestOf(reference));
    return manifest === undefined
      ? [`the ${what} ${reference} is not in its registry any more: name a build that is (--image-tag <tag>)`]
      : [];
  } catch (thrown) {
    return [`the ${what} ${reference} cannot be looked up: ${messageOf(thrown)}`];
  }
}
