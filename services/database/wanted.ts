import type { DatabaseModel } from './model';
import { variablesOf } from './model';

/** How roles that provisioning made are told from those that a person made: a comment on the role. */
export const mark = {
  made: 'Made by db-provision: ',
  retired: 'Retired by db-provision: ',
} as const;

/** A quoted literal of SQL, for what the model itself says. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** An expression for a value that the environment holds. psql quotes it; the model only says which one. */
const value = (variable: string): string => `:'${variable}'`;

const rows = (lines: readonly (readonly string[])[]): string =>
  lines.map((line) => `    (${line.join(', ')})`).join(',\n');

/**
 * The model and its values as temporary tables, so that every statement after this one is the same for every value.
 * Names reach SQL through `\getenv` and psql's own quoting; no password is among them.
 *
 * | table | columns |
 * | --- | --- |
 * | wanted_role | key, suffix (tells the logins of one key apart), name, holder (holds the rights of its key), login, connections, settings (`name=value`) |
 * | wanted_database | name, owner (name of a role) |
 * | wanted_privilege | database, grantee (name of a role), kind, privilege |
 * | managed | of every role that is ours, but for what serves where it is wanted no longer: oid, name, key, wanted, was (what its mark says) |
 */
export function wantedSql(model: DatabaseModel): string {
  const names = variablesOf(model).filter(({ kind }) => kind === 'plain');
  const getenv = (name: string): string => `\\set ${name} ''\n\\getenv ${name} ${name}`;
  return `${[...names.map(({ name }) => name), 'DB_PROVISION_KEEP'].map(getenv).join('\n')}

CREATE TEMPORARY TABLE wanted_role AS
  SELECT * FROM (VALUES
${rows(roleRows(model))}
  ) AS role (key, suffix, name, holder, login, connections, settings)
  WHERE name <> '';

CREATE TEMPORARY TABLE wanted_database AS
  SELECT database.name, role.name AS owner FROM (VALUES
${rows(model.databases.map(({ name, owner }) => [value(name), literal(owner)]))}
  ) AS database (name, owner)
  JOIN pg_temp.wanted_role AS role ON role.key = database.owner AND role.holder
  WHERE database.name <> '';

CREATE TEMPORARY TABLE wanted_privilege AS
  SELECT rule.database, role.name AS grantee, rule.kind, rule.privilege FROM (VALUES
${rows(privilegeRows(model))}
  ) AS rule (database, key, kind, privilege)
  JOIN pg_temp.wanted_role AS role ON role.key = rule.key AND role.holder
  WHERE rule.database <> '';

-- The key that the mark of a role names (was), and the one that it has by now.
CREATE TEMPORARY VIEW ours AS
  SELECT role.oid, role.rolname AS name, coalesce(wanted.key, was) AS key, wanted.suffix, was, comment,
    wanted.name IS NOT NULL AS wanted, role.rolname = :'DB_PROVISION_KEEP' AS kept
  FROM pg_roles AS role
  CROSS JOIN LATERAL shobj_description(role.oid, 'pg_authid') AS comment
  CROSS JOIN LATERAL (SELECT CASE WHEN comment ^@ ${literal(mark.made)} OR comment ^@ ${literal(mark.retired)}
    THEN substring(comment FROM ': (.*)$') END AS was) AS old
  LEFT JOIN pg_temp.wanted_role AS wanted ON wanted.name = role.rolname
  WHERE coalesce(wanted.key, was) IS NOT NULL;

CREATE TEMPORARY VIEW managed AS SELECT * FROM pg_temp.ours WHERE wanted OR NOT kept;

-- What gexec is given: each column of a row is a statement of its own, and the last one says what the others did, in one line.
CREATE FUNCTION pg_temp.say(message text, VARIADIC named text[]) RETURNS text LANGUAGE sql
  AS $$ SELECT format('SELECT %L', replace(format(message, VARIADIC named), E'\\n', '\\n')) $$;

CREATE FUNCTION pg_temp.some(identities text[]) RETURNS text LANGUAGE sql
  AS $$ SELECT array_to_string(identities[1:3], ', ') ||
    CASE WHEN cardinality(identities) > 3 THEN format(' and %s more', cardinality(identities) - 3) ELSE '' END $$;
`;
}

function roleRows({ roles, replication }: DatabaseModel): string[][] {
  const receiver = replication
    ? [
        [
          literal(replication.key),
          literal(''),
          literal(replication.name),
          'true',
          'true',
          String(replication.connections),
          "'{}'",
        ],
      ]
    : [];
  const access = roles.flatMap(({ key, group, logins, settings = {} }) => {
    const defaults = Object.entries(settings).map(([name, setting]) => literal(`${name}=${setting}`));
    const list = `ARRAY[${defaults.join(', ')}]::text[]`;
    // The group is there as long as one of its users is.
    const holder =
      group === undefined
        ? []
        : [[literal(key), literal(''), groupName(group, logins[0].user), 'true', 'false', '-1', "'{}'"]];
    return [
      ...holder,
      ...logins.map(({ user, suffix = '', connections }) => [
        literal(key),
        literal(suffix),
        suffix === '' ? value(user) : `coalesce(nullif(${value(user)}, '') || ${literal(suffix)}, '')`,
        String(group === undefined),
        'true',
        String(connections),
        list,
      ]),
    ];
  });
  return [...access, ...receiver];
}

const groupName = (group: string, user: string): string =>
  `CASE WHEN ${value(user)} = '' THEN '' ELSE ${literal(group)} END`;

const privilegeRows = ({ databases }: DatabaseModel): string[][] =>
  databases.flatMap(({ name, access }) =>
    Object.entries(access).flatMap(([key, privileges]) =>
      Object.entries(privileges).flatMap(([kind, list]) =>
        list.map((privilege) => [value(name), literal(key), literal(kind), literal(privilege)]),
      ),
    ),
  );
