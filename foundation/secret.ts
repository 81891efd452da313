import { inspect } from 'node:util';

/**
 * A value that must never be seen: every way of turning it into text gives its name instead.
 *
 * Only {@link Secret.reveal} gives the value; it is called at the few edges that hand it to a program's standard
 * input, a file of mode 0600 or a request header, and nowhere else (invariant 4).
 */
export class Secret {
  readonly #value: string;

  private constructor(
    /** The name of the setting it came from: this is what messages show. */
    readonly name: string,
    value: string,
  ) {
    this.#value = value;
  }

  static of(name: string, value: string): Secret {
    return new Secret(name, value);
  }

  /** The value itself. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return `[secret ${this.name}]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** A text whose parts may be secret: what is sent to a program's standard input. */
export type Sensitive = string | Secret | readonly (string | Secret)[];

/** The real text. Call it only where it leaves for a standard input or a protected file. */
export function reveal(text: Sensitive): string {
  const parts = typeof text === 'string' || text instanceof Secret ? [text] : text;
  return parts.map((part) => (typeof part === 'string' ? part : part.reveal())).join('');
}

/** The text as it may be shown. */
export function masked(text: Sensitive): string {
  const parts = typeof text === 'string' || text instanceof Secret ? [text] : text;
  return parts.map(String).join('');
}
