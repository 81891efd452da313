/**
 * Who is a superuser, or can become one (`SET ROLE`), and has a password: every network of the server lets such a role
 * in. One line each, asked as the administrator, when the roles of the model and the administrators are as they should
 * be: those that are left are somebody's own, and only that one can say what they are for. It is said and never mended.
 */
export const superusersSql = `
SELECT replace(format('%s has a password and %s: over the network it is the administrator of everything; unless that is meant, end it with ALTER ROLE %I PASSWORD NULL',
    rolname, CASE WHEN rolsuper THEN 'is a superuser' ELSE 'can become a superuser' END, rolname), E'\\n', '\\n')
  FROM pg_authid AS role
  WHERE rolcanlogin AND rolpassword IS NOT NULL
    AND EXISTS (SELECT FROM pg_roles AS super WHERE super.rolsuper AND pg_has_role(role.oid, super.oid, 'MEMBER'))
  ORDER BY rolname;
`;
