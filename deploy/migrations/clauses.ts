import type { Statement, Token } from './tokens';

/**
 * A statement as text for rules: words in upper case with one space between; names in quotes are `"`, strings `'`. A clause
 * of ALTER TABLE stands alone behind its `ALTER TABLE`.
 */
export interface Clause {
  readonly text: string;
  /** Words outside all parentheses only: what is inside belongs to a column, an expression or another query. */
  readonly top: string;
  readonly tokens: readonly Token[];
}

/** A statement, and what the queries inside of it write (`WITH gone AS (DELETE …)`): each as a statement of its own. */
export function withWritesInside(statement: Statement): readonly Statement[] {
  const { tokens, line } = statement;
  const words = tokens.slice(0, 4).map(({ text }) => text);
  // What a rule does is not done now.
  if (words[0] === 'CREATE' && words.includes('RULE')) return [statement];
  const inside = tokens.flatMap((token, at) => {
    const [first, second] = [tokens[at + 1], tokens[at + 2]];
    const opens = token.kind === 'sign' && token.text === '(' && first?.kind === 'word';
    if (!opens || !['UPDATE', 'DELETE', 'MERGE'].includes(first.text)) return [];
    const found = untilClosed(tokens.slice(at + 1));
    const follows = { DELETE: 'FROM', MERGE: 'INTO' }[first.text];
    const writes = follows === undefined ? updates.test(written(found)) : second?.text === follows;
    return writes ? [{ tokens: found, line }] : [];
  });
  return [statement, ...inside];
}

/** A column may be named `update`; the statement has a table, which may be given another name, and then SET. */
const updates = /^UPDATE (?:ONLY )?\S+(?: \. \S+)*(?: \*)?(?: (?:AS )?\S+)? SET /;

/** Tokens up to the parenthesis that closes one before them. */
function untilClosed(tokens: readonly Token[]): readonly Token[] {
  let depth = 0;
  const end = tokens.findIndex(({ kind, text }) => {
    if (kind === 'sign' && text === '(') depth += 1;
    if (kind === 'sign' && text === ')') depth -= 1;
    return depth < 0;
  });
  return end === -1 ? tokens : tokens.slice(0, end);
}

/** ALTER TABLE with several actions is one clause for each: what one of them says must not count for another. */
export function clausesOf({ tokens }: Statement): readonly Clause[] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === 'sign' && token.text === '(') depth += 1;
    if (token.kind === 'sign' && token.text === ')') depth -= 1;
    const parted = depth === 0 && token.kind === 'sign' && token.text === ',';
    if (parted && isAlterTable(tokens)) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  const head = isAlterTable(tokens) ? tokens.slice(0, 3) : [];
  return parts.map((part, index) => {
    const all = index === 0 ? part : [...head, ...part];
    return { text: written(all), top: written(outside(all)), tokens: all };
  });
}

const isAlterTable = ([first, second]: readonly Token[]): boolean =>
  first?.text === 'ALTER' && (second?.text === 'TABLE' || second?.text === 'FOREIGN');

function outside(tokens: readonly Token[]): readonly Token[] {
  let depth = 0;
  return tokens.filter((token) => {
    const { kind, text } = token;
    if (kind === 'sign' && text === ')') depth -= 1;
    const top = depth === 0;
    if (kind === 'sign' && text === '(') depth += 1;
    return top;
  });
}

const written = (tokens: readonly Token[]): string =>
  tokens.map(({ kind, text }) => (kind === 'text' ? "'" : kind === 'name' ? '"' : text)).join(' ');
