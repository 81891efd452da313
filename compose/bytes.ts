const units = [
  ['g', 1024 ** 3],
  ['m', 1024 ** 2],
  ['k', 1024],
  ['b', 1],
] as const;

/** An amount of memory or disk. */
export class Bytes {
  readonly #bytes: number;

  private constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** @throws RangeError for anything but a whole number of bytes above zero. */
  static of(amount: number): Bytes {
    if (!Number.isSafeInteger(amount) || amount <= 0) {
      throw new RangeError(`a size must be a whole number of bytes above zero, not ${amount}`);
    }
    return new Bytes(amount);
  }

  static kibibytes(amount: number): Bytes {
    return Bytes.of(amount * 1024);
  }

  static mebibytes(amount: number): Bytes {
    return Bytes.of(amount * 1024 ** 2);
  }

  static gibibytes(amount: number): Bytes {
    return Bytes.of(amount * 1024 ** 3);
  }

  toBytes(): number {
    return this.#bytes;
  }

  /** This many times as much, rounded down to whole mebibytes, but at least one. */
  times(factor: number): Bytes {
    return Bytes.mebibytes(Math.max(1, Math.floor((this.#bytes * factor) / 1024 ** 2)));
  }

  /** As Compose writes it (Compose specification, "Specifying byte values"; its units are powers of 1024): `256m`. */
  toString(): string {
    const [unit, size] = units.find((candidate) => this.#bytes % candidate[1] === 0) ?? ['b', 1];
    return `${this.#bytes / size}${unit}`;
  }
}
