/**
 * How many cases a property is tried with. `COGNI_FUZZ_CASES` replaces what a tier would take: one place, so that a search for a rare
 * case is one variable away.
 *
 * @param usual what the tier takes: thousands in every run of CI, a hundred thousand in the nightly tier
 */
export function fuzzCases(usual: number): number {
  const wanted = process.env['COGNI_FUZZ_CASES'];
  if (wanted === undefined || wanted === '') return usual;
  if (!/^[1-9][0-9]{0,8}$/.test(wanted)) {
    throw new Error(`COGNI_FUZZ_CASES is "${wanted}": a whole number from 1 is allowed`);
  }
  return Number(wanted);
}
