import { generatedBy } from '../defaults';

const header = `-- ${generatedBy}\n`;

/**
 * Most bytes of tables that are read for a checkpoint, the smallest tables first: it bounds what a checkpoint takes of the disk
 * and the processor, and how long it keeps old row versions from being cleaned up. A table beyond it is listed as not read.
 */
export const checkpointBytes = 16 * 1024 ** 3;

/** Milliseconds for which writers may have to wait while a checkpoint marks its moment. */
export const checkpointWait = 250;

/** Milliseconds for reading all tables of a database. */
const reading = 30 * 60_000;

/** Tables whose rows are in the log, and in what order they are read. */
const tables = `
WITH found AS (
  SELECT namespace.nspname AS schema, class.relname AS name, pg_table_size(class.oid) AS bytes, class.oid AS id
  FROM pg_class AS class JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
  WHERE class.relkind = 'r' AND class.relpersistence = 'p'
    AND namespace.nspname <> 'information_schema' AND namespace.nspname !~ '^pg_'
)
SELECT schema, name, id, sum(bytes) OVER (ORDER BY bytes, id) <= :most AS read FROM found`;

/** The text of a row depends on these; they are the same wherever rows are compared (PostgreSQL documentation, 20.11). */
const sameText = `
SET client_encoding = 'UTF8'; SET DateStyle = 'ISO, MDY'; SET IntervalStyle = 'postgres'; SET TimeZone = 'UTC';
SET extra_float_digits = 1; SET bytea_output = 'hex'; SET xmlbinary = 'base64'; SET lc_monetary = 'C'; SET search_path = '';
SET max_parallel_workers_per_gather = 0; SET jit = off; SET statement_timeout = ${reading};
`;

/**
 * One line of JSON for each table of a database: its rows and the sum of their hashes, which says the same of the same rows in
 * whatever order they are. Where a name is given (`point`), a line goes before them that names the moment of the log that they belong to.
 *
 * What a snapshot sees is usually no moment of the log: a transaction is in the log before others can see it. So writers wait for a
 * moment, for {@link checkpointWait} at most: all that have begun have ended then, and can be seen. The snapshot is taken, the moment is marked
 * in the log, and the writers go on; the savepoint gives the locks back and leaves the snapshot. The rows are counted afterwards.
 *
 * For psql, with the variables `most` (bytes), `mark` (on or off) and `point`.
 */
export const countRows = `${header}${sameText}
SELECT count(*) > 0 AS any, coalesce(string_agg(format('%I.%I', schema, name), ', ' ORDER BY id) FILTER (WHERE read), '') AS tables,
  count(*) FILTER (WHERE read) > 0 AS some
FROM (${tables}) AS listed \\gset
\\if :any
BEGIN ISOLATION LEVEL REPEATABLE READ;
\\if :mark
SAVEPOINT unlocked;
SET LOCAL statement_timeout = ${checkpointWait};
\\if :some
LOCK TABLE :tables IN SHARE MODE;
\\endif
SELECT json_build_object('kind', 'database', 'name', current_database(), 'point', :'point', 'lsn', pg_create_restore_point(:'point')::text,
  'at', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'));
ROLLBACK TO SAVEPOINT unlocked;
SET LOCAL statement_timeout = ${reading};
\\endif
SELECT CASE WHEN read THEN format(
    'SELECT json_build_object(''kind'', ''table'', ''schema'', %L, ''table'', %L, ''rows'', count(*), ''sum'', coalesce(sum(hashtextextended("a row"::text, 0)), 0)::text) FROM ONLY %I.%I AS "a row"',
    schema, name, schema, name)
  ELSE format('SELECT json_build_object(''kind'', ''table'', ''schema'', %L, ''table'', %L, ''rows'', NULL, ''sum'', NULL)', schema, name) END
FROM (${tables}) AS listed ORDER BY schema COLLATE pg_catalog."C", name COLLATE pg_catalog."C" \\gexec
COMMIT;
\\endif
`;

/** Name under which rows are counted: whoever must not wait for the locks of that ends it by the name. */
export const checkpointApplication = 'cogni-checkpoint';

/** The version of the lines that a checkpoint is made of. */
const checkpointVersion = 1;

/** What a checkpoint begins with: which backup it stands beside, and of which server it is. With the variable `backup`. */
export const checkpointHead = `${header}SELECT json_build_object('kind', 'checkpoint', 'version', ${checkpointVersion}, 'backup', :'backup', 'system', system_identifier::text,
  'timeline', (SELECT timeline_id FROM pg_control_checkpoint()), 'postgres', current_setting('server_version'))
FROM pg_control_system();
`;
