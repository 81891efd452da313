import { literal } from './wanted';

/**
 * What makes or changes a large object. They need no right on anything, and write in a transaction that is read-only as
 * well: the owner of the database has them, and who may call its functions.
 */
const writers = [
  'lo_creat',
  'lo_create',
  'lo_from_bytea',
  'lo_put',
  'lo_truncate',
  'lo_truncate64',
  'lo_unlink',
  'lowrite',
] as const;
export const isLargeObjectWriter = `(proname IN (${writers.map(literal).join(', ')}) AND pronamespace = 'pg_catalog'::regnamespace)`;

/**
 * Large objects belong to the owner of the database, but for those of a login that may make some and is wanted or kept:
 * only their owner can use them, and it does while this runs. There may be very many, and each takes a lock until its
 * transaction ends: each is given away by itself, where it is still there.
 */
export const largeObjectsSql = `
CREATE TEMPORARY VIEW caller AS
  SELECT oid, name FROM pg_temp.ours WHERE (wanted OR kept) AND key IN (
    SELECT role.key FROM pg_temp.wanted_privilege AS given JOIN pg_temp.wanted_role AS role ON role.name = given.grantee
      WHERE given.database = current_database() AND given.kind = 'ROUTINE' AND given.privilege = 'EXECUTE');

CREATE TEMPORARY TABLE given_away AS
  SELECT large.oid, lomowner AS before, wanted.owner
    FROM pg_largeobject_metadata AS large JOIN pg_temp.wanted_database AS wanted ON wanted.name = current_database()
    WHERE pg_get_userbyid(lomowner) <> wanted.owner AND lomowner NOT IN (SELECT oid FROM pg_temp.caller);

CREATE FUNCTION pg_temp.give_away(large oid, owner name) RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN
  EXECUTE format('ALTER LARGE OBJECT %s OWNER TO %I', large, owner);
EXCEPTION WHEN undefined_object THEN NULL; END $$;

SELECT format('SELECT pg_temp.give_away(%s, %L)', oid, owner) FROM pg_temp.given_away \\gexec

SELECT pg_temp.say('the large objects %s belong to %s, not to %s any more',
    pg_temp.some(array_agg(large.oid::text ORDER BY large.oid)), owner, pg_get_userbyid(before))
  FROM pg_temp.given_away JOIN pg_largeobject_metadata AS large ON large.oid = given_away.oid
  WHERE pg_get_userbyid(lomowner) = owner GROUP BY owner, before ORDER BY before \\gexec
`;
