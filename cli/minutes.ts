import { InvalidArgumentError } from 'commander';

/** A day: nothing waits for ever, and timers know no more than 24 of them. */
const longest = 24 * 60;

/**
 * How long to wait, as an option says it.
 *
 * @returns milliseconds
 * @throws InvalidArgumentError for what is not a time to wait
 */
export function minutes(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= longest) return value * 60_000;
  throw new InvalidArgumentError(`"${text}" is not a number of minutes above 0, and ${longest} at most.`);
}
