import { findingsIn } from '../../../../deploy/migrations/findings';
import { judgeMigrations } from '../../../../deploy/migrations/judge';
import { parsePending } from '../../../../deploy/migrations/pending';

const found = (sql: string): string[] => findingsIn(sql).map(({ rule, severity }) => `${severity} ${rule}`);

describe('a migration that what serves cannot survive', () => {
  test.each([
    ['DROP TABLE notes', 'drop'],
    ['drop view if exists v cascade', 'drop'],
    ['DROP TYPE mood', 'drop'],
    ['DROP FUNCTION f()', 'drop'],
    ['ALTER TABLE notes DROP COLUMN body', 'drop-column'],
    ['ALTER TABLE IF EXISTS ONLY "Notes" DROP body', 'drop-column'],
    ['ALTER TABLE notes ADD COLUMN a int, DROP COLUMN b', 'drop-column'],
    ['ALTER TABLE notes RENAME COLUMN a TO b', 'rename'],
    ["ALTER TYPE mood RENAME VALUE 'a' TO 'b'", 'rename'],
    ['ALTER TABLE notes SET SCHEMA other', 'move'],
    ['ALTER TABLE notes ALTER COLUMN a TYPE bigint', 'column-type'],
    ['ALTER TABLE notes ALTER a SET DATA TYPE bigint USING a::bigint', 'column-type'],
    ['ALTER TABLE notes ALTER COLUMN a SET NOT NULL', 'not-null'],
    ['ALTER TABLE notes ADD COLUMN a int NOT NULL', 'required-column'],
    ['ALTER TABLE notes ADD a int NOT NULL, ADD b int DEFAULT 1', 'required-column'],
    ['ALTER TABLE notes ADD CONSTRAINT c CHECK (a > 0)', 'constraint'],
    ['ALTER TABLE notes ADD FOREIGN KEY (a) REFERENCES b', 'constraint'],
    ['ALTER TABLE notes ALTER a DROP DEFAULT', 'drop-default'],
    ['CREATE UNIQUE INDEX CONCURRENTLY i ON notes (a)', 'unique-index'],
    ['TRUNCATE notes', 'truncate'],
    ['DELETE FROM notes', 'every-row'],
    ['UPDATE notes SET a = (SELECT 1 FROM b WHERE true)', 'every-row'],
    ['REVOKE SELECT ON notes FROM app', 'rights'],
    ['ALTER ROLE app NOLOGIN', 'rights'],
    ['ALTER TABLE notes OWNER TO other', 'rights'],
    ['ALTER TABLE notes FORCE ROW LEVEL SECURITY', 'row-security'],
    ['DROP POLICY own ON notes', 'row-security'],
    ['CREATE POLICY p ON notes AS RESTRICTIVE USING (a > 0)', 'row-security'],
    ['ALTER TABLE notes DETACH PARTITION old', 'detach'],
    ['ALTER TABLE notes NO INHERIT parent', 'detach'],
    ['ALTER TYPE pair ALTER ATTRIBUTE a TYPE bigint', 'column-type'],
    ['ALTER TABLE notes ALTER id DROP IDENTITY', 'drop-default'],
    ['ALTER TABLE notes ADD UNIQUE (a) USING INDEX TABLESPACE fast', 'constraint'],
    ['ALTER DEFAULT PRIVILEGES IN SCHEMA a REVOKE SELECT ON TABLES FROM app', 'rights'],
    ['ALTER TABLE users DROP CONSTRAINT users_email_key', 'conflict-target'],
    ['ALTER TABLE users DROP CONSTRAINT IF EXISTS "users_email_unique" CASCADE', 'conflict-target'],
    ['ALTER TABLE users DROP CONSTRAINT users_team_fkey, DROP CONSTRAINT users_pkey', 'conflict-target'],
    ['ALTER TABLE users DROP CONSTRAINT one_email', 'conflict-target'],
    ['ALTER TABLE users RENAME CONSTRAINT users_email_key TO users_email_check', 'conflict-target'],
    ['DROP INDEX users_email_key', 'drop-unique-index'],
    ['DROP INDEX CONCURRENTLY IF EXISTS i, public."users_email_unique"', 'drop-unique-index'],
    ['ALTER TABLE users ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY', 'generated-always'],
    ['ALTER TABLE users ALTER "id" SET INCREMENT 2 SET GENERATED ALWAYS', 'generated-always'],
    ['ALTER DATABASE cogni SET default_transaction_read_only = on', 'database-setting'],
    ["ALTER DATABASE cogni SET search_path TO ''", 'database-setting'],
    ['ALTER DATABASE cogni WITH ALLOW_CONNECTIONS false', 'database-setting'],
    ['MERGE INTO users u USING seen s ON u.id = s.id WHEN NOT MATCHED BY SOURCE THEN DELETE', 'every-row'],
    ['MERGE INTO users USING one ON true WHEN MATCHED THEN UPDATE SET a = one.a', 'every-row'],
  ])('%s', (sql, rule) => expect(found(`${sql};`)).toContain(`breaks ${rule}`));
});

describe('a migration whose names look like words of SQL', () => {
  test.each([
    ['ALTER TABLE users DROP notes', 'drop-column'],
    ['ALTER TABLE users DROP notifications', 'drop-column'],
    ['ALTER TABLE users DROP default_locale', 'drop-column'],
    ['ALTER TABLE users DROP identity_id', 'drop-column'],
    ['ALTER TABLE users DROP identity', 'drop-column'],
    ['ALTER TABLE users DROP expression', 'drop-column'],
    ['ALTER TABLE users DROP constraint_kind', 'drop-column'],
    ['ALTER TABLE users ALTER a DROP NOT NULL, DROP notes', 'drop-column'],
    ['ALTER TABLE users RENAME constraint_kind TO x', 'rename'],
    ['ALTER TABLE users ADD default_locale text NOT NULL', 'required-column'],
    ['ALTER TABLE users ADD COLUMN generated boolean NOT NULL', 'required-column'],
    ['ALTER TABLE users ADD COLUMN serial text NOT NULL', 'required-column'],
    ['ALTER TABLE users ADD COLUMN a text NOT NULL DEFAULT NULL', 'required-column'],
  ])('is found out: %s', (sql, rule) => expect(found(`${sql};`)).toContain(`breaks ${rule}`));
});

describe('what the queries inside of a statement write', () => {
  test.each([
    'WITH gone AS (DELETE FROM sessions RETURNING *) INSERT INTO old SELECT * FROM gone WHERE a',
    'WITH a AS (SELECT 1), b AS (UPDATE notes SET a = (SELECT 1 WHERE true) RETURNING *) SELECT * FROM b',
    'WITH b AS (UPDATE ONLY public.notes AS n SET a = 1 RETURNING *) SELECT 1',
    'DELETE FROM sessions WHERE true',
    'DELETE FROM sessions WHERE true RETURNING id',
    'WITH b AS (MERGE INTO notes USING one ON true WHEN MATCHED THEN DELETE RETURNING *) SELECT * FROM b',
  ])('is found: %s', (sql) => expect(found(`${sql};`)).toEqual(['breaks every-row']));

  test.each([
    'WITH gone AS (DELETE FROM sessions WHERE old RETURNING *) INSERT INTO archive SELECT * FROM gone',
    'WITH new AS (SELECT 1) INSERT INTO notes SELECT * FROM new ON CONFLICT (a) DO UPDATE SET a = 1',
    'WITH one AS (SELECT 1) SELECT * FROM notes FOR UPDATE OF notes',
    'GRANT INSERT (a), UPDATE (a) ON notes TO app',
    'WITH s AS (SELECT 1 AS id) MERGE INTO notes n USING s ON n.id = s.id WHEN MATCHED THEN UPDATE SET a = 1',
    'MERGE INTO notes n USING s ON n.id = s.id WHEN MATCHED AND s.gone THEN DELETE',
    'CREATE TABLE audit (update timestamptz, note int REFERENCES notes ON DELETE SET NULL)',
  ])('is no fault: %s', (sql) => expect(found(`${sql};`)).toEqual([]));

  test('may be anything in a table that the same file makes', () => {
    expect(found('CREATE TABLE n (a int); WITH b AS (UPDATE n SET a = 1 RETURNING *) SELECT 1;')).toEqual([]);
  });
});

describe('a migration that what serves survives', () => {
  test.each([
    'CREATE TABLE notes (id bigint PRIMARY KEY, body text NOT NULL)',
    'ALTER TABLE notes ADD COLUMN a int',
    'ALTER TABLE notes ADD COLUMN a bigserial NOT NULL',
    'ALTER TABLE notes ADD CONSTRAINT c CHECK (a > 0) NO INHERIT NOT VALID',
    'ALTER TABLE ONLY notes ALTER "a" DROP NOT NULL, ALTER COLUMN b DROP NOT NULL',
    'ALTER TABLE notes ADD COLUMN IF NOT EXISTS a int NOT NULL DEFAULT 0',
    'ALTER TABLE notes ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY NOT NULL',
    'ALTER TABLE notes ADD CONSTRAINT c CHECK (a > 0) NOT VALID',
    'ALTER TABLE notes VALIDATE CONSTRAINT c',
    'ALTER TABLE notes ADD CONSTRAINT c UNIQUE USING INDEX i',
    'ALTER TABLE notes DROP CONSTRAINT notes_team_fkey',
    'ALTER TABLE notes DROP CONSTRAINT "notes_team_id_teams_id_fk", DROP CONSTRAINT IF EXISTS notes_a_check1',
    'ALTER TABLE notes RENAME CONSTRAINT notes_a_check TO notes_a_positive',
    'ALTER DOMAIN mood DROP CONSTRAINT short',
    'ALTER TABLE notes ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY',
    'CREATE FUNCTION touch() RETURNS trigger AS $$ BEGIN RETURN NEW; END $$ LANGUAGE plpgsql',
    'ALTER TABLE notes ALTER COLUMN a DROP NOT NULL',
    'ALTER TABLE notes ALTER COLUMN a SET DEFAULT 1',
    "DELETE FROM notes WHERE a = 'x'",
    'UPDATE notes SET a = 1 WHERE a IS NULL',
    "INSERT INTO notes VALUES ('DROP TABLE notes; TRUNCATE notes')",
    '-- DROP TABLE notes\nSELECT 1',
    '/* ALTER TABLE a /* DROP */ COLUMN b */ SELECT 1',
    'CREATE FUNCTION f() RETURNS void AS $$ DELETE FROM notes; $$ LANGUAGE sql',
    'GRANT SELECT ON notes TO app',
  ])('%s', (sql) => expect(found(`${sql};`)).toEqual([]));

  test('may not take the name of a table away because it gives the name to a new one afterwards', () => {
    const found = findingsIn('ALTER TABLE notes RENAME TO old_notes;\nCREATE TABLE notes (id bigint);');
    expect(found.map(({ rule, line }) => [rule, line])).toEqual([['rename', 1]]);
  });

  test('may do anything to a table that the same file makes', () => {
    const fresh =
      'CREATE TABLE notes (a int); CREATE UNIQUE INDEX i ON notes (a); ALTER TABLE notes ADD CHECK (a > 0);';
    expect(found(fresh)).toEqual([]);
    expect(
      found(`${fresh} CREATE TRIGGER t BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION f();`),
    ).toEqual([]);
    expect(found(fresh.replace('TABLE notes', 'TABLE IF NOT EXISTS notes'))).not.toEqual([]);
    expect(found(fresh.replace('INDEX i ON notes', 'INDEX i ON other'))).toContain('breaks unique-index');
  });
});

test.each([
  ['CREATE INDEX i ON notes (a)', ['blocks index']],
  ['LOCK TABLE notes', ['blocks lock']],
  ['VACUUM FULL notes', ['blocks rewrite', 'note no-transaction']],
  ['ALTER TABLE notes SET UNLOGGED', ['blocks rewrite']],
  ['CALL tidy()', ['note code']],
  ['CREATE INDEX CONCURRENTLY i ON notes (a)', ['note no-transaction']],
  ["ALTER TYPE mood ADD VALUE 'sad'", ['note enum-value']],
  ['DROP INDEX notes_a_idx', ['note drop-index']],
  ['CREATE OR REPLACE TRIGGER t BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION f()', ['note trigger']],
  ['DROP TRIGGER t ON notes', ['note trigger']],
  ['ALTER TABLE notes DISABLE TRIGGER t', ['note trigger']],
  ['CREATE RULE r AS ON INSERT TO notes DO INSTEAD NOTHING', ['note trigger']],
  ['CREATE RULE r AS ON INSERT TO notes DO ALSO (DELETE FROM sessions)', ['note trigger']],
  ["ALTER DATABASE cogni SET work_mem = '64MB'", ['note database']],
  ['DO $$ BEGIN DROP TABLE notes; END $$', ['note code']],
])('%s is worth knowing', (sql, expected) => expect(found(sql)).toEqual(expected));

describe('the judgement', () => {
  const judged = (pending: Record<string, string>, changed: string[] = []) =>
    judgeMigrations({ printed: JSON.stringify({ files: 3, pending, changed }) });

  test('names file, line, statement, why and what to do instead', () => {
    const { faults, notes } = judged({ '0003_x.sql': 'SELECT 1;\nDROP TABLE notes;' });
    expect(notes).toEqual([]);
    expect(faults).toEqual([
      '0003_x.sql:2 breaks the version that serves: DROP TABLE NOTES - what serves may still read or write it; instead: stop using it in one release, and drop it in a later one',
    ]);
  });

  test('notes what only makes requests wait, and a file that was changed after it was served', () => {
    const { faults, notes } = judged({ '3.sql': 'CREATE INDEX i ON a (b)' }, ['1.sql']);
    expect(faults).toEqual([]);
    expect(notes).toEqual([
      expect.stringContaining('1.sql differs from what the release that serves has'),
      expect.stringContaining('3.sql:1 makes requests wait'),
    ]);
  });

  test('says nothing where nothing is pending', () => {
    expect(judged({})).toEqual({ faults: [], notes: [] });
  });

  test('says what cannot be read by anybody, and lets it go on', () => {
    const printed = '{"unreadable":"it holds no SQL file"}';
    expect(judgeMigrations({ printed })).toEqual({
      faults: [],
      notes: [expect.stringContaining('cannot be judged (it holds no SQL file)')],
    });
  });

  test.each(['', 'not JSON', '{}', '{"failed":"Conflict"}'])(
    'refuses what could not be read this time: %j',
    (printed) => {
      expect(parsePending(printed)).toHaveProperty('failed');
      expect(judgeMigrations({ printed })).toEqual({
        faults: [expect.stringContaining('could not be read')],
        notes: [],
      });
    },
  );

  test('refuses where the command that reads them failed, with its words', () => {
    const { faults } = judgeMigrations({ failed: 'python3 did not end within its deadline (120.0 s)' });
    expect(faults).toEqual([expect.stringContaining('(python3 did not end within its deadline (120.0 s))')]);
  });
});
