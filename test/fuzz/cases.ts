import { wholeNumber } from '../whole-number';

/**
 * How many cases a property is tried with. `COGNI_FUZZ_CASES` replaces what a tier would take: one place, so that a search for a rare
 * case is one variable away.
 *
 * @param usual what the tier takes: thousands in every run of CI, a hundred thousand in the nightly tier
 */
export const fuzzCases = (usual: number): number => wholeNumber('COGNI_FUZZ_CASES') ?? usual;

/**
 * What the cases are made from: the same number makes the same cases again. `COGNI_FUZZ_SEED` names that of an earlier run.
 *
 * @param random between 0 and 1, for a run that nobody named a seed for
 */
export const fuzzSeed = (random: () => number): number =>
  wholeNumber('COGNI_FUZZ_SEED') ?? Math.ceil(random() * 999_999_999);
