import { isLargeObjectWriter } from './large-objects-sql';
import type { DatabaseModel, ObjectKind } from './model';
import { literal } from './wanted';

/** Every privilege that can be given on a kind of object (PostgreSQL 15, table 5.2). */
const privileges = {
  SCHEMA: ['CREATE', 'USAGE'],
  TABLE: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'],
  COLUMN: ['SELECT', 'INSERT', 'UPDATE', 'REFERENCES'],
  SEQUENCE: ['USAGE', 'SELECT', 'UPDATE'],
  ROUTINE: ['EXECUTE'],
} as const satisfies Partial<Record<ObjectKind | 'COLUMN', readonly string[]>>;

const array = (list: readonly string[]): string => `ARRAY[${list.map(literal).join(', ')}]::text[]`;

/** The rest of a query on `privilege`, which an object of the model has and should not, or the other way round. */
const difference = (kind: keyof typeof privileges, has: string): string => `
  JOIN rule ON rule.key = :'key' AND rule.kind = '${kind}' CROSS JOIN unnest(${array(privileges[kind])}) AS privilege
  WHERE ${has} <> (privilege = ANY (privileges))`;

const verdict = `CASE WHEN privilege = ANY (privileges) THEN 'misses' ELSE 'has' END`;

/** True for what came with an extension, or (`i`) belongs to another object: its privileges are PostgreSQL's own. */
const extended = (catalog: string, types = "'e', 'i'"): string =>
  `EXISTS (SELECT FROM pg_depend WHERE classid = '${catalog}'::regclass AND objid = ${catalog}.oid AND objsubid = 0 AND deptype IN (${types}))`;

const ofModel = `nspname !~ '^pg_' AND nspname <> 'information_schema'`;

/**
 * What a login role finds when it looks at itself, asked as that role: one line for each thing that is not as the model
 * says. It needs no privilege but to connect. The key of the role comes as the psql variable `key`.
 */
export function verifySql(model: DatabaseModel): string {
  const kinds = ['SCHEMA', 'TABLE', 'SEQUENCE', 'ROUTINE'] as const;
  const may = model.databases.flatMap(({ access }) =>
    Object.entries(access).flatMap(([key, given]) =>
      kinds.map((kind) => `    (${literal(key)}, '${kind}', ${array(given[kind] ?? [])})`),
    ),
  );
  const writers = model.databases.flatMap(({ owner, access }) => [
    owner,
    ...Object.keys(access).filter((key) => access[key]?.ROUTINE?.includes('EXECUTE')),
  ]);
  return `
WITH rule (key, kind, privileges) AS (VALUES
${may.join(',\n')}
), role AS (
  SELECT * FROM pg_roles WHERE pg_has_role(session_user, oid, 'MEMBER')
), relation AS (
  SELECT pg_class.oid, pg_class.oid::regclass::text AS name, relkind
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND ${ofModel}
      -- The sequence of an identity column belongs to its table, and has privileges of its own all the same.
      AND NOT ${extended('pg_class', "'e'")}
), fault (line) AS (
SELECT format('is or can become %s, which is more than it may: superuser or a right of the whole server', rolname)
  FROM role WHERE rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls
UNION ALL
SELECT format('may connect to the database %s', datname)
  FROM pg_database WHERE datname <> current_database() AND has_database_privilege(datname, 'CONNECT')
UNION ALL
SELECT format('%s %s on the schema %s', ${verdict}, privilege, nspname)
  FROM pg_namespace${difference('SCHEMA', 'has_schema_privilege(pg_namespace.oid, privilege)')}
    AND ${ofModel} AND NOT ${extended('pg_namespace')}
UNION ALL
SELECT format('%s %s on %s', ${verdict}, privilege, name)
  FROM relation${difference('TABLE', 'has_table_privilege(relation.oid, privilege)')} AND relkind <> 'S'
UNION ALL
SELECT format('has %s on a column of %s', privilege, name)
  FROM relation JOIN rule ON rule.key = :'key' AND rule.kind = 'TABLE' CROSS JOIN unnest(${array(privileges.COLUMN)}) AS privilege
  WHERE relkind <> 'S' AND privilege <> ALL (privileges) AND NOT has_table_privilege(relation.oid, privilege)
    AND has_any_column_privilege(relation.oid, privilege)
UNION ALL
SELECT format('%s %s on the sequence %s', ${verdict}, privilege, name)
  FROM relation${difference('SEQUENCE', "CASE relkind WHEN 'S' THEN has_sequence_privilege(relation.oid, privilege) END")}
UNION ALL
SELECT format('%s %s on the routine %s', ${verdict}, privilege, pg_proc.oid::regprocedure)
  FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace${difference('ROUTINE', 'has_function_privilege(pg_proc.oid, privilege)')}
    AND ${ofModel} AND NOT ${extended('pg_proc')}
UNION ALL
SELECT format('may make large objects (%s)', string_agg(pg_proc.oid::regprocedure::text, ', ' ORDER BY proname))
  FROM pg_proc WHERE :'key' NOT IN (${writers.map(literal).join(', ')})
    AND ${isLargeObjectWriter} AND has_function_privilege(pg_proc.oid, 'EXECUTE')
  HAVING count(*) > 0
)
SELECT replace(line, E'\\n', '\\n') FROM fault;
`;
}
