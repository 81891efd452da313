import { clausesOf, withWritesInside } from './clauses';
import { rules, type Severity } from './rules';
import { statementsOf, type Statement, type Token } from './tokens';

export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  /** Beginning of the statement. */
  readonly statement: string;
  readonly line: number;
  readonly why: string;
  readonly instead: string;
}

/** What is worth pointing out in a migration, in the order of its statements. */
export function findingsIn(sql: string): readonly Finding[] {
  const made = new Set<string>();
  return statementsOf(sql)
    .flatMap(withWritesInside)
    .flatMap((statement) => {
      for (const table of tableMade(statement)) made.add(table);
      // Nobody uses a table yet that the same file has made above.
      const target = tableChanged(statement);
      if (target !== undefined && made.has(target)) return [];
      return clausesOf(statement).flatMap((clause) =>
        rules
          .filter(({ matches }) => matches(clause))
          .map(({ id, severity, why, instead }) => ({
            rule: id,
            severity,
            statement: clause.text.length > 100 ? `${clause.text.slice(0, 97)}...` : clause.text,
            line: statement.line,
            why,
            instead,
          })),
      );
    });
}

/** The name of a table, with its schema where one is written: as it stands in the tokens from a place on. */
function nameFrom(tokens: readonly Token[], start: number): string | undefined {
  let at = start;
  const skipped = new Set(['IF', 'NOT', 'EXISTS', 'ONLY', 'CONCURRENTLY']);
  while (tokens[at]?.kind === 'word' && skipped.has(tokens[at]?.text ?? '')) at += 1;
  const parts: string[] = [];
  for (; tokens[at] !== undefined; at += 2) {
    const { kind, text } = tokens[at] ?? { kind: 'sign', text: '' };
    if (kind !== 'word' && kind !== 'name') return undefined;
    parts.push(kind === 'word' ? text.toLowerCase() : text);
    if (tokens[at + 1]?.text !== '.') break;
  }
  return parts.length === 0 ? undefined : parts.join('.');
}

/** A table that this statement makes for sure: not with IF NOT EXISTS, which may leave an old one. */
function tableMade({ tokens }: Statement): readonly string[] {
  const words = tokens.slice(0, 3).map(({ text }) => text);
  if (words[0] !== 'CREATE' || words[1] !== 'TABLE' || words[2] === 'IF') return [];
  const name = nameFrom(tokens, 2);
  return name === undefined ? [] : [name];
}

function tableChanged({ tokens }: Statement): string | undefined {
  const [first, second] = tokens;
  if (first?.text === 'ALTER' && second?.text === 'TABLE') return nameFrom(tokens, 2);
  if (first?.text === 'UPDATE') return nameFrom(tokens, 1);
  if (
    first?.text === 'CREATE' &&
    tokens.slice(0, 4).some(({ text }) => text === 'INDEX' || text === 'TRIGGER')
  ) {
    const on = tokens.findIndex(({ kind, text }) => kind === 'word' && text === 'ON');
    return on === -1 ? undefined : nameFrom(tokens, on + 1);
  }
  return undefined;
}
