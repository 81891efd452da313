/** A word, sign or literal of SQL; comments and white space are none. */
export interface Token {
  /** `word`: a keyword or an identifier without quotes. `name`: one in quotes. `text`: a string of any kind. */
  readonly kind: 'word' | 'name' | 'text' | 'sign';
  /** A word in upper case; a name without its quotes; else as it was written. */
  readonly text: string;
  /** Where it begins, in characters. */
  readonly at: number;
}

const wordStart = /[A-Za-z_\u0080-\uffff]/;
const wordPart = /[A-Za-z0-9_$\u0080-\uffff]/;
const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;

/**
 * Takes SQL apart as PostgreSQL does (documentation, 4.1 "Lexical Structure"): comments may be nested, strings may be of the
 * escape kind or between dollar tags, and none of them is read for words. What is not closed reaches to the end. Every
 * text gives tokens; none is refused.
 */
export function tokensOf(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const add = (kind: Token['kind'], text: string, end: number): void => {
    tokens.push({ kind, text, at });
    at = end;
  };
  while (at < sql.length) {
    const [here = '', next = ''] = [sql[at], sql[at + 1]];
    if (/\s/.test(here)) at += 1;
    else if (here === '-' && next === '-') at = lineEnd(sql, at);
    else if (here === '/' && next === '*') at = commentEnd(sql, at);
    else if (here === "'") add('text', sql.slice(at, quoteEnd(sql, at, "'")), quoteEnd(sql, at, "'"));
    else if (here === '"') {
      const end = quoteEnd(sql, at, '"');
      add('name', nameIn(sql.slice(at, end)), end);
    } else if (here === '$' && tagAt(sql, at) !== undefined) {
      const end = dollarEnd(sql, at, tagAt(sql, at) ?? '');
      add('text', sql.slice(at, end), end);
    } else if (/[eE]/.test(here) && next === "'") {
      const end = escapeEnd(sql, at + 1);
      add('text', sql.slice(at, end), end);
    } else if (wordStart.test(here)) {
      let end = at + 1;
      while (end < sql.length && wordPart.test(sql[end] ?? '')) end += 1;
      add('word', sql.slice(at, end).toUpperCase(), end);
    } else if (/[0-9]/.test(here)) {
      const number = /[0-9][0-9A-Za-z_.]*/y;
      number.lastIndex = at;
      const text = number.exec(sql)?.[0] ?? here;
      add('text', text, at + text.length);
    } else add('sign', here, at + 1);
  }
  return tokens;
}

const orEnd = (sql: string, index: number, length: number): number =>
  index === -1 ? sql.length : index + length;

const lineEnd = (sql: string, at: number): number => orEnd(sql, sql.indexOf('\n', at), 1);

function commentEnd(sql: string, start: number): number {
  let depth = 0;
  for (let at = start; at < sql.length;) {
    const pair = sql.slice(at, at + 2);
    if (pair === '/*') depth += 1;
    if (pair === '*/') depth -= 1;
    at += pair === '/*' || pair === '*/' ? 2 : 1;
    if (depth === 0) return at;
  }
  return sql.length;
}

/** Two quotes in a row are one of the text. */
function quoteEnd(sql: string, start: number, quote: string): number {
  for (let at = start + 1; at < sql.length; at += 1) {
    if (sql[at] !== quote) continue;
    if (sql[at + 1] !== quote) return at + 1;
    at += 1;
  }
  return sql.length;
}

/** A backslash takes the next character's meaning away. */
function escapeEnd(sql: string, start: number): number {
  for (let at = start + 1; at < sql.length; at += 1) {
    if (sql[at] === '\\') at += 1;
    else if (sql[at] === "'") {
      if (sql[at + 1] !== "'") return at + 1;
      at += 1;
    }
  }
  return sql.length;
}

function tagAt(sql: string, at: number): string | undefined {
  dollarTag.lastIndex = at;
  return dollarTag.exec(sql)?.[0];
}

const dollarEnd = (sql: string, at: number, tag: string): number =>
  orEnd(sql, sql.indexOf(tag, at + tag.length), tag.length);

const nameIn = (quoted: string): string => quoted.replace(/^"|"$/g, '').replaceAll('""', '"');

/** A statement: its tokens without the semicolon, and where it stands. */
export interface Statement {
  readonly tokens: readonly Token[];
  /** Line of its first token, from 1. */
  readonly line: number;
}

/** The statements of a text, in order. A semicolon inside parentheses, as in a rule's actions, ends none. */
export function statementsOf(sql: string): readonly Statement[] {
  const statements: Token[][] = [[]];
  let depth = 0;
  for (const token of tokensOf(sql)) {
    if (token.kind === 'sign' && token.text === '(') depth += 1;
    if (token.kind === 'sign' && token.text === ')') depth = Math.max(0, depth - 1);
    if (token.kind === 'sign' && token.text === ';' && depth === 0) statements.push([]);
    else statements.at(-1)?.push(token);
  }
  return statements
    .filter((tokens) => tokens.length > 0)
    .map((tokens) => ({ tokens, line: sql.slice(0, tokens[0]?.at).split('\n').length }));
}
