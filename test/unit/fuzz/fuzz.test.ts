import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { fuzzCases, fuzzSeed } from '../../fuzz/cases';
import { mergeableFile } from '../../fuzz/mergeable-files';
import { canonicalOf, named, properties } from '../../fuzz/properties';
import { faultsOfSecrets } from '../../fuzz/secret-places';

describe('bad input, in every run', () => {
  it.each(Object.entries(properties))(
    '%s',
    (_what, property) => fc.assert(property as fc.IProperty<unknown>, { numRuns: fuzzCases(2_000) }),
    // Twenty seconds on an idle processor; the limit is for one that others use too.
    300_000,
  );
});

describe('the cases', () => {
  it('are refused often enough that what is said of secrets is looked at', () => {
    const refused = fc.sample(faultsOfSecrets, 200).filter((faults) => faults.length > 0);
    expect(refused.length).toBeGreaterThan(100);
  });

  it('are written often enough that what is read back is looked at', () => {
    const written = fc.sample(mergeableFile, 200).filter((text) => canonicalOf(text) !== undefined);
    expect(written.length).toBeGreaterThan(100);
  });

  it('have names that are taken often enough that what is written of them is looked at', () => {
    const written = fc.sample(named, 200).filter(({ result }) => typeof result === 'string');
    expect(written.length).toBeGreaterThan(40);
    expect(written.length).toBeLessThan(190);
  });

  it('have each a row in the report of the last long run', () => {
    const report = readFileSync(join(__dirname, '../../../docs/reports/fuzz.md'), 'utf8');
    const rows = [...report.matchAll(/^\| (.*?) +\| +(?:[\d,]+|–) /gm)].map(([, property]) => property);
    expect(rows).toEqual(Object.keys(properties));
  });
});

describe('the number of cases', () => {
  const before = process.env['COGNI_FUZZ_CASES'];
  afterEach(() => {
    if (before === undefined) delete process.env['COGNI_FUZZ_CASES'];
    else process.env['COGNI_FUZZ_CASES'] = before;
  });

  it('is what the tier takes, or what COGNI_FUZZ_CASES says', () => {
    delete process.env['COGNI_FUZZ_CASES'];
    expect(fuzzCases(7)).toBe(7);
    process.env['COGNI_FUZZ_CASES'] = '12';
    expect(fuzzCases(7)).toBe(12);
  });

  it.each(['0', '-1', 'many', '1.5'])('is never %s', (wanted) => {
    process.env['COGNI_FUZZ_CASES'] = wanted;
    expect(() => fuzzCases(7)).toThrow('a whole number from 1 to 999999999 is allowed');
  });
});

describe('the seed of the cases', () => {
  const before = process.env['COGNI_FUZZ_SEED'];
  afterEach(() => {
    if (before === undefined) delete process.env['COGNI_FUZZ_SEED'];
    else process.env['COGNI_FUZZ_SEED'] = before;
  });

  it('is another one in every run, or that of COGNI_FUZZ_SEED', () => {
    delete process.env['COGNI_FUZZ_SEED'];
    expect(fuzzSeed(() => 0.5)).toBe(500_000_000);
    process.env['COGNI_FUZZ_SEED'] = '20261121';
    expect(fuzzSeed(() => 0.5)).toBe(20_261_121);
  });
});
