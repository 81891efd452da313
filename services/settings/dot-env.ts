import { Failure } from '../../foundation/failure';
import { Secret } from '../../foundation/secret';
import { isShownName } from './shown-name';

/**
 * One strict way to write and read `.env`, such that Compose's own reader (compose-go, dotenv/parser.go) and a shell
 * that sources the file see the same values. What cannot be written so that both agree is refused.
 */

const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Safe without quotes, for both readers. */
const bare = /^[A-Za-z0-9_./:@%+,=-]+$/;
/** Line breaks would end a line for one reader and not for another; the rest cannot be typed. */
const control = /\p{Cc}/u;
const halfOfAPair = /[\uD800-\uDFFF]/u;

/**
 * The file's text, as a {@link Secret}: it is written to a protected file or a standard input and shown nowhere.
 *
 * @throws Failure that lists every entry that cannot be written, by name
 */
export function renderDotEnv(entries: Iterable<readonly [string, string | Secret]>): Secret {
  const lines: string[] = [];
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const [name, entry] of entries) {
    const value = typeof entry === 'string' ? entry : entry.reveal();
    const fault = unwritable(name, value, seen);
    seen.add(name);
    if (fault === undefined) lines.push(`${name}=${quoted(value)}\n`);
    else faults.push(`${name} ${fault}`);
  }
  if (faults.length === 0) return Secret.of('.env', lines.join(''));
  throw new Failure({
    what: 'the settings cannot be written to an .env file',
    faults,
    next: 'change those values, then run this again',
  });
}

function unwritable(name: string, value: string, seen: ReadonlySet<string>): string | undefined {
  if (!variableName.test(name)) return 'is not a variable name';
  if (seen.has(name)) return 'is there twice';
  if (value === '') return 'is empty: an unset setting is left out';
  if (control.test(value)) return 'holds a line break or another control character';
  if (halfOfAPair.test(value)) return 'holds half of a surrogate pair';
  if (needsDoubleQuotes(value) && value.includes('`')) {
    return 'holds a backtick together with a quote or a backslash at the end, which a shell and Compose read differently';
  }
  return undefined;
}

/** Single quotes keep everything as it is, but cannot hold one, and Compose takes \' for one. */
const needsDoubleQuotes = (value: string): boolean => value.includes("'") || value.endsWith('\\');

function quoted(value: string): string {
  if (bare.test(value)) return value;
  if (!needsDoubleQuotes(value)) return `'${value}'`;
  return `"${value.replace(/["\\$]/g, '\\$&')}"`;
}

/** A line that cannot be read. No part ever holds its value, nor what may be one. */
export interface LineFault {
  /** From 1. */
  readonly line: number;
  /** What it sets, where that can be told. */
  readonly name?: string;
  /** What follows the line's number, and its name. */
  readonly problem: string;
}

export interface ReadDotEnv {
  /** Of the lines that can be read. */
  readonly values: Readonly<Record<string, string>>;
  /** Where each of these names stands, from 1. */
  readonly lines: ReadonlyMap<string, number>;
  readonly faults: readonly LineFault[];
}

/** Reads what {@link renderDotEnv} writes, and comments and empty lines between. Nothing is expanded. */
export function readDotEnv(text: string): ReadDotEnv {
  const faults: LineFault[] = [];
  const values = new Map<string, string>();
  const lines = new Map<string, number>();
  for (const [index, written] of text.split('\n').entries()) {
    const line = index + 1;
    if (written === '' || written.startsWith('#')) continue;
    const [, name, assigned] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(written) ?? [];
    if (name === undefined || assigned === undefined) {
      faults.push({ line, problem: 'is not NAME=value' });
      continue;
    }
    const value = unquoted(assigned);
    if (value === undefined)
      faults.push({ line, name, problem: 'is not quoted in a way that all readers take alike' });
    else if (values.has(name)) faults.push({ line, name, problem: 'is there twice' });
    else {
      values.set(name, value);
      lines.set(name, line);
    }
  }
  return { values: Object.fromEntries(values), lines, faults };
}

/** `line 7: AUTH_SECRET is there twice`, or `line 7 is there twice` where the name may be a part of a secret. */
export const lineFaultText = ({ line, name, problem }: LineFault): string =>
  `line ${line}${name !== undefined && isShownName(name) ? `: ${name}` : ''} ${problem}`;

/**
 * What {@link readDotEnv} reads, where it can be read as a whole.
 *
 * @param where the file, for the message
 * @throws Failure that lists every line that cannot be read, by number, never with its value
 */
export function parseDotEnv(text: string, where: string): Readonly<Record<string, string>> {
  const { values, faults } = readDotEnv(text);
  if (faults.length === 0) return values;
  throw unreadable(where, faults);
}

/** Of a file with lines that cannot be read. */
export const unreadable = (where: string, faults: readonly LineFault[]): Failure =>
  new Failure({
    what: `${where} cannot be read as an .env file`,
    faults: faults.map(lineFaultText),
    next: "write each line as NAME='value' (or NAME=value without signs), then run this again",
  });

function unquoted(written: string): string | undefined {
  if (control.test(written)) return undefined;
  if (written === '' || bare.test(written)) return written;
  const single = /^'([^']*)'$/.exec(written)?.[1];
  if (single !== undefined) return single.endsWith('\\') ? undefined : single;
  const double = /^"((?:[^"\\$`]|\\["\\$])*)"$/.exec(written)?.[1];
  return double?.replace(/\\(["\\$])/g, '$1');
}
