import { clausesOf, withWritesInside, type Clause } from './clauses';
import { statementsOf, type Statement, type Token } from './tokens';

/**
 * `breaks`: the version that still serves cannot live with it. `blocks`: it holds a lock under which requests wait.
 * `note`: worth knowing.
 */
export type Severity = 'breaks' | 'blocks' | 'note';

interface Rule {
  readonly id: string;
  readonly severity: Severity;
  /** What it does to the version that serves. */
  readonly why: string;
  /** How the same is reached without that. */
  readonly instead: string;
  readonly matches: (statement: Clause) => boolean;
}

const pattern =
  (expression: RegExp) =>
  ({ top }: Clause): boolean =>
    expression.test(top);

const expand =
  'add the new beside the old, deploy code that uses both, and remove the old in a later release';

/** What is looked for in a pending migration; all that match count. */
const rules: readonly Rule[] = [
  {
    id: 'drop',
    severity: 'breaks',
    why: 'what serves may still read or write it',
    instead: 'stop using it in one release, and drop it in a later one',
    matches: pattern(
      /^DROP (?!(?:INDEX|TRIGGER|POLICY|RULE|CAST|COMMENT|STATISTICS|EVENT|PUBLICATION|SUBSCRIPTION)\b)/,
    ),
  },
  {
    id: 'drop-column',
    severity: 'breaks',
    why: 'what serves may still read or write the column',
    instead: 'stop using it in one release, and drop it in a later one',
    // What a column is relieved of stands behind ALTER: without that its words are names of columns themselves, COLUMN may be left out.
    matches: pattern(
      /^ALTER (?:TABLE|FOREIGN TABLE|TYPE) .*(?<! ALTER (?:COLUMN )?\S+ )\bDROP (?!CONSTRAINT\b)/,
    ),
  },
  {
    id: 'rename',
    severity: 'breaks',
    why: 'what serves asks for it by its old name',
    instead: expand,
    matches: pattern(/^ALTER .* RENAME (?!CONSTRAINT\b)/),
  },
  {
    id: 'move',
    severity: 'breaks',
    why: 'what serves may no longer find it',
    instead: expand,
    matches: pattern(/^ALTER .* SET SCHEMA /),
  },
  {
    id: 'detach',
    severity: 'breaks',
    why: 'what serves no longer finds its rows in the table that it asks',
    instead: 'have every version that runs ask for them where they then are first',
    matches: pattern(/^ALTER (?:TABLE|FOREIGN TABLE) (?!.* ADD ).* (?:DETACH PARTITION|NO INHERIT)\b/),
  },
  {
    id: 'column-type',
    severity: 'breaks',
    why: 'the table is rewritten while every request on it waits, and what serves may send or expect the old type',
    instead: expand,
    matches: pattern(/^ALTER (?:TABLE|FOREIGN TABLE|TYPE) .*ALTER .*?(?:SET DATA )?TYPE /),
  },
  {
    id: 'not-null',
    severity: 'breaks',
    why: 'what serves may still write rows without a value',
    instead:
      'have every version that runs write it first; then add a CHECK constraint NOT VALID and validate it',
    matches: pattern(/^ALTER .* SET NOT NULL/),
  },
  {
    id: 'required-column',
    severity: 'breaks',
    why: 'what serves writes rows without the new column, which are refused',
    instead: 'add it with a default, or without NOT NULL',
    matches: ({ top }) =>
      /^ALTER (?:TABLE|FOREIGN TABLE) .*ADD (?!(?:CONSTRAINT|CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUDE)\b)/.test(
        top,
      ) &&
      / (?:NOT NULL|PRIMARY KEY)/.test(top) &&
      !/ (?:DEFAULT (?!NULL\b)|GENERATED (?:ALWAYS|BY) )/.test(top) &&
      // The type, and not a column of that name.
      !/ ADD (?:COLUMN )?(?:IF NOT EXISTS )?(?!(?:COLUMN|IF) )\S+ (?:SMALL|BIG)?SERIAL[248]?\b/.test(top),
  },
  {
    id: 'constraint',
    severity: 'breaks',
    why: 'what serves may write rows that it refuses, and every row is checked while writes wait',
    instead: 'add it NOT VALID, have every version that runs keep to it, and VALIDATE CONSTRAINT later',
    matches: ({ top }) =>
      /^ALTER (?:TABLE|FOREIGN TABLE|DOMAIN) .*ADD (?:CONSTRAINT|CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUDE)\b/.test(
        top,
      ) &&
      !/ NOT VALID\b/.test(top) &&
      !/ USING INDEX (?!TABLESPACE\b)/.test(top),
  },
  {
    id: 'unique-index',
    severity: 'breaks',
    why: 'what serves may write rows that it refuses',
    instead: 'have every version that runs keep to it first, then create it CONCURRENTLY in a later release',
    matches: pattern(/^CREATE UNIQUE INDEX /),
  },
  {
    id: 'drop-default',
    severity: 'breaks',
    why: 'what serves may write rows that count on the default',
    instead: 'have every version that runs write the value first',
    matches: pattern(/^ALTER (?:DOMAIN .*|.* ALTER (?:COLUMN )?\S+) DROP (?:DEFAULT|IDENTITY|EXPRESSION)\b/),
  },
  {
    id: 'truncate',
    severity: 'breaks',
    why: 'the data that what serves works with is gone, and a rollback does not bring it back',
    instead: 'delete what is no longer needed in a later release, with a condition',
    matches: pattern(/^TRUNCATE\b/),
  },
  {
    id: 'every-row',
    severity: 'breaks',
    why: 'it is done to every row: the data that what serves works with is changed or gone, and rows stay locked',
    instead: 'say which rows with WHERE, in batches',
    matches: ({ top }) =>
      // Not the lock of FOR UPDATE, nor what an INSERT does in a conflict.
      /^(?:WITH .* )?(?:DELETE FROM|(?<!(?:DO|FOR|KEY) )UPDATE) /.test(top) &&
      !/ WHERE (?!TRUE(?: RETURNING\b|$))/.test(top),
  },
  {
    id: 'rights',
    severity: 'breaks',
    why: 'what serves may lose a right that it needs; rights are kept by every deploy, not by migrations',
    instead: 'leave it to the provisioning of roles and grants',
    matches: pattern(
      /^(?:REVOKE\b|ALTER (?:ROLE|USER|GROUP)\b|REASSIGN\b|ALTER DEFAULT PRIVILEGES .*\bREVOKE\b|ALTER .* OWNER TO )/,
    ),
  },
  {
    id: 'row-security',
    severity: 'breaks',
    why: 'what serves may no longer see its rows',
    instead: 'have every version that runs set what the policies ask for first',
    matches: pattern(
      /^(?:ALTER TABLE .*(?:ENABLE|FORCE) ROW LEVEL SECURITY|(?:DROP|ALTER) POLICY\b|CREATE POLICY .* AS RESTRICTIVE\b)/,
    ),
  },
  {
    id: 'index',
    severity: 'blocks',
    why: 'writes to the table wait until the index is built',
    instead: 'CREATE INDEX CONCURRENTLY, in a file that is run outside a transaction',
    matches: ({ top }) => /^CREATE (?:UNIQUE )?INDEX /.test(top) && !/ CONCURRENTLY\b/.test(top),
  },
  {
    id: 'lock',
    severity: 'blocks',
    why: 'requests on the table wait until the transaction ends',
    instead: 'rely on the locks that the statements take themselves',
    matches: pattern(/^LOCK\b/),
  },
  {
    id: 'rewrite',
    severity: 'blocks',
    why: 'the table is locked against reads and writes until it is done',
    instead: 'leave it to autovacuum, or REINDEX CONCURRENTLY',
    matches: ({ top }) =>
      /^(?:CLUSTER|REINDEX|REFRESH MATERIALIZED VIEW|VACUUM FULL|ALTER TABLE .* SET (?:UNLOGGED|LOGGED|TABLESPACE|ACCESS METHOD))\b/.test(
        top,
      ) && !/ CONCURRENTLY\b/.test(top),
  },
  {
    id: 'no-transaction',
    severity: 'note',
    why: 'it cannot run in a transaction: a migrator that opens one for each file fails, and one that does not leaves half when it fails',
    instead: 'give it a file of its own that the migrator runs outside a transaction',
    matches: pattern(
      /^(?:(?:CREATE|DROP|REINDEX)\b.* CONCURRENTLY\b|VACUUM\b|(?:CREATE|DROP) (?:DATABASE|TABLESPACE)\b|ALTER SYSTEM\b|ALTER TABLE .* DETACH PARTITION .* CONCURRENTLY)/,
    ),
  },
  {
    id: 'enum-value',
    severity: 'note',
    why: 'the new value cannot be used in the transaction that adds it',
    instead: 'use it in a later file',
    matches: pattern(/^ALTER TYPE .* ADD VALUE\b/),
  },
  {
    id: 'code',
    severity: 'note',
    why: 'what it runs is text inside a program, and is not looked into',
    instead: 'write the statements out',
    matches: pattern(/^(?:DO|EXECUTE|CALL)\b/),
  },
];

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
  if (first?.text === 'CREATE' && tokens.slice(0, 3).some(({ text }) => text === 'INDEX')) {
    const on = tokens.findIndex(({ kind, text }) => kind === 'word' && text === 'ON');
    return on === -1 ? undefined : nameFrom(tokens, on + 1);
  }
  return undefined;
}
