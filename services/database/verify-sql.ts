import type { DatabaseModel } from './model';

/**
 * What a login role finds when it looks at itself, asked as that role: one line for each thing that is not as the model
 * says. It needs no privilege but to connect. The key of the role comes as the psql variable `key`.
 */
export function verifySql(model: DatabaseModel): string {
  const may = model.databases.flatMap(({ access }) =>
    Object.entries(access).map(
      ([key, { TABLE = [] }]) =>
        `    ('${key}', ARRAY[${TABLE.map((privilege) => `'${privilege}'`).join(', ')}]::text[])`,
    ),
  );
  return `
WITH rule (key, privileges) AS (VALUES
${may.join(',\n')}
), role AS (
  SELECT * FROM pg_roles WHERE pg_has_role(session_user, oid, 'MEMBER')
), relation AS (
  SELECT pg_class.oid, pg_class.oid::regclass::text AS name
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND nspname !~ '^pg_' AND nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid
        AND objsubid = 0 AND deptype = 'e')
)
SELECT format('is or can become %s, which is more than it may: superuser or a right of the whole server', rolname)
  FROM role WHERE rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls
UNION ALL
SELECT format('may connect to the database %s', datname)
  FROM pg_database WHERE datname <> current_database() AND has_database_privilege(datname, 'CONNECT')
UNION ALL
SELECT format('may create objects in the schema %s', nspname)
  FROM pg_namespace JOIN rule ON key = :'key'
  WHERE nspname !~ '^pg_' AND has_schema_privilege(pg_namespace.oid, 'CREATE')
UNION ALL
SELECT format('%s %s on %s', CASE WHEN privilege = ANY (privileges) THEN 'misses' ELSE 'has' END, privilege, name)
  FROM relation JOIN rule ON key = :'key'
  CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS privilege
  WHERE has_table_privilege(relation.oid, privilege) <> (privilege = ANY (privileges));
`;
}
