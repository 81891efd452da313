import type { Clause } from './clauses';

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

const isMerge = /^(?:WITH .* )?MERGE INTO /;

/** Settings of a database that leave what serves without its tables or its writes. */
const takesAway =
  /^ALTER DATABASE \S+ (?:SET (?:DEFAULT_TRANSACTION_READ_ONLY|ROLE|ROW_SECURITY|SEARCH_PATH)\b|(?:WITH )?ALLOW_CONNECTIONS\b)/;

/** Words and names of a statement behind a keyword, in lower case. */
function namesBehind({ tokens }: Clause, keyword: string): readonly string[] {
  const at = tokens.findIndex(({ kind, text }) => kind === 'word' && text === keyword);
  return tokens
    .slice(at + 1)
    .filter(
      ({ kind, text }) => kind === 'name' || (kind === 'word' && !/^(?:IF|EXISTS|CONCURRENTLY)$/.test(text)),
    )
    .map(({ text }) => text.toLowerCase());
}

/**
 * By the names that PostgreSQL, and migrators, give to foreign keys and CHECK constraints: no statement needs one of these, so without it
 * only more is let in. A unique or primary key is what ON CONFLICT finds its rows by.
 */
const isForeignKeyOrCheck = (constraint: string): boolean =>
  /_(?:fkey|fk|check|chk|not_null)\d*$/.test(constraint);

/** Such names of unique indexes; a migration says nothing else of an index that an earlier one has made. */
const unique = /_(?:key|pkey|uk|uq|uniq|uidx|unique)\d*$|_unique_/;

/** What is looked for in a pending migration; all that match count. */
export const rules: readonly Rule[] = [
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
    id: 'conflict-target',
    severity: 'breaks',
    why: 'what serves may name its columns, or it, in ON CONFLICT, and each such INSERT is refused without it',
    instead:
      'have every version that runs do without it in ON CONFLICT first; a foreign key or a CHECK whose name ends with _fkey, _fk, _check or _chk may go',
    matches: (clause) =>
      /^ALTER TABLE .*\b(?:DROP|RENAME) CONSTRAINT\b/.test(clause.top) &&
      !namesBehind(clause, 'CONSTRAINT').slice(0, 1).some(isForeignKeyOrCheck),
  },
  {
    id: 'drop-unique-index',
    severity: 'breaks',
    why: 'its name says that it is a unique one: what serves may name its columns in ON CONFLICT, and each such INSERT is refused without it',
    instead: 'have every version that runs do without it in ON CONFLICT first',
    matches: (clause) =>
      /^DROP INDEX\b/.test(clause.top) && namesBehind(clause, 'INDEX').some((name) => unique.test(name)),
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
    id: 'generated-always',
    severity: 'breaks',
    why: 'what serves may write rows with a value for the column, which are refused',
    instead:
      'make it GENERATED BY DEFAULT, have every version that runs leave the value out, and set ALWAYS later',
    matches: pattern(/^ALTER TABLE .* ALTER (?:COLUMN )?\S+ .*\b(?:ADD|SET) GENERATED ALWAYS\b/),
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
      isMerge.test(top)
        ? / WHEN NOT MATCHED BY SOURCE THEN (?:DELETE|UPDATE)\b/.test(top) ||
          (/ ON TRUE WHEN /.test(top) && / WHEN MATCHED THEN (?:DELETE|UPDATE)\b/.test(top))
        : // Not the lock of FOR UPDATE, nor what an INSERT does in a conflict.
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
    id: 'database-setting',
    severity: 'breaks',
    why: 'every new connection of what serves gets it: it may not write any more, or not find what it asks for',
    instead: 'SET it in the transaction that needs it; what a database is set to is left to its provisioning',
    matches: ({ top }) => takesAway.test(top),
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
    id: 'drop-index',
    severity: 'note',
    why: 'what serves asks without it, which may take long; and if it is a unique one, each INSERT with ON CONFLICT on its columns is refused',
    instead: 'see that no version that runs needs it, by pg_stat_user_indexes and for ON CONFLICT',
    matches: pattern(/^DROP INDEX\b/),
  },
  {
    id: 'trigger',
    severity: 'note',
    why: 'the writes of what serves meet it, or miss it, from now on: it may change or refuse them, or they count on it',
    instead: 'see that it suits every version that runs',
    matches: pattern(
      /^(?:CREATE (?:OR REPLACE )?(?:CONSTRAINT |EVENT )?(?:TRIGGER|RULE)\b|DROP (?:EVENT )?(?:TRIGGER|RULE)\b|ALTER EVENT TRIGGER\b|ALTER TABLE .* (?:ENABLE|DISABLE) (?:ALWAYS |REPLICA )?(?:TRIGGER|RULE)\b)/,
    ),
  },
  {
    id: 'database',
    severity: 'note',
    why: 'every new connection of what serves meets it',
    instead: 'leave it to the provisioning of the database',
    matches: ({ top }) => /^ALTER DATABASE \S+ (?!RENAME\b|OWNER\b)/.test(top) && !takesAway.test(top),
  },
  {
    id: 'code',
    severity: 'note',
    why: 'what it runs is text inside a program, and is not looked into',
    instead: 'write the statements out',
    matches: pattern(/^(?:DO|EXECUTE|CALL)\b/),
  },
];
