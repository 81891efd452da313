import { messageOf } from '../../foundation/failure';
import { layersOf } from '../registry';
import { Registry, type RegistryAdapters, type RegistryProps } from '../registry-client';
import type { ToPull } from './room';
import type { HostFacts } from './survey';

/** Milliseconds for all answers: what nobody says in that time is not counted. */
const patience = 20_000;

/** The images that a release needs. */
export interface NeededImages {
  /** Those that were looked up just now. */
  readonly known: readonly ToPull[];
  /** Those that are known by digest alone: others' images, and ours of a recorded release. */
  readonly byDigest: readonly string[];
  /** Where ours are, with the login that it wants; others' are asked for as anybody. */
  readonly ours: RegistryProps;
}

/** What would be pulled, and what could not be counted. */
export interface Weighed {
  readonly pulled: readonly ToPull[];
  readonly notes: readonly string[];
}

/**
 * What each image weighs that the host lacks: where that is not known yet, its registry is asked. One that does not answer
 * refuses nothing (the host may reach it all the same): it is said.
 *
 * @throws the signal's reason when that is aborted
 */
export async function weigh(
  { known, byDigest, ours }: NeededImages,
  facts: Pick<HostFacts, 'images' | 'platform'>,
  adapters: RegistryAdapters,
): Promise<Weighed> {
  const late = AbortSignal.timeout(patience);
  const signal = adapters.signal ? AbortSignal.any([adapters.signal, late]) : late;
  const lacking = [...new Set(byDigest)].filter((reference) => !facts.images.includes(reference));
  const answers = await Promise.all(
    lacking.map(async (reference): Promise<ToPull | string> => {
      const [repository = '', digest = ''] = reference.split('@');
      const props = repository === ours.repository ? ours : { repository };
      try {
        const registry = new Registry(props, { ...adapters, signal });
        return { reference, layers: await layersOf(registry, digest, facts.platform) };
      } catch (thrown) {
        adapters.signal?.throwIfAborted();
        const why = late.aborted ? `no answer within ${patience / 1000} s` : messageOf(thrown);
        return `what ${reference} takes of the disk is not counted: ${why}`;
      }
    }),
  );
  return {
    pulled: [...known, ...answers.filter((answer) => typeof answer !== 'string')],
    notes: answers.filter((answer) => typeof answer === 'string'),
  };
}
