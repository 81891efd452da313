import type { DatabaseModel } from './model';
import { literal, mark } from './wanted';

/** What is refused before anything is changed: one line each. None of these can be mended without a person. */
export const refusalsSql = `
CREATE TEMPORARY VIEW made AS
  SELECT name, was AS key FROM pg_temp.ours WHERE comment ^@ ${literal(mark.made)};

SELECT format('the role %s is named for two of: %s', name, string_agg(key, ', ' ORDER BY key))
  FROM pg_temp.wanted_role GROUP BY name HAVING count(*) > 1
UNION ALL
SELECT format('the role %s is the administrator that the server was made with: name another one', role.rolname)
  FROM pg_temp.wanted_role AS wanted JOIN pg_roles AS role ON role.rolname = wanted.name
  WHERE role.oid = 10 OR role.rolname = current_user
UNION ALL
SELECT format('what serves logs in to the database as %s, its role "%s", and the settings now name it for "%s": choose another name',
    name, was, key)
  FROM pg_temp.ours WHERE kept AND wanted AND was <> key
UNION ALL
-- A mark does not say which login of its key a role is. Its name does, where there is either the one that it is made from or the
-- one that is made from it.
SELECT format('what serves logs in to the database as %s, one of the logins of "%s", and the settings now name it for the other one: choose another name',
    serving.name, serving.key)
  FROM pg_temp.ours AS serving
  CROSS JOIN LATERAL (SELECT DISTINCT role.suffix FROM pg_temp.wanted_role AS role
    WHERE role.key = serving.key AND role.suffix <> '') AS other
  CROSS JOIN LATERAL (SELECT
      EXISTS (SELECT FROM pg_temp.made WHERE made.key = serving.key AND made.name || other.suffix = serving.name) AS has_first,
      EXISTS (SELECT FROM pg_temp.made WHERE made.key = serving.key AND made.name = serving.name || other.suffix) AS has_second) AS beside
  WHERE kept AND wanted AND was = key AND CASE serving.suffix WHEN '' THEN has_first AND NOT has_second
    WHEN other.suffix THEN has_second AND NOT has_first END
UNION ALL
SELECT format('the name %s is longer than 63 bytes, where PostgreSQL cuts it off', name)
  FROM (SELECT name FROM pg_temp.wanted_role UNION SELECT name FROM pg_temp.wanted_database) AS named
  WHERE octet_length(name) > 63
UNION ALL
SELECT format('PostgreSQL keeps the name %s for itself', name)
  FROM pg_temp.wanted_role WHERE name ^@ 'pg_' OR name IN ('public', 'none')
UNION ALL
SELECT format('the database %s is named twice', name)
  FROM pg_temp.wanted_database GROUP BY name HAVING count(*) > 1
UNION ALL
SELECT format('PostgreSQL itself uses the database %s', name)
  FROM pg_temp.wanted_database WHERE name IN ('postgres', 'template0', 'template1')
UNION ALL
SELECT format('the database %s %s', datname, CASE
    WHEN datconnlimit = -2 THEN 'was only half dropped: drop it, or name another one'
    WHEN datistemplate THEN format('is a template: ALTER DATABASE %I IS_TEMPLATE false', datname)
    ELSE format('lets nobody in: ALTER DATABASE %I ALLOW_CONNECTIONS true', datname) END)
  FROM pg_database JOIN pg_temp.wanted_database ON name = datname
  WHERE datname NOT IN ('postgres', 'template0', 'template1')
    AND (datistemplate OR NOT datallowconn OR datconnlimit = -2);
`;

/** Attributes of every role that is ours, as they are and as they should be. */
const attributes = (replicates: string, hasPassword: string): string => `
  SELECT role.rolname AS name, attribute.* FROM pg_temp.managed AS managed
  JOIN pg_authid AS role ON role.oid = managed.oid
  LEFT JOIN pg_temp.wanted_role AS wanted ON wanted.name = role.rolname
  CROSS JOIN LATERAL (VALUES
    (1, CASE WHEN rolsuper THEN 'SUPERUSER' ELSE 'NOSUPERUSER' END, 'NOSUPERUSER'),
    (2, CASE WHEN rolcreatedb THEN 'CREATEDB' ELSE 'NOCREATEDB' END, 'NOCREATEDB'),
    (3, CASE WHEN rolcreaterole THEN 'CREATEROLE' ELSE 'NOCREATEROLE' END, 'NOCREATEROLE'),
    (4, CASE WHEN rolreplication THEN 'REPLICATION' ELSE 'NOREPLICATION' END, ${replicates}),
    (5, CASE WHEN rolbypassrls THEN 'BYPASSRLS' ELSE 'NOBYPASSRLS' END, 'NOBYPASSRLS'),
    (6, CASE WHEN rolinherit THEN 'INHERIT' ELSE 'NOINHERIT' END, 'INHERIT'),
    (7, CASE WHEN rolcanlogin THEN 'LOGIN' ELSE 'NOLOGIN' END,
      CASE WHEN wanted.login THEN 'LOGIN' ELSE 'NOLOGIN' END),
    (8, format('CONNECTION LIMIT %s', rolconnlimit), format('CONNECTION LIMIT %s', coalesce(connections, -1))),
    (9, CASE WHEN rolvaliduntil < 'infinity' THEN 'VALID UNTIL a date' ELSE 'VALID UNTIL ''infinity''' END,
      'VALID UNTIL ''infinity'''),
    (10, CASE WHEN rolpassword IS NOT NULL AND ${hasPassword} IS NOT TRUE THEN 'a password' ELSE 'PASSWORD NULL' END,
      'PASSWORD NULL')
  ) AS attribute (position, present, target)
  WHERE present <> target`;

/**
 * Roles, their attributes, session defaults and memberships, in one transaction. A role of ours that is wanted no
 * longer is disabled and marked as retired: it keeps its name and nothing else.
 */
export function rolesSql({ replication }: DatabaseModel): string {
  const receives = `wanted.key = ${literal(replication?.key ?? '')}`;
  const attributed = replication
    ? attributes(
        `CASE WHEN ${receives} THEN 'REPLICATION' ELSE 'NOREPLICATION' END`,
        `(wanted.login AND NOT ${receives})`,
      )
    : attributes("'NOREPLICATION'", 'wanted.login');
  return `
BEGIN;

SELECT format('CREATE ROLE %I %s CONNECTION LIMIT %s', name, CASE WHEN login THEN 'LOGIN' ELSE 'NOLOGIN' END, connections),
    format('COMMENT ON ROLE %I IS %L', name, ${literal(mark.made)} || key),
    pg_temp.say('created the role %s', name)
  FROM pg_temp.wanted_role
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \\gexec

SELECT format('ALTER ROLE %I %s', name, string_agg(target, ' ' ORDER BY position)),
    pg_temp.say('role %s: %s', name, string_agg(format('%s, was %s', target, present), '; ' ORDER BY position))
  FROM (${attributed}
  ) AS different GROUP BY name ORDER BY name \\gexec

SELECT format('COMMENT ON ROLE %I IS %L', name, state.comment || key),
    pg_temp.say(state.message, name)
  FROM pg_temp.managed CROSS JOIN LATERAL (SELECT
    CASE WHEN wanted THEN ${literal(mark.made)} ELSE ${literal(mark.retired)} END AS comment,
    CASE WHEN NOT wanted THEN 'disabled the role %s, which is no longer named: it was not dropped'
      ELSE 'took over the role %s' END AS message) AS state
  WHERE managed.comment IS DISTINCT FROM state.comment || key ORDER BY name \\gexec

-- Without a password the administrator gets in through the server's socket, and over no network. So does the one that the
-- server was made with, where the settings name another one by now.
SELECT format('ALTER ROLE %I PASSWORD NULL', rolname),
    pg_temp.say('took the password of the administrator %s away: the server''s socket is the only way in', rolname)
  FROM pg_authid WHERE (rolname = current_user OR oid = 10) AND rolpassword IS NOT NULL \\gexec

-- Session defaults.
SELECT format('ALTER ROLE %I %s RESET %I', role, place, setting),
    pg_temp.say('role %s: %s is no longer set%s', role, setting, lower(place))
  FROM (
    SELECT managed.name AS role, split_part(entry, '=', 1) AS setting,
        CASE WHEN setdatabase = 0 THEN '' ELSE format(' IN DATABASE %I', datname) END AS place
      FROM pg_db_role_setting JOIN pg_temp.managed AS managed ON managed.oid = setrole
      LEFT JOIN pg_database ON pg_database.oid = setdatabase
      LEFT JOIN pg_temp.wanted_role AS wanted ON wanted.name = managed.name
      CROSS JOIN LATERAL unnest(setconfig) AS entry
      WHERE setdatabase <> 0 OR entry <> ALL (coalesce(wanted.settings, '{}'))
  ) AS extra \\gexec

SELECT format('ALTER ROLE %I SET %I = %L', role.rolname, split_part(entry, '=', 1), substring(entry FROM '=(.*)$')),
    pg_temp.say('role %s: %s', role.rolname, entry)
  FROM pg_temp.wanted_role AS wanted JOIN pg_roles AS role ON role.rolname = wanted.name
  CROSS JOIN LATERAL unnest(wanted.settings) AS entry
  WHERE NOT EXISTS (SELECT FROM pg_db_role_setting WHERE setrole = role.oid AND setdatabase = 0 AND entry = ANY (setconfig))
  \\gexec

-- Who is a member of whom.
CREATE TEMPORARY VIEW wanted_member AS
  SELECT holder.oid AS role, login.oid AS member
  FROM pg_temp.wanted_role AS wanted
  JOIN pg_roles AS holder ON holder.rolname = wanted.name
  JOIN pg_temp.ours AS login ON login.key = wanted.key AND login.oid <> holder.oid AND (login.wanted OR login.kept)
  WHERE wanted.holder AND NOT wanted.login;

CREATE TEMPORARY VIEW member AS
  SELECT roleid, member, admin_option, role.rolname AS role, holder.rolname AS holder,
      EXISTS (SELECT FROM pg_temp.wanted_member AS wanted WHERE wanted.role = roleid AND wanted.member = granted.member)
        AS wanted
    FROM pg_auth_members AS granted
    JOIN pg_roles AS role ON role.oid = roleid
    JOIN pg_roles AS holder ON holder.oid = granted.member
    WHERE roleid IN (SELECT oid FROM pg_temp.managed) OR granted.member IN (SELECT oid FROM pg_temp.managed);

SELECT format('REVOKE %I FROM %I CASCADE', role, holder),
    pg_temp.say('%s is no longer a member of %s', holder, role)
  FROM pg_temp.member WHERE NOT wanted \\gexec

SELECT format('REVOKE ADMIN OPTION FOR %I FROM %I CASCADE', role, holder),
    pg_temp.say('%s may no longer give %s to others', holder, role)
  FROM pg_temp.member WHERE wanted AND admin_option \\gexec

SELECT format('GRANT %I TO %I', role.rolname, member.rolname),
    pg_temp.say('%s is a member of %s', member.rolname, role.rolname)
  FROM pg_temp.wanted_member AS wanted
  JOIN pg_roles AS role ON role.oid = wanted.role
  JOIN pg_roles AS member ON member.oid = wanted.member
  WHERE NOT EXISTS (SELECT FROM pg_auth_members AS granted
    WHERE granted.roleid = wanted.role AND granted.member = wanted.member) \\gexec

COMMIT;
`;
}
