import type { Plain } from './tree';

/**
 * Writes the small part of YAML that readers of version 1.1 (PyYAML, and Go's reader in part) and of version 1.2 take
 * for the same: block mappings and sequences, plain scalars only where every reader sees a string, and else double
 * quotes with escapes both know. No anchors, tags, block scalars or folded lines.
 *
 * @throws RangeError for text with a half of a surrogate pair, which UTF-8 cannot hold, for numbers with an
 *   exponent, infinite or not safe, and for keys over 1000 characters.
 */
export function toYaml(document: { readonly [key: string]: Plain }): string {
  return entries(document, 0);
}

/** Letters first, then what no version gives a meaning to. `:` and `#` only where nothing can split them off. */
const plainText = /^[A-Za-z/](?:[A-Za-z0-9_./-]|:(?=[A-Za-z0-9_./-]))*$/;

/** Words that some reader takes for a boolean or null (YAML 1.1, "bool" and "null" types). */
const words = new Set(['y', 'n', 'yes', 'no', 'on', 'off', 'true', 'false', 'null']);

/** Numbers begin with a digit, a sign or a dot, which no plain text here does; `.inf` and `.nan` neither. */
const isPlainText = (text: string): boolean => plainText.test(text) && !words.has(text.toLowerCase());

function entries(mapping: { readonly [key: string]: Plain }, depth: number): string {
  let lines = '';
  for (const key of Object.keys(mapping)) {
    lines += `${indent(depth)}${keyScalar(key)}:${after(mapping[key] as Plain, depth)}`;
  }
  return lines;
}

function items(sequence: readonly Plain[], depth: number): string {
  return sequence
    .map((item) => {
      const block = isMapping(item) && Object.keys(item).length > 0 ? entries(item, depth + 1) : undefined;
      // The first key of a mapping stands beside the dash.
      return block === undefined
        ? `${indent(depth)}-${after(item, depth)}`
        : `${indent(depth)}- ${block.slice(indent(depth + 1).length)}`;
    })
    .join('');
}

/** What follows a key's colon or an item's dash, with its line break. */
function after(value: Plain, depth: number): string {
  if (isSequence(value)) return value.length === 0 ? ' []\n' : `\n${items(value, depth + 1)}`;
  if (isMapping(value)) {
    return Object.keys(value).length === 0 ? ' {}\n' : `\n${entries(value, depth + 1)}`;
  }
  return ` ${scalar(value)}\n`;
}

/** A key on one line with its colon may be 1024 characters long (YAML 1.2, "Implicit keys"). */
function keyScalar(key: string): string {
  const written = scalar(key);
  if (written.length > 1000) throw new RangeError(`a key of ${key.length} characters cannot be written`);
  return written;
}

function scalar(value: string | number | boolean | null): string {
  if (typeof value === 'boolean' || value === null) return String(value);
  if (typeof value === 'number') {
    const text = String(value);
    if (!decimal.test(text) || Math.abs(value) > Number.MAX_SAFE_INTEGER) {
      throw new RangeError(`only numbers that all readers take for the same are written, not ${text}`);
    }
    return text;
  }
  return isPlainText(value) ? value : quoted(value);
}

/** Digits, perhaps with a point in between: with an exponent, YAML 1.1 wants a sign that 1.2 does not. */
const decimal = /^-?\d+(?:\.\d+)?$/;

const printableAscii = /^[\x20-\x7e]*$/;

/** Everything but printable ASCII is escaped: some readers take U+0085 and U+2028 for line breaks. */
function quoted(text: string): string {
  if (printableAscii.test(text)) return `"${text.replace(/["\\]/g, '\\$&')}"`;
  if (!text.isWellFormed()) throw new RangeError('text with a half of a surrogate pair cannot be written');
  const escaped = Array.from(text).map((character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === '"' || character === '\\') return `\\${character}`;
    if (code >= 0x20 && code < 0x7f) return character;
    if (code <= 0xff) return `\\x${hex(code, 2)}`;
    return code <= 0xffff ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
  });
  return `"${escaped.join('')}"`;
}

const hex = (code: number, digits: number): string => code.toString(16).toUpperCase().padStart(digits, '0');
const indent = (depth: number): string => '  '.repeat(depth);
const isSequence = (value: Plain): value is readonly Plain[] => Array.isArray(value);
const isMapping = (value: Plain): value is { readonly [key: string]: Plain } =>
  typeof value === 'object' && value !== null && !isSequence(value);
