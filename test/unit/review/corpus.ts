import { join } from 'node:path';
import type { Verdict } from '../../../review';
import { deservedIn, readCorpus, type Recorded } from '../../../scripts/review-corpus';

/** Plans that Terraform made, each with what applying it did; recorded by `test/contract/review`. */
export const corpus: readonly Recorded[] = readCorpus(join(__dirname, '..', '..', '..'));

/** The verdict that a plan deserved, told by what applying it did. */
export const deserved = (each: Recorded): Verdict => deservedIn(corpus, each);
