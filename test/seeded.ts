/** Numbers that look like chance, and come again with the same seed (mulberry32): what a long run found can be played again. */
export class Seeded {
  constructor(readonly seed: number) {
    this.#state = seed >>> 0;
  }

  #state: number;

  /** From 0 to below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** One of several. @throws RangeError where there is none */
  of<T>(choices: readonly T[]): T {
    const at = this.between(0, choices.length - 1);
    if (choices.length === 0) throw new RangeError('there is nothing to choose from');
    return choices[at]!;
  }
}
