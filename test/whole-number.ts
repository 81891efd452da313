/**
 * A size that a person may choose for one run by a variable of the environment.
 *
 * @returns undefined where it is not set
 * @throws Error that names what is allowed
 */
export function wholeNumber(variable: string): number | undefined {
  const wanted = process.env[variable];
  if (wanted === undefined || wanted === '') return undefined;
  if (!/^[1-9][0-9]{0,8}$/.test(wanted)) {
    throw new Error(`${variable} is "${wanted}": a whole number from 1 to 999999999 is allowed`);
  }
  return Number(wanted);
}
