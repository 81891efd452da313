/**
 * Whom a network of the server lets in besides the roles of the model: who has a password and is a superuser, can become one
 * (`SET ROLE`), or may connect to a database of the model. One line each, asked as the administrator, when the roles of the
 * model and the administrators are as they should be: those that are left are somebody's own, and only that one can say what
 * they are for. It is said and never mended.
 */
export const otherLoginsSql = `
SELECT replace(format('%s has a password and %s; unless that is meant, end it with ALTER ROLE %I PASSWORD NULL',
    rolname, what, rolname), E'\\n', '\\n')
  FROM pg_authid AS role
  CROSS JOIN LATERAL (SELECT CASE
    WHEN rolsuper THEN 'is a superuser: over the network it is the administrator of everything'
    WHEN EXISTS (SELECT FROM pg_roles AS super WHERE super.rolsuper AND pg_has_role(role.oid, super.oid, 'MEMBER'))
      THEN 'can become a superuser: over the network it is the administrator of everything'
    WHEN role.oid NOT IN (SELECT oid FROM pg_temp.ours) THEN (
      SELECT 'is no role of ours: over the network it gets in to the database ' || string_agg(datname, ', ' ORDER BY datname)
        FROM pg_database JOIN pg_temp.wanted_database ON name = datname
        WHERE has_database_privilege(role.oid, pg_database.oid, 'CONNECT'))
    END AS what) AS verdict
  WHERE rolcanlogin AND rolpassword IS NOT NULL AND what IS NOT NULL
  ORDER BY rolname;
`;
