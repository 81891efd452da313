import { ownersOwn, privilegesSql } from './privileges-sql';

/**
 * The databases: those that are missing are created, each belongs to its role, and nobody connects who is not meant to.
 * A database that the model does not name is kept as it is; roles of ours only lose what they have there.
 */
export const databasesSql = `
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0', name, owner),
    pg_temp.say('created the database %s', name)
  FROM pg_temp.wanted_database
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name) \\gexec

BEGIN;

SELECT format('ALTER DATABASE %I OWNER TO %I', datname, owner),
    pg_temp.say('the database %s belongs to %s, not to %s any more', datname, owner, pg_get_userbyid(datdba))
  FROM pg_database JOIN pg_temp.wanted_database ON name = datname
  WHERE pg_get_userbyid(datdba) <> owner \\gexec

SELECT format('ALTER DATABASE %I OWNER TO %I', datname, current_user),
    pg_temp.say('the database %s, which is not of the model, belongs to %s, not to %s any more: its data is as it was',
      datname, current_user, managed.name)
  FROM pg_database JOIN pg_temp.managed AS managed ON managed.oid = datdba
  WHERE datname NOT IN (SELECT name FROM pg_temp.wanted_database) \\gexec

SELECT format('ALTER TABLESPACE %I OWNER TO %I', spcname, current_user),
    pg_temp.say('the tablespace %s belongs to %s, not to %s any more', spcname, current_user, managed.name)
  FROM pg_tablespace JOIN pg_temp.managed AS managed ON managed.oid = spcowner \\gexec

-- What undoes the model for all who connect. Anything else may be a migration's, which is not run again.
CREATE TEMPORARY VIEW set_for_all AS
  SELECT datname, split_part(entry, '=', 1) AS setting, split_part(entry, '=', 1) IN ('role', 'row_security',
      'default_transaction_read_only', 'session_preload_libraries', 'local_preload_libraries') AS harmful
    FROM pg_db_role_setting JOIN pg_database ON pg_database.oid = setdatabase JOIN pg_temp.wanted_database ON name = datname
    CROSS JOIN LATERAL unnest(setconfig) AS entry WHERE setrole = 0;

SELECT format('ALTER DATABASE %I RESET %I', datname, setting),
    pg_temp.say('database %s: %s is no longer set for all who connect', datname, setting)
  FROM pg_temp.set_for_all WHERE harmful ORDER BY datname, setting \\gexec

SELECT pg_temp.say('left as it is, since it is set for all of the database %s (ALTER DATABASE SET): %s', datname, setting)
  FROM pg_temp.set_for_all WHERE NOT harmful ORDER BY datname, setting \\gexec

SELECT format('ALTER DATABASE %I CONNECTION LIMIT -1', datname),
    pg_temp.say('database %s: CONNECTION LIMIT -1, was %s', datname, datconnlimit::text)
  FROM pg_database JOIN pg_temp.wanted_database ON name = datname WHERE datconnlimit <> -1 \\gexec

SELECT pg_temp.say('left as it is, since it is set for the whole server (ALTER ROLE ALL SET): %s', split_part(entry, '=', 1))
  FROM pg_db_role_setting CROSS JOIN LATERAL unnest(setconfig) AS entry WHERE setrole = 0 AND setdatabase = 0 \\gexec

-- PUBLIC is looked at on every database: each says by default that everybody may connect.
CREATE TEMPORARY VIEW object AS
  SELECT 'DATABASE' AS kind, 'DATABASE' AS word, quote_ident(datname) AS identity, '' AS part, NULL::name AS schema, datdba AS owner,
      'd'::"char" AS class, datacl AS acl, true AS in_model
    FROM pg_database
  UNION ALL
  SELECT 'TABLESPACE', 'TABLESPACE', quote_ident(spcname), '', NULL, spcowner, 't', spcacl, false FROM pg_tablespace
  UNION ALL
  SELECT 'PARAMETER', 'PARAMETER', parname, '', NULL, 10::oid, 'p', paracl, false FROM pg_parameter_acl;

CREATE TEMPORARY VIEW entitled AS
  SELECT object.kind, word, identity, part, role.oid AS grantee, privilege
    FROM pg_temp.object JOIN pg_temp.wanted_privilege AS wanted
      ON wanted.kind = object.kind AND quote_ident(wanted.database) = identity
    JOIN pg_roles AS role ON role.rolname = wanted.grantee
    WHERE role.oid <> owner
  UNION${ownersOwn};
${privilegesSql}
COMMIT;
`;
