/** What later migrations make: the default privileges of the database's owner, in every schema, are those of the model. */
export const defaultPrivilegesSql = `
CREATE TEMPORARY VIEW default_kind AS
  SELECT * FROM (VALUES ('r'::"char", 'r'::"char", 'TABLE'), ('S', 's', 'SEQUENCE'), ('f', 'f', 'ROUTINE'), ('n', 'n', 'SCHEMA'),
    ('T', 'T', 'TYPE')) AS kind (code, class, word);

CREATE TEMPORARY VIEW default_owner AS
  SELECT role.oid, code, class, word FROM pg_temp.wanted_database AS wanted
    JOIN pg_roles AS role ON role.rolname = wanted.owner CROSS JOIN pg_temp.default_kind
    WHERE wanted.name = current_database();

-- Types are everybody's by PostgreSQL's own default.
CREATE TEMPORARY VIEW default_held AS
  SELECT owner.oid AS role, 0::oid AS namespace, word, grantee, privilege_type AS privilege,
      is_grantable AND grantee <> owner.oid AS grantable
    FROM pg_temp.default_owner AS owner
    LEFT JOIN pg_default_acl ON defaclrole = owner.oid AND defaclnamespace = 0 AND defaclobjtype = code
    CROSS JOIN LATERAL aclexplode(coalesce(defaclacl, acldefault(class, owner.oid)))
    WHERE grantee = 0 AND word <> 'TYPE' OR grantee IN (SELECT oid FROM pg_temp.managed)
  UNION
  SELECT defaclrole, defaclnamespace, word, grantee, privilege_type, is_grantable
    FROM pg_default_acl JOIN pg_temp.default_kind ON code = defaclobjtype CROSS JOIN LATERAL aclexplode(defaclacl)
    WHERE grantee <> defaclrole AND (grantee IN (SELECT oid FROM pg_temp.managed)
      OR grantee = 0 AND defaclnamespace <> 0 AND defaclrole IN (SELECT oid FROM pg_temp.managed));

CREATE TEMPORARY VIEW default_entitled AS
  SELECT owner.oid AS role, 0::oid AS namespace, kind AS word, grantee.oid AS grantee, privilege
    FROM pg_temp.wanted_privilege AS wanted
    JOIN pg_temp.default_owner AS owner ON word = kind
    JOIN pg_roles AS grantee ON grantee.rolname = wanted.grantee
    WHERE wanted.database = current_database()
  UNION
  SELECT oid, 0, word, grantee, privilege_type
    FROM pg_temp.default_owner CROSS JOIN LATERAL aclexplode(acldefault(class, oid)) WHERE grantee = oid;

CREATE FUNCTION pg_temp.default_change(verb text, role oid, namespace oid, word text, privileges text, preposition text, grantee oid)
  RETURNS text LANGUAGE sql AS $$ SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s %s %s ON %sS %s %s',
    pg_get_userbyid(role), CASE namespace WHEN 0 THEN '' ELSE format(' IN SCHEMA %s', namespace::regnamespace) END,
    verb, privileges, word, preposition, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END) $$;

SELECT statement, pg_temp.say('%s', statement) FROM (
  SELECT pg_temp.default_change('REVOKE', role, namespace, word, string_agg(privilege, ', ' ORDER BY privilege), 'FROM', grantee)
    FROM (SELECT role, namespace, word, grantee, privilege FROM pg_temp.default_held
      EXCEPT SELECT role, namespace, word, grantee, privilege FROM pg_temp.default_entitled) AS difference
    GROUP BY role, namespace, word, grantee ORDER BY 1
) AS change (statement) \\gexec

SELECT statement, pg_temp.say('%s', statement) FROM (
  SELECT pg_temp.default_change('REVOKE GRANT OPTION FOR', role, namespace, word, string_agg(privilege, ', ' ORDER BY privilege), 'FROM', grantee)
    FROM pg_temp.default_held WHERE grantable GROUP BY role, namespace, word, grantee ORDER BY 1
) AS change (statement) \\gexec

SELECT statement, pg_temp.say('%s', statement) FROM (
  SELECT pg_temp.default_change('GRANT', role, namespace, word, string_agg(privilege, ', ' ORDER BY privilege), 'TO', grantee)
    FROM (SELECT role, namespace, word, grantee, privilege FROM pg_temp.default_entitled
      EXCEPT SELECT role, namespace, word, grantee, privilege FROM pg_temp.default_held) AS difference
    GROUP BY role, namespace, word, grantee ORDER BY 1
) AS change (statement) \\gexec
`;
