import fc from 'fast-check';
import { fuzzCases, fuzzSeed } from '../../fuzz/cases';
import { properties } from '../../fuzz/properties';

const cases = fuzzCases(100_000);
const seed = fuzzSeed(Math.random);

describe(`bad input, ${cases} times over, from the seed ${seed}`, () => {
  it.each(Object.entries(properties))(
    '%s',
    (_what, property) => fc.assert(property as fc.IProperty<unknown>, { numRuns: cases, seed }),
    60 * 60_000,
  );
});
