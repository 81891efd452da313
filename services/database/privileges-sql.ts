/**
 * What is held and what is wanted, compared: `REVOKE` for what is too much, `GRANT` for what is missing, each statement
 * for as many objects as it is the same for.
 *
 * Reads two views of the session: `object` (kind, identity, owner, class as of `acldefault`, acl, in_model) and
 * `entitled` (kind, identity, grantee, privilege). Looked at are the roles of ours everywhere; PUBLIC and the owner only
 * on objects of the model. What somebody gave to a role that is not ours stays.
 */
export const privilegesSql = `
CREATE TEMPORARY VIEW held AS
  SELECT DISTINCT kind, identity, grantee, privilege_type AS privilege, is_grantable AND grantee <> owner AS grantable
    FROM pg_temp.object CROSS JOIN LATERAL aclexplode(coalesce(acl, acldefault(class, owner)))
    WHERE (in_model OR acl IS NOT NULL)
      AND CASE WHEN in_model THEN grantee IN (SELECT 0 UNION SELECT owner UNION SELECT oid FROM pg_temp.managed)
        ELSE grantee <> owner AND grantee IN (SELECT oid FROM pg_temp.managed) END;

CREATE TEMPORARY VIEW surplus AS
  SELECT kind, identity, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS grantee,
      string_agg(privilege, ', ' ORDER BY privilege) AS privileges
    FROM (SELECT kind, identity, grantee, privilege FROM pg_temp.held
      EXCEPT SELECT kind, identity, grantee, privilege FROM pg_temp.entitled) AS difference
    GROUP BY kind, identity, grantee;

CREATE FUNCTION pg_temp.some(identities text[]) RETURNS text LANGUAGE sql
  AS $$ SELECT array_to_string(identities[1:3], ', ') ||
    CASE WHEN cardinality(identities) > 3 THEN format(' and %s more', cardinality(identities) - 3) ELSE '' END $$;

SELECT format('REVOKE %s ON %s %s FROM %s CASCADE', privileges, kind, string_agg(identity, ', ' ORDER BY identity), grantee),
    pg_temp.say('took %s on %s %s from %s', privileges, lower(kind), pg_temp.some(array_agg(identity ORDER BY identity)), grantee)
  FROM pg_temp.surplus GROUP BY kind, privileges, grantee ORDER BY kind, grantee \\gexec

SELECT format('REVOKE GRANT OPTION FOR %s ON %s %s FROM %I CASCADE', privilege, kind, identity, pg_get_userbyid(grantee)),
    pg_temp.say('%s may no longer give %s on %s %s to others', pg_get_userbyid(grantee), privilege, lower(kind), identity)
  FROM pg_temp.held WHERE grantable AND grantee <> 0 \\gexec

SELECT format('GRANT %s ON %s %s TO %s', privileges, kind, string_agg(identity, ', ' ORDER BY identity), grantee),
    pg_temp.say('gave %s on %s %s to %s', privileges, lower(kind), pg_temp.some(array_agg(identity ORDER BY identity)), grantee)
  FROM (
    SELECT kind, identity, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS grantee,
        string_agg(privilege, ', ' ORDER BY privilege) AS privileges
      FROM (SELECT kind, identity, grantee, privilege FROM pg_temp.entitled
        EXCEPT SELECT kind, identity, grantee, privilege FROM pg_temp.held) AS difference
      GROUP BY kind, identity, grantee
  ) AS missing GROUP BY kind, privileges, grantee ORDER BY kind, grantee \\gexec
`;

/** The owner has every privilege that there is. */
const ownersOwn = `
  SELECT kind, identity, grantee, privilege_type AS privilege
    FROM pg_temp.object CROSS JOIN LATERAL aclexplode(acldefault(class, owner))
    WHERE in_model AND grantee = owner`;

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

-- PUBLIC is looked at on every database: each says by default that everybody may connect.
CREATE TEMPORARY VIEW object AS
  SELECT 'DATABASE' AS kind, quote_ident(datname) AS identity, datdba AS owner, 'd'::"char" AS class, datacl AS acl,
      true AS in_model
    FROM pg_database
  UNION ALL
  SELECT 'TABLESPACE', quote_ident(spcname), spcowner, 't', spcacl, false FROM pg_tablespace
  UNION ALL
  SELECT 'PARAMETER', parname, 10::oid, 'p', paracl, false FROM pg_parameter_acl;

CREATE TEMPORARY VIEW entitled AS
  SELECT object.kind, identity, role.oid AS grantee, privilege
    FROM pg_temp.object JOIN pg_temp.wanted_privilege AS wanted
      ON wanted.kind = object.kind AND quote_ident(wanted.database) = identity
    JOIN pg_roles AS role ON role.rolname = wanted.grantee
    WHERE role.oid <> owner
  UNION${ownersOwn};
${privilegesSql}
COMMIT;
`;

const system = `(nspname IN ('pg_catalog', 'information_schema') OR nspname ^@ 'pg_toast' OR nspname ^@ 'pg_temp')`;

/** True for what came with an extension, or belongs to another object: it follows that one. */
const dependent = (catalog: string, oid: string): string =>
  `EXISTS (SELECT FROM pg_depend WHERE classid = '${catalog}'::regclass AND objid = ${oid} AND objsubid = 0 AND deptype IN ('e', 'i'))`;

const owned = (catalog: string, prefix: string, condition = 'true'): string => `
  SELECT '${catalog}'::regclass AS class, oid, ${prefix}owner AS owner, ${prefix}namespace AS namespace
    FROM ${catalog} WHERE ${condition}`;

/** Kinds of objects that a role can own in a database, but for those that only an administrator should. */
const owners = [
  `
  SELECT 'pg_namespace'::regclass AS class, oid, nspowner AS owner, oid AS namespace FROM pg_namespace`,
  // The sequence of a serial column follows its table.
  owned(
    'pg_class',
    'rel',
    `relkind IN ('r', 'p', 'v', 'm', 'f') OR relkind = 'S' AND NOT EXISTS (
      SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid
        AND refclassid = 'pg_class'::regclass AND deptype IN ('a', 'i'))`,
  ),
  owned(
    'pg_type',
    'typ',
    `typtype IN ('b', 'd', 'e', 'r') AND NOT EXISTS (SELECT FROM pg_type AS element WHERE element.typarray = pg_type.oid)
      OR typtype = 'c' AND EXISTS (SELECT FROM pg_class WHERE pg_class.oid = typrelid AND relkind = 'c')`,
  ),
  owned('pg_proc', 'pro'),
  owned('pg_operator', 'opr'),
  owned('pg_opclass', 'opc'),
  owned('pg_opfamily', 'opf'),
  owned('pg_collation', 'coll'),
  owned('pg_conversion', 'con'),
  owned('pg_ts_dict', 'dict'),
  owned('pg_ts_config', 'cfg'),
  owned('pg_statistic_ext', 'stx'),
].join('\n  UNION ALL');

/**
 * One database of the model, in one transaction: everything in it belongs to its owner, the others have what the model
 * gives them, on what is there and on what later migrations make. Objects of extensions stay with whoever made them.
 */
export const databaseSql = `
BEGIN;

-- What was created after initdb begins at 16384 (FirstNormalObjectId); the schema public is the exception.
SELECT format('ALTER %s %s OWNER TO %I', CASE found.class WHEN 'pg_proc'::regclass THEN 'ROUTINE'
        WHEN 'pg_statistic_ext'::regclass THEN 'STATISTICS' ELSE upper(type) END,
      CASE found.class WHEN 'pg_proc'::regclass THEN found.oid::regprocedure::text ELSE identity END, wanted.owner),
    pg_temp.say('the %s %s belongs to %s, not to %s any more', type, identity, wanted.owner, pg_get_userbyid(found.owner))
  FROM (${owners}
  ) AS found
  JOIN pg_namespace ON pg_namespace.oid = namespace
  JOIN pg_temp.wanted_database AS wanted ON wanted.name = current_database()
  CROSS JOIN LATERAL pg_identify_object(found.class, found.oid, 0) AS object
  WHERE NOT ${system} AND (found.oid >= 16384 OR nspname = 'public' AND found.class = 'pg_namespace'::regclass)
    AND pg_get_userbyid(found.owner) <> wanted.owner
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = found.class AND objid = found.oid AND objsubid = 0
      AND deptype IN ('e', 'i'))
  ORDER BY found.class <> 'pg_namespace'::regclass, found.oid \\gexec

CREATE TEMPORARY VIEW object AS
  SELECT 'SCHEMA' AS kind, quote_ident(nspname) AS identity, nspowner AS owner, 'n'::"char" AS class, nspacl AS acl,
      NOT ${system} AND NOT ${dependent('pg_namespace', 'pg_namespace.oid')} AS in_model
    FROM pg_namespace WHERE NOT nspname ^@ 'pg_temp' AND NOT nspname ^@ 'pg_toast'
  UNION ALL
  SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, pg_class.oid::regclass::text, relowner,
      CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relacl,
      NOT ${system} AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass
        AND objid = pg_class.oid AND objsubid = 0 AND deptype = 'e')
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND NOT nspname ^@ 'pg_temp' AND NOT nspname ^@ 'pg_toast'
  UNION ALL
  SELECT 'ROUTINE', pg_proc.oid::regprocedure::text, proowner, 'f', proacl,
      NOT ${system} AND NOT ${dependent('pg_proc', 'pg_proc.oid')}
    FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
    WHERE NOT nspname ^@ 'pg_temp'
  UNION ALL
  SELECT 'TYPE', pg_type.oid::regtype::text, typowner, 'T', typacl, false FROM pg_type WHERE typacl IS NOT NULL
  UNION ALL
  SELECT 'LANGUAGE', quote_ident(lanname), lanowner, 'l', lanacl, false FROM pg_language
  UNION ALL
  SELECT 'FOREIGN DATA WRAPPER', quote_ident(fdwname), fdwowner, 'F', fdwacl, false FROM pg_foreign_data_wrapper
  UNION ALL
  SELECT 'FOREIGN SERVER', quote_ident(srvname), srvowner, 'S', srvacl, false FROM pg_foreign_server;

CREATE TEMPORARY VIEW entitled AS
  SELECT object.kind, identity, role.oid AS grantee, privilege
    FROM pg_temp.object JOIN pg_temp.wanted_privilege AS wanted
      ON wanted.kind = object.kind AND wanted.database = current_database()
    JOIN pg_roles AS role ON role.rolname = wanted.grantee
    WHERE in_model AND role.oid <> owner
  UNION${ownersOwn};
${privilegesSql}
-- Privileges on single columns.
SELECT format('REVOKE %s (%I) ON %s FROM %s CASCADE', privilege_type, attname, attrelid::regclass, holder),
    pg_temp.say('took %s on the column %s of %s from %s', privilege_type, attname, attrelid::regclass::text, holder)
  FROM pg_attribute CROSS JOIN LATERAL aclexplode(attacl)
  CROSS JOIN LATERAL (SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS holder) AS named
  WHERE attacl IS NOT NULL AND (grantee IN (SELECT oid FROM pg_temp.managed) OR grantee = 0 AND attrelid >= 16384)
  \\gexec

-- What later migrations make: defaults of the owner, in every schema.
CREATE TEMPORARY VIEW default_kind AS
  SELECT * FROM (VALUES ('r'::"char", 'r'::"char", 'TABLE'), ('S', 's', 'SEQUENCE'), ('f', 'f', 'ROUTINE'), ('n', 'n', 'SCHEMA'),
    ('T', 'T', 'TYPE')) AS kind (code, class, word);

CREATE TEMPORARY VIEW default_held AS
  SELECT role.oid AS role, 0::oid AS namespace, word, grantee, privilege_type AS privilege
    FROM pg_temp.wanted_database AS wanted
    JOIN pg_roles AS role ON role.rolname = wanted.owner
    CROSS JOIN pg_temp.default_kind
    LEFT JOIN pg_default_acl ON defaclrole = role.oid AND defaclnamespace = 0 AND defaclobjtype = code
    CROSS JOIN LATERAL aclexplode(coalesce(defaclacl, acldefault(class, role.oid)))
    WHERE wanted.name = current_database() AND grantee <> role.oid
      AND (grantee = 0 AND word <> 'TYPE' OR grantee IN (SELECT oid FROM pg_temp.managed))
  UNION
  SELECT defaclrole, defaclnamespace, word, grantee, privilege_type
    FROM pg_default_acl JOIN pg_temp.default_kind ON code = defaclobjtype CROSS JOIN LATERAL aclexplode(defaclacl)
    WHERE grantee <> defaclrole AND (grantee IN (SELECT oid FROM pg_temp.managed)
      OR grantee = 0 AND defaclnamespace <> 0 AND defaclrole IN (SELECT oid FROM pg_temp.managed));

CREATE TEMPORARY VIEW default_entitled AS
  SELECT owner.oid AS role, 0::oid AS namespace, kind AS word, grantee.oid AS grantee, privilege
    FROM pg_temp.wanted_privilege AS wanted
    JOIN pg_temp.wanted_database AS database ON database.name = wanted.database
    JOIN pg_roles AS owner ON owner.rolname = database.owner
    JOIN pg_roles AS grantee ON grantee.rolname = wanted.grantee
    WHERE wanted.database = current_database() AND kind <> 'DATABASE';

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
  SELECT pg_temp.default_change('GRANT', role, namespace, word, string_agg(privilege, ', ' ORDER BY privilege), 'TO', grantee)
    FROM (SELECT role, namespace, word, grantee, privilege FROM pg_temp.default_entitled
      EXCEPT SELECT role, namespace, word, grantee, privilege FROM pg_temp.default_held) AS difference
    GROUP BY role, namespace, word, grantee ORDER BY 1
) AS change (statement) \\gexec

COMMIT;
`;
