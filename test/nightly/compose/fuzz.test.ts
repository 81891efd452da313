import fc from 'fast-check';
import { fuzzCases } from '../../fuzz/cases';
import { properties } from '../../fuzz/properties';

const cases = fuzzCases(100_000);

describe(`bad input, ${cases} times over`, () => {
  it.each(Object.entries(properties))(
    '%s',
    (_what, property) => fc.assert(property as fc.IProperty<unknown>, { numRuns: cases }),
    60 * 60_000,
  );
});
