/**
 * Values that are not in the file but come from the environment, or the project's `.env`, when Compose reads it.
 *
 * They are objects, never strings: a reference that somebody puts into a string by accident is an error at once, not
 * a wrong file on a host.
 */

/** `${NAME:?message}` for a value that may be seen. */
export class PlainReference {
  readonly sensitive = false;

  constructor(
    readonly variable: string,
    /** What Compose prints when it is unset or empty. */
    readonly message: string,
  ) {}

  toString(): never {
    throw new TypeError(
      `the reference to ${this.variable} was put into a string: use text\`...\` of compose`,
    );
  }
}

/** `${NAME:?message}` for a secret. Only a service's `environment` takes it: anywhere else it could be seen. */
export class SecretReference {
  readonly sensitive = true;

  constructor(
    readonly variable: string,
    readonly message: string,
  ) {}

  toString(): never {
    throw new TypeError(`the reference to the secret ${this.variable} was put into a string`);
  }
}

/**
 * An environment entry without a value: the container gets the variable of the same name when it is set, and none at
 * all when it is not. The way to hand on an optional setting: an empty string is never what was meant.
 */
export class PassThrough {
  constructor(
    readonly variable: string,
    readonly sensitive: boolean,
  ) {}

  toString(): never {
    throw new TypeError(`the pass-through of ${this.variable} was put into a string`);
  }
}

/** Literal text with references in it; made by {@link text}. */
export class Text {
  constructor(readonly parts: readonly (string | PlainReference)[]) {}

  toString(): never {
    throw new TypeError('a text with references was put into a string');
  }
}

/** Text with references in it: text`https://${domain}`. A secret does not compile here. */
export function text(literals: TemplateStringsArray, ...parts: readonly (string | PlainReference)[]): Text {
  return new Text(literals.flatMap((literal, index) => [literal, ...parts.slice(index, index + 1)]));
}

/** Wherever Compose takes a string that may be seen. */
export type Value = string | PlainReference | Text;

/** What an environment entry takes. */
export type EnvironmentValue = Value | SecretReference | PassThrough;

/** `name@sha256:…`: what a registry's digest pins. */
export type ImageDigest = `${string}@sha256:${string}`;

/** An image by digest, or a declared variable that holds one. A bare tag does not compile. */
export type Image = ImageDigest | PlainReference;
