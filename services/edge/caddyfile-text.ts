import { Duration } from '../../compose';

/**
 * The text of a Caddyfile from data (Caddy documentation, "Caddyfile Concepts"; Caddy source, lexer.go). A value can
 * never become something else there: a further word, a comment, a block, an environment variable, a placeholder.
 */

/** A word with a meaning to Caddy, such as a placeholder in it. Made by {@link word} only. */
export class Word {
  /** @internal */
  constructor(readonly content: string) {}
}

/** What a word can be made of. Strings are taken literally; of a template, its own text is not. */
export type Part = string | number | Duration | Word;

/** One directive, option or site: its words, and what stands in its braces. */
export interface Statement {
  readonly words: readonly Part[];
  readonly body?: readonly Statement[];
}

/**
 * A word whose own text Caddy reads as it stands, while the values in it are literal:
 * `` word`https://${domain}{uri}` ``.
 *
 * @throws RangeError for a value that a Caddyfile cannot hold
 */
export const word = (own: TemplateStringsArray, ...values: readonly Part[]): Word =>
  new Word(own.raw.reduce((text, next, index) => text + contentOf(values[index - 1] ?? '') + next));

/** `name value value`. */
export const line = (...words: readonly Part[]): Statement => ({ words });

/** `name value {` and what stands in its braces; absent parts are left out. */
export const block = (words: readonly Part[], ...body: readonly (Statement | undefined)[]): Statement => ({
  words,
  body: present(body),
});

/**
 * A whole file, as `caddy fmt` would write it, without its last line break.
 *
 * @throws RangeError for a word that a Caddyfile cannot hold
 */
export const renderStatements = (statements: readonly (Statement | undefined)[]): string =>
  present(statements)
    .map((statement) => render(statement, ''))
    .join('\n');

const present = (statements: readonly (Statement | undefined)[]): readonly Statement[] =>
  statements.filter((statement) => statement !== undefined);

function render({ words, body }: Statement, margin: string): string {
  const head = `${margin}${words.map(written).join(' ')}`;
  if (body === undefined) return head;
  const inner = body.map((statement) => render(statement, `${margin}\t`));
  return [`${head}${words.length > 0 ? ' ' : ''}{`, ...inner, `${margin}}`].join('\n');
}

/** Words of these characters mean the same with and without quotes. */
const plain = /^[\w.:/@*?+=,^$()|>{}[\]-]+$/;

function written(part: Part): string {
  const content = contentOf(part);
  if (plain.test(content)) return content;
  if (!/["\\]/.test(content)) return `"${content}"`;
  if (!content.includes('`')) return `\`${content}\``;
  return `"${content.replaceAll('"', '\\"')}"`;
}

function contentOf(part: Part): string {
  if (part instanceof Word) return part.content;
  const text = String(part);
  const fault = literalFault(text);
  if (fault === undefined) return text;
  throw new RangeError(`a value for the Caddyfile ${fault}`);
}

/**
 * Why a text cannot stand in a Caddyfile as it is, or undefined where it can. Braces are refused because Caddy replaces
 * placeholders after it has read the file, in quotes too, and not everywhere by the same rules.
 */
export function literalFault(text: string): string | undefined {
  if (/[{}]/.test(text)) return 'holds a brace, which makes a placeholder';
  if (/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\ufeff\ufffd]/u.test(text)) return 'holds a control character';
  if (text.includes('`') && text.includes('\\'))
    return 'holds a backtick and a backslash, which no quotes hold together';
  return undefined;
}
