import { settings, type DatabaseServer, type ProvisionOptions } from './database-server';

/**
 * What the model promises, tried by each role.
 *
 * @param environment settings of the run before, where they were others
 */
export async function expectTheModel(
  server: DatabaseServer,
  environment: ProvisionOptions['environment'] = {},
): Promise<void> {
  const now = { ...settings, ...environment } as typeof settings;
  const denied = expect.stringContaining('permission denied');
  const app = (user: string): [string, string, string, string | undefined, unknown][] =>
    (
      [
        [`INSERT INTO kept (text) VALUES ('new') RETURNING 'ok'`, undefined, 'ok'],
        [`DELETE FROM kept WHERE text = 'new'`, undefined, ''],
        ['CREATE TABLE own (id int)', undefined, denied],
        ['TRUNCATE kept', undefined, denied],
        [large, undefined, '1'],
        ['SELECT count(*) > 0 FROM information_schema.tables', undefined, 't'],
        ['SELECT 1', 'postgres', denied],
        ['SELECT 1', now.LITELLM_DB_NAME, denied],
      ] as const
    ).map(([statement, database, answer]) => [user, now.APP_DB_PASSWORD, statement, database, answer]);
  const own = [now.OWNER_DB_USER, now.OWNER_DB_PASSWORD] as const;
  const read = [now.READONLY_DB_USER, now.READONLY_DB_PASSWORD] as const;
  const proxy = [now.LITELLM_DB_USER, now.LITELLM_DB_PASSWORD] as const;
  const write = `BEGIN READ WRITE; INSERT INTO kept (text) VALUES ('x')`;
  const large = `SELECT lo_unlink(lo_from_bytea(0, 'x'))`;
  const tries: readonly (readonly [string, string, string, string | undefined, unknown])[] = [
    ...app(now.APP_DB_USER),
    ...app(`${now.APP_DB_USER}_b`),
    [...own, 'CREATE SCHEMA s; CREATE TABLE s.later AS SELECT 7 AS n', undefined, ''],
    [...own, 'CREATE FUNCTION s.f() RETURNS int LANGUAGE sql AS $$ SELECT 8 $$', undefined, ''],
    [now.APP_DB_USER, now.APP_DB_PASSWORD, 'SELECT s.f()', undefined, '8'],
    [`${now.APP_DB_USER}_b`, now.APP_DB_PASSWORD, 'SELECT s.f()', undefined, '8'],
    [...read, 'SELECT s.f()', undefined, denied],
    [...read, 'SELECT text FROM kept', undefined, '1'],
    [...read, 'SELECT n FROM s.later', undefined, '7'],
    [...read, write, undefined, denied],
    [...read, large, undefined, denied],
    [...read, `BEGIN READ WRITE; SELECT setval('kept_id_seq', 9)`, undefined, denied],
    [...own, large, undefined, '1'],
    [...own, 'DROP FUNCTION s.f(); DROP TABLE s.later; DROP SCHEMA s', undefined, ''],
    [...own, 'SELECT 1', now.LITELLM_DB_NAME, denied],
    [...proxy, 'CREATE TABLE t (); DROP TABLE t', now.LITELLM_DB_NAME, ''],
    [...proxy, 'SELECT 1', undefined, denied],
  ];
  const answers = await server.as(
    tries.map(([role, password, statement, database]) => ({
      role,
      password,
      statement,
      ...(database === undefined ? {} : { database }),
    })),
  );
  expect(answers).toEqual(tries.map(([, , , , answer]) => answer));
  // A role that is named no longer has nothing but its name.
  const retired = `SELECT rolname FROM pg_authid WHERE shobj_description(oid, 'pg_authid') ^@ 'Retired by db-provision'
    AND (rolcanlogin OR rolpassword IS NOT NULL OR EXISTS (SELECT FROM pg_auth_members WHERE oid IN (roleid, member)))`;
  expect(await server.sql(retired)).toBe('');
  // Temporary tables and large objects apart, a role owns nothing but in the database that is its own.
  const misplaced = `SELECT DISTINCT refobjid::regrole, pg_describe_object(classid, objid, objsubid) FROM pg_shdepend
    JOIN pg_database ON pg_database.oid = dbid
    WHERE datname = current_database() AND deptype = 'o' AND refobjid <> datdba
      AND classid NOT IN ('pg_default_acl'::regclass, 'pg_user_mapping'::regclass, 'pg_largeobject'::regclass)
      AND shobj_description(refobjid, 'pg_authid') ~ '^(Made|Retired) by db-provision'`;
  expect(await server.sql(misplaced, now.APP_DB_NAME)).toBe('');
}
