/**
 * Values that are not in the file but come from the environment, or the project's `.env`, when Compose reads it.
 *
 * They are objects, never strings: a reference that somebody puts into a string by accident is an error at once, not
 * a wrong file on a host.
 */

/** `${NAME:?message}` for a value that may be seen: Compose stops when it is unset or empty. */
export class PlainReference {
  readonly sensitive = false;

  /**
   * @param variable name of the variable
   * @param message what Compose prints when it is unset or empty: not empty, without `{`, `}` and `$`
   */
  constructor(
    readonly variable: string,
    readonly message: string,
  ) {}

  /** @throws TypeError always: a reference is not text. */
  toString(): never {
    throw new TypeError(
      `the reference to ${this.variable} was put into a string: use text\`...\` of compose`,
    );
  }
}

/**
 * `${NAME:?message}` for an image: whoever declares the variable says with this that it holds `name@sha256:…`. No other
 * reference is taken for an image.
 */
export class ImageReference extends PlainReference {
  readonly holds = 'image';
}

/** `${NAME:-fallback}` for a value that may be seen, with what counts when it is unset or empty. */
export class DefaultedReference {
  readonly sensitive = false;

  /**
   * @param variable name of the variable
   * @param fallback literal text without `{`, `}` and `$`: references are never nested
   */
  constructor(
    readonly variable: string,
    readonly fallback: string,
  ) {}

  /** @throws TypeError always: a reference is not text. */
  toString(): never {
    throw new TypeError(
      `the reference to ${this.variable} was put into a string: use text\`...\` of compose`,
    );
  }
}

/** What `String(secret)` is to the compiler: nothing that can be used. At run time it throws. */
export interface NoText {
  readonly secretsAreNotText: never;
}

// For the whole program of whoever uses this module: there is no narrower place to say what `String` does not take.
declare global {
  interface StringConstructor {
    /** A secret cannot be made text. */
    <Given>(value: WithSecret<Given>): [Given] extends [never] ? string : NoText;
    /** Everything else, as ever. The last one is also what `map(String)` goes by. */
    (value?: unknown): string;
  }
}

/** A type that is a secret, also among others; nothing (but `never`) fits into what comes of any other type. */
type WithSecret<Given> = 0 extends 1 & Given
  ? never
  : [Extract<Given, SecretReference>] extends [never]
    ? never
    : Given;

/** What a {@link SecretReference} says of itself. */
export interface SecretVariable {
  readonly sensitive: true;
  /** Name of the variable that holds the secret. */
  readonly variable: string;
  /** What Compose prints when it is unset or empty. */
  readonly message: string;
}

/**
 * `${NAME:?message}` for a secret. Only a service's `environment` and a {@link Secret} take it: anywhere else it could
 * be seen.
 *
 * To the compiler it is a symbol too: that is the one kind of value which TypeScript refuses to put into a template
 * or to add to a string. It has no `toString` that could be called, and `String(…)` of it is no string ({@link NoText}). What takes
 * anything at all (`join`, `map(String)`) compiles, and is the lint's to find (`scripts/lint`): at run time it is an object that
 * throws when it is turned into text.
 */
export type SecretReference = symbol & SecretVariable & { readonly toString: never };

/** Makes a reference to a secret: `new SecretReference('PASSWORD', 'see the manual')`. */
export const SecretReference = class SecretReference implements SecretVariable {
  readonly sensitive = true;

  constructor(
    readonly variable: string,
    readonly message: string,
  ) {}

  toString(): never {
    throw new TypeError(`the reference to the secret ${this.variable} was put into a string`);
  }
} as unknown as new (variable: string, message: string) => SecretReference;

/**
 * An environment entry without a value: the container gets the variable of the same name when it is set, and none at
 * all when it is not. The way to hand on an optional setting: an empty string is never what was meant.
 */
export class PassThrough {
  /** Tells it from a {@link SecretReference} where the compiler goes by shape. */
  readonly handsOn = true;

  /**
   * @param variable name of the variable, and of the environment entry
   * @param sensitive whether its value must not be seen
   */
  constructor(
    readonly variable: string,
    readonly sensitive: boolean,
  ) {}

  /** @throws TypeError always: a reference is not text. */
  toString(): never {
    throw new TypeError(`the pass-through of ${this.variable} was put into a string`);
  }
}

/** The name of a variable, where Compose wants the name and reads the value itself: `environment: NAME` of a secret. */
export class VariableName {
  constructor(readonly reference: PlainReference | SecretReference) {}
}

/** Literal text with references in it; made by {@link text}. */
export class Text {
  constructor(readonly parts: readonly (string | PlainReference | DefaultedReference)[]) {}

  /** @throws TypeError always: a text with references is not a string. */
  toString(): never {
    throw new TypeError('a text with references was put into a string');
  }
}

/** Text with references in it: text`https://${domain}`. A secret does not compile here. */
export function text(
  literals: TemplateStringsArray,
  ...parts: readonly (string | PlainReference | DefaultedReference)[]
): Text {
  return new Text(literals.flatMap((literal, index) => [literal, ...parts.slice(index, index + 1)]));
}

/** Wherever Compose takes a string that may be seen. A `$` in a string is literal: it is escaped. */
export type Value = string | PlainReference | DefaultedReference | Text;

/** Names with values that may be seen: labels, options. */
export type Values = { readonly [name: string]: Value };

/** What an environment entry takes. */
export type EnvironmentValue = Value | SecretReference | PassThrough;

/** `name@sha256:…`: what a registry's digest pins. */
export type ImageDigest = `${string}@sha256:${string}`;

/** An image by digest, or a variable that is declared to hold one. A bare tag does not compile. */
export type Image = ImageDigest | ImageReference;
