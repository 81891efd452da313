/** What PostgreSQL itself made, or makes for each session: nobody's of the model. */
export const system = `(nspname IN ('pg_catalog', 'information_schema') OR nspname ^@ 'pg_toast' OR nspname ^@ 'pg_temp')`;

const owned = (catalog: string, prefix: string, condition = 'true'): string => `
  SELECT '${catalog}'::regclass AS class, oid, ${prefix}owner AS owner, ${prefix}namespace AS namespace
    FROM ${catalog} WHERE ${condition}`;

/** Kinds of objects of a schema that a role can own. */
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
 * What a statement calls a routine, and names it by. Procedures may differ in what they only give back, and a plain list of
 * types is looked for among all kinds of routines, so both are said. An aggregate without arguments has a star.
 *
 * @param aggregate how it is called where aggregates are told from functions
 */
export const routineWord = (aggregate: 'AGGREGATE' | 'FUNCTION'): string =>
  `CASE prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN '${aggregate}' ELSE 'FUNCTION' END`;

/** For any statement on a procedure, and for all on functions but `ALTER AGGREGATE`. */
export const routineIdentity = `CASE prokind
  WHEN 'p' THEN format('%I.%I(%s)', nspname, proname, pg_get_function_identity_arguments(pg_proc.oid))
  ELSE pg_proc.oid::regprocedure::text END`;

const alteredRoutine = `(SELECT format('%s %s', ${routineWord('AGGREGATE')}, CASE prokind
    WHEN 'a' THEN format('%I.%I(%s)', nspname, proname, coalesce(nullif(pg_get_function_identity_arguments(pg_proc.oid), ''), '*'))
    ELSE ${routineIdentity} END) FROM pg_proc WHERE pg_proc.oid = found.oid)`;

/**
 * Everything in a database of the model belongs to its owner. What came with an extension stays with whoever made that,
 * unless it is a role of ours: such a one owns nothing but in its own database.
 */
export const ownershipSql = `
-- What was created after initdb begins at 16384 (FirstNormalObjectId); the schema public is the exception.
SELECT format('ALTER %s OWNER TO %I', CASE found.class WHEN 'pg_proc'::regclass THEN ${alteredRoutine}
        WHEN 'pg_statistic_ext'::regclass THEN 'STATISTICS ' || identity ELSE upper(type) || ' ' || identity END, wanted.owner),
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

-- Only a superuser owns one of these: a role of ours was one when it made it.
SELECT format('ALTER %s %I OWNER TO %I', upper(kind), object.name, current_user),
    pg_temp.say('the %s %s belongs to %s, not to %s any more', kind, object.name, current_user, managed.name)
  FROM (
    SELECT 'foreign data wrapper', fdwname, fdwowner FROM pg_foreign_data_wrapper
    UNION ALL SELECT 'event trigger', evtname, evtowner FROM pg_event_trigger
    UNION ALL SELECT 'publication', pubname, pubowner FROM pg_publication
      WHERE puballtables OR EXISTS (SELECT FROM pg_publication_namespace WHERE pnpubid = pg_publication.oid)
    UNION ALL SELECT 'subscription', subname, subowner FROM pg_subscription
      JOIN pg_database ON pg_database.oid = subdbid WHERE datname = current_database()
  ) AS object (kind, name, owner)
  JOIN pg_temp.managed AS managed ON managed.oid = object.owner \\gexec

-- The rest (extensions and what is in them, servers, publications ...) goes by REASSIGN OWNED: some of it has no statement of its
-- own. It takes sessions' temporary tables along, so that a role with one of these waits for a later run, and large objects, so
-- that what the application's logins own beside theirs is left to a person.
CREATE TEMPORARY VIEW misplaced AS
  SELECT DISTINCT managed.name AS role, wanted.owner, object.type, object.identity, EXISTS (
      SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE relowner = managed.oid AND nspname ^@ 'pg_temp_') AS working,
      managed.oid IN (SELECT oid FROM pg_temp.caller)
        AND EXISTS (SELECT FROM pg_largeobject_metadata WHERE lomowner = managed.oid) AS keeping
    FROM pg_shdepend JOIN pg_temp.managed AS managed ON managed.oid = refobjid
    JOIN pg_database ON pg_database.oid = dbid AND datname = current_database()
    JOIN pg_temp.wanted_database AS wanted ON wanted.name = datname AND wanted.owner <> managed.name
    CROSS JOIN LATERAL pg_identify_object(classid, objid, objsubid) AS object
    WHERE refclassid = 'pg_authid'::regclass AND deptype = 'o'
      AND classid NOT IN ('pg_default_acl'::regclass, 'pg_user_mapping'::regclass)
      AND NOT (classid = 'pg_largeobject'::regclass AND managed.oid IN (SELECT oid FROM pg_temp.caller))
      AND coalesce(object.schema, '') !~ '^pg_temp';

SELECT pg_temp.say('%s: left with %s until its sessions have no temporary tables: run it again then',
      pg_temp.some(array_agg(format('the %s %s', type, identity) ORDER BY type <> 'extension', type, identity)), role)
  FROM pg_temp.misplaced WHERE working AND NOT keeping GROUP BY role ORDER BY role \\gexec

SELECT pg_temp.say('%s: left with %s, whose large objects would go along: give it to %s yourself',
      pg_temp.some(array_agg(format('the %s %s', type, identity) ORDER BY type <> 'extension', type, identity)), role, owner)
  FROM pg_temp.misplaced WHERE keeping GROUP BY role, owner ORDER BY role \\gexec

SELECT format('REASSIGN OWNED BY %I TO %I', role, owner),
    pg_temp.say('%s belong to %s, not to %s any more',
      pg_temp.some(array_agg(format('the %s %s', type, identity) ORDER BY type <> 'extension', type, identity)), owner, role)
  FROM pg_temp.misplaced WHERE NOT working AND NOT keeping GROUP BY role, owner ORDER BY role \\gexec

-- It takes databases along, too.
SELECT format('ALTER DATABASE %I OWNER TO %I', datname, owner)
  FROM pg_database JOIN pg_temp.wanted_database ON name = datname
  WHERE pg_get_userbyid(datdba) <> owner \\gexec
`;
