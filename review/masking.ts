import { encodedText, isEncoded } from './encoding';
import { isObject, maskOf } from './tree';

/** What is kept out of every report, besides what Terraform itself calls sensitive. */
export interface Masking {
  /** Names of secrets: whatever stands under or after such a name is not shown. */
  readonly secretNames: readonly string[];
  /** Takes what else is known to be secret (values, shapes of tokens) out of a text. */
  readonly redact: (text: string) => string;
}

/** A value as it may be shown. */
export type Shown =
  | { readonly kind: 'absent' }
  /** Only known after apply. */
  | { readonly kind: 'unknown' }
  /** Terraform says that it is sensitive. */
  | { readonly kind: 'sensitive' }
  /** It stands under the name of a secret. */
  | { readonly kind: 'secret'; readonly name: string }
  /** JSON, except that a string is as it is. `characters` is the length before it was cut. */
  | { readonly kind: 'value'; readonly text: string; readonly characters: number };

/** Longest text of one value in a report; nobody reads more in a table. */
const longest = 400;

/**
 * A value as it may be shown.
 *
 * @param path where it stands: a secret's name in it hides it
 */
export function shown(
  value: unknown,
  masks: { readonly unknown: unknown; readonly sensitive: unknown },
  path: readonly string[],
  masking: Masking,
): Shown {
  const name = path.find((part) => masking.secretNames.includes(part));
  if (name !== undefined && !isAbsent(value, masks.unknown)) return { kind: 'secret', name };
  if (masks.sensitive === true && !isAbsent(value, masks.unknown)) return { kind: 'sensitive' };
  if (masks.unknown === true) return { kind: 'unknown' };
  if (isAbsent(value, masks.unknown)) return { kind: 'absent' };
  const hidden = hide(value, masks.sensitive, masks.unknown, masking);
  const text = maskText(typeof hidden === 'string' ? hidden : JSON.stringify(hidden), masking);
  return { kind: 'value', text: cut(text, longest), characters: text.length };
}

const isAbsent = (value: unknown, unknown: unknown): boolean =>
  (value === undefined || value === null) && unknown !== true;

/** Puts words in the place of what is sensitive, secret or unknown inside a list or an object. */
function hide(value: unknown, sensitive: unknown, unknown: unknown, masking: Masking): unknown {
  if (sensitive === true) return '(sensitive)';
  if (unknown === true) return '(known after apply)';
  // Masked before it becomes JSON, whose escapes could hide a secret from the mask.
  // What is encoded would carry a secret past the mask.
  if (isEncoded(value)) return encodedText(value);
  if (typeof value === 'string') return maskText(value, masking);
  if (Array.isArray(value))
    return value.map((each, index) => hide(each, maskOf(sensitive, index), maskOf(unknown, index), masking));
  if (!isObject(value)) return value;
  const parts = new Set([...Object.keys(value), ...(isObject(unknown) ? Object.keys(unknown) : [])]);
  return Object.fromEntries(
    [...parts].map((key) => [
      maskText(key, masking),
      masking.secretNames.includes(key)
        ? `(secret ${key})`
        : hide(
            Object.hasOwn(value, key) ? value[key] : undefined,
            maskOf(sensitive, key),
            maskOf(unknown, key),
            masking,
          ),
    ]),
  );
}

/** A text without secrets: what is known to be one, and what is assigned to the name of one (`NAME=…`, `"NAME": "…"`). */
export function maskText(text: string, { secretNames, redact }: Masking): string {
  const redacted = redact(text);
  const names = secretNames.filter((name) => redacted.includes(name));
  if (names.length === 0) return redacted;
  const words = names
    .map((name) => name.replace(/[^A-Za-z0-9_]/g, '\\$&'))
    .sort((one, other) => other.length - one.length)
    .join('|');
  // The rest of the line goes with it: where the value ends depends on a grammar that is not known here.
  const assignment = new RegExp(`(?<![A-Za-z0-9_])(${words})(["'\\\\]*[ \\t]*[:=])[^\\n]*`, 'g');
  return redacted.replace(
    assignment,
    (_, name: string, between: string) => `${name}${between} (secret ${name})`,
  );
}

/** The first characters of a text, without half a character at the end. */
export const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '')}…`;
