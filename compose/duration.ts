const units = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** A length of time. A class, so that a bare number never decides whether it meant seconds or milliseconds. */
export class Duration {
  readonly #milliseconds: number;

  private constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  /** @throws RangeError for anything but a whole number of milliseconds, zero or more. */
  static milliseconds(amount: number): Duration {
    if (!Number.isSafeInteger(amount) || amount < 0) {
      throw new RangeError(`a duration must be a whole number of milliseconds, zero or more, not ${amount}`);
    }
    return new Duration(amount);
  }

  static seconds(amount: number): Duration {
    return Duration.milliseconds(amount * 1_000);
  }

  static minutes(amount: number): Duration {
    return Duration.milliseconds(amount * 60_000);
  }

  static hours(amount: number): Duration {
    return Duration.milliseconds(amount * 3_600_000);
  }

  toMilliseconds(): number {
    return this.#milliseconds;
  }

  /** As Compose writes it (Compose specification, "Specifying durations"): `1h30m`, `10s`, `500ms`, `0s`. */
  toString(): string {
    let rest = this.#milliseconds;
    let text = '';
    for (const [unit, size] of units) {
      const count = Math.floor(rest / size);
      if (count > 0) text += `${count}${unit}`;
      rest %= size;
    }
    return text || '0s';
  }
}
