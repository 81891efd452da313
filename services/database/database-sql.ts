import { defaultPrivilegesSql } from './default-privileges-sql';
import { isLargeObjectWriter, largeObjectsSql } from './large-objects-sql';
import { ownershipSql, routineIdentity, routineWord, system } from './ownership-sql';
import { ownersOwn, privilegesSql } from './privileges-sql';

/** True for what came with an extension, or belongs to another object: it follows that one. */
const dependent = (catalog: string, oid: string, types: string): string =>
  `EXISTS (SELECT FROM pg_depend WHERE classid = '${catalog}'::regclass AND objid = ${oid} AND objsubid = 0 AND deptype IN (${types}))`;

/** Of `pg_class`, with its namespace joined. */
const relationKind = `CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END`;

/** What PUBLIC has on what is not of the model, unless somebody gave it more: what PostgreSQL or an extension came with. */
const initial = (catalog: string, oid: string, part = '0'): string =>
  `(SELECT initprivs FROM pg_init_privs WHERE classoid = '${catalog}'::regclass AND objoid = ${oid} AND pg_init_privs.objsubid = ${part})`;

/** All that privileges can be given on in a database; see `privilegesSql`. */
const objects = `
CREATE TEMPORARY VIEW object AS
  SELECT 'SCHEMA' AS kind, 'SCHEMA' AS word, quote_ident(nspname) AS identity, '' AS part, NULL::name AS schema, nspowner AS owner,
      'n'::"char" AS class, nspacl AS acl, ${initial('pg_namespace', 'pg_namespace.oid')} AS initial,
      NOT ${system} AND NOT ${dependent('pg_namespace', 'pg_namespace.oid', "'e', 'i'")} AS in_model
    FROM pg_namespace WHERE NOT nspname ^@ 'pg_temp' AND NOT nspname ^@ 'pg_toast'
  UNION ALL
  SELECT ${relationKind}, ${relationKind}, pg_class.oid::regclass::text, '', nspname, relowner,
      CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relacl, ${initial('pg_class', 'pg_class.oid')},
      NOT ${system} AND NOT ${dependent('pg_class', 'pg_class.oid', "'e'")}
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND NOT nspname ^@ 'pg_temp' AND NOT nspname ^@ 'pg_toast'
  UNION ALL
  SELECT ${relationKind}, ${relationKind}, attrelid::regclass::text, format('(%I)', attname), nspname, relowner,
      'c', attacl, ${initial('pg_class', 'attrelid', 'attnum')}, false
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE attacl IS NOT NULL AND NOT attisdropped AND NOT nspname ^@ 'pg_temp'
  UNION ALL
  SELECT CASE WHEN ${isLargeObjectWriter} THEN 'LARGE OBJECT WRITER' ELSE 'ROUTINE' END, ${routineWord('FUNCTION')},
      ${routineIdentity}, '', nspname, proowner, 'f', proacl, ${initial('pg_proc', 'pg_proc.oid')},
      ${isLargeObjectWriter} OR NOT ${system} AND NOT ${dependent('pg_proc', 'pg_proc.oid', "'e', 'i'")}
    FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
    WHERE NOT nspname ^@ 'pg_temp'
  UNION ALL
  SELECT 'LARGE OBJECT', 'LARGE OBJECT', oid::text, '', NULL, lomowner, 'L', lomacl, NULL, true
    FROM pg_largeobject_metadata WHERE lomacl IS NOT NULL
  UNION ALL
  SELECT 'TYPE', 'TYPE', pg_type.oid::regtype::text, '', nspname, typowner, 'T', typacl, ${initial('pg_type', 'pg_type.oid')}, false
    FROM pg_type JOIN pg_namespace ON pg_namespace.oid = typnamespace WHERE typacl IS NOT NULL AND NOT nspname ^@ 'pg_temp'
  UNION ALL
  SELECT 'LANGUAGE', 'LANGUAGE', quote_ident(lanname), '', NULL, lanowner, 'l', lanacl, ${initial('pg_language', 'pg_language.oid')}, false
    FROM pg_language
  UNION ALL
  SELECT 'FOREIGN DATA WRAPPER', 'FOREIGN DATA WRAPPER', quote_ident(fdwname), '', NULL, fdwowner, 'F', fdwacl,
      ${initial('pg_foreign_data_wrapper', 'pg_foreign_data_wrapper.oid')}, false
    FROM pg_foreign_data_wrapper
  UNION ALL
  SELECT 'FOREIGN SERVER', 'FOREIGN SERVER', quote_ident(srvname), '', NULL, srvowner, 'S', srvacl,
      ${initial('pg_foreign_server', 'pg_foreign_server.oid')}, false
    FROM pg_foreign_server;
`;

/**
 * One database of the model, in one transaction but for large objects: everything in it belongs to its owner, the others have what the model
 * gives them, on what is there and on what later migrations make.
 */
export const databaseSql = `${largeObjectsSql}
BEGIN;
${ownershipSql}${objects}
CREATE TEMPORARY VIEW entitled AS
  SELECT object.kind, word, identity, part, role.oid AS grantee, privilege
    FROM pg_temp.object JOIN pg_temp.wanted_privilege AS wanted
      ON wanted.kind = object.kind AND wanted.database = current_database()
    JOIN pg_roles AS role ON role.rolname = wanted.grantee
    WHERE in_model AND role.oid <> owner
  UNION
  SELECT kind, word, identity, part, role.oid, 'EXECUTE'
    FROM pg_temp.object JOIN pg_roles AS role ON role.rolname IN (
      SELECT owner FROM pg_temp.wanted_database WHERE name = current_database()
      UNION SELECT grantee FROM pg_temp.wanted_privilege AS wanted
        WHERE wanted.database = current_database() AND wanted.kind = 'ROUTINE' AND wanted.privilege = 'EXECUTE')
    WHERE kind = 'LARGE OBJECT WRITER'
  UNION
  -- What the logins of one application let each other do with these is theirs to say.
  SELECT kind, word, identity, part, grantee, privilege_type
    FROM pg_temp.object CROSS JOIN LATERAL aclexplode(acl)
    WHERE kind = 'LARGE OBJECT' AND grantee IN (SELECT oid FROM pg_temp.caller)
  UNION
  SELECT kind, word, identity, part, grantee, privilege_type
    FROM pg_temp.object CROSS JOIN LATERAL aclexplode(coalesce(initial, acldefault(class, owner)))
    WHERE NOT in_model AND acl IS NOT NULL AND grantee = 0
  UNION
  -- initdb gives these without recording it.
  SELECT kind, word, identity, part, 0, CASE kind WHEN 'TABLE' THEN 'SELECT' ELSE 'USAGE' END
    FROM pg_temp.object WHERE NOT in_model AND 'information_schema' IN (schema, identity) AND part = ''
  UNION${ownersOwn};
${privilegesSql}${defaultPrivilegesSql}
COMMIT;
`;
