import { FAILSAFE_SCHEMA, Type, type Schema } from 'js-yaml';

/**
 * Scalars as Docker Compose's own YAML reader takes them (go.yaml.in/yaml v3, resolve.go): YAML 1.2's core with the whole numbers of
 * Go's literals, so `0440` is octal and `1_000` is a thousand, and with YAML 1.1's dates.
 */

/** A plain scalar that Compose's reader turns into something that no key of a compose file takes. */
export class Unusual {
  constructor(readonly what: string) {}
}

/** A value behind `!reset` or `!override` (Compose specification, "Merge and override"). */
export class Tagged {
  constructor(
    readonly tag: '!reset' | '!override',
    readonly value: unknown,
  ) {}
}

const wholeNumber = /^[-+]?(?:0|[1-9][0-9_]*|0[xX][0-9a-fA-F_]+|0[oO]?[0-7_]+|0[bB][01_]+)$/;
const decimal = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const notFinite = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const date =
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?)?)?$/;

const nothing = new Type('tag:yaml.org,2002:null', {
  kind: 'scalar',
  resolve: (text: unknown) =>
    text === null || (typeof text === 'string' && /^(?:~|null|Null|NULL)?$/.test(text)),
  construct: () => null,
});

const bool = new Type('tag:yaml.org,2002:bool', {
  kind: 'scalar',
  resolve: (text: unknown) => typeof text === 'string' && /^(?:true|True|TRUE|false|False|FALSE)$/.test(text),
  construct: (text: string) => text.toLowerCase() === 'true',
});

const merge = new Type('tag:yaml.org,2002:merge', {
  kind: 'scalar',
  resolve: (text: unknown) => text === '<<',
});

const int = new Type('tag:yaml.org,2002:int', {
  kind: 'scalar',
  resolve: (text: unknown) => typeof text === 'string' && wholeNumber.test(text),
  construct: (text: string) => {
    const digits = text.replaceAll('_', '').replace(/^[-+]/, '');
    const octal = /^0[0-7]+$/.test(digits) ? `0o${digits}` : digits;
    const value = (text.startsWith('-') ? -1 : 1) * Number(octal);
    return Number.isSafeInteger(value) ? value : new Unusual('a number too large to be kept by every reader');
  },
});

const float = new Type('tag:yaml.org,2002:float', {
  kind: 'scalar',
  resolve: (text: unknown) =>
    typeof text === 'string' && (decimal.test(text.replaceAll('_', '')) || notFinite.test(text)),
  construct: (text: string) => {
    const value = Number(text.replaceAll('_', ''));
    if (!Number.isFinite(value)) return new Unusual('a number without bounds');
    // Go prints those with an exponent, other programs without.
    return Math.abs(value) < 1e6
      ? value
      : new Unusual('a number with a point or exponent, from a million on');
  },
});

const timestamp = new Type('tag:yaml.org,2002:timestamp', {
  kind: 'scalar',
  resolve: (text: unknown) => typeof text === 'string' && date.test(text),
  construct: () => new Unusual('a date'),
});

const tagged = (['!reset', '!override'] as const).flatMap((tag) =>
  (['scalar', 'sequence', 'mapping'] as const).map(
    (kind) =>
      new Type(tag, {
        kind,
        // A scalar with a tag of its own is not resolved any further: it is a word, or nothing.
        construct: (value: unknown) => new Tagged(tag, value === '' || value === 'null' ? null : value),
      }),
  ),
);

/** js-yaml resolves implicit types in this order: the words first, then numbers. */
export const composeYaml: Schema = FAILSAFE_SCHEMA.extend({
  implicit: [nothing, bool, int, float, timestamp, merge],
  explicit: tagged,
});
