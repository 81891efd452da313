import { settings, type ProvisionOptions } from './database-server';

/** A starting state, and what a run says that it did about it. */
interface Broken {
  readonly state: string;
  /** SQL in `postgres`, then in `cogni`. */
  readonly cluster?: string;
  readonly database?: string;
  readonly environment?: ProvisionOptions['environment'];
  /** Logins of before that must not get in any more, with their passwords. */
  readonly ended?: readonly { readonly role: string; readonly password: string }[];
  /** Lines of the run, some of them: each is in it. */
  readonly says: readonly string[];
}

/** Each is mended by one run, which says so. */
export const states: readonly Broken[] = [
  {
    state: 'an application role that is a superuser with every right, an end and too few connections',
    cluster: `ALTER ROLE cogni_app SUPERUSER CREATEDB CREATEROLE REPLICATION BYPASSRLS NOINHERIT
      VALID UNTIL '2000-01-01' CONNECTION LIMIT 1`,
    says: [
      'role cogni_app: NOSUPERUSER, was SUPERUSER; NOCREATEDB, was CREATEDB',
      "VALID UNTIL 'infinity', was VALID UNTIL a date",
    ],
  },
  {
    state: 'roles that cannot log in any more',
    cluster:
      'ALTER ROLE cogni_owner NOLOGIN; ALTER ROLE cogni_readonly NOLOGIN; ALTER ROLE cogni_app_access LOGIN',
    says: ['role cogni_owner: LOGIN, was NOLOGIN', 'role cogni_app_access: NOLOGIN, was LOGIN'],
  },
  {
    state: 'a password that was changed on the server, and one that is gone',
    cluster: `ALTER ROLE cogni_app PASSWORD 'other'; ALTER ROLE cogni_litellm PASSWORD NULL`,
    says: ['set the password of cogni_app', 'set the password of cogni_litellm'],
  },
  {
    state: 'a password hashed as MD5',
    cluster: `SET password_encryption = 'md5'; ALTER ROLE cogni_app PASSWORD 'p1anted'`,
    says: ['set the password of cogni_app'],
  },
  {
    state: 'a password rotated in the settings',
    environment: {
      APP_DB_PASSWORD: 'rotated-app',
      OWNER_DB_PASSWORD: 'rotated-owner',
      READONLY_DB_PASSWORD: 'r',
    },
    says: [
      'set the password of cogni_app',
      'set the password of cogni_app_b',
      'set the password of cogni_owner',
    ],
  },
  {
    state: 'an administrator with a password',
    cluster: `ALTER ROLE cogni_root PASSWORD 'known'`,
    says: ['took the password of the administrator cogni_root away'],
  },
  {
    state: 'session defaults that nobody wanted',
    cluster: `ALTER ROLE cogni_app SET search_path = 'mine'; ALTER ROLE cogni_app IN DATABASE cogni SET row_security = off;
      ALTER ROLE cogni_readonly RESET ALL; ALTER ROLE cogni_owner RESET ALL`,
    says: [
      'role cogni_app: search_path is no longer set',
      'role cogni_app: row_security is no longer set in database cogni',
      'role cogni_readonly: default_transaction_read_only=on',
      'role cogni_owner: client_connection_check_interval=2s',
    ],
  },
  {
    state: 'memberships in both directions',
    cluster: `GRANT cogni_owner TO cogni_app WITH ADMIN OPTION; GRANT pg_read_all_data TO cogni_readonly;
      GRANT cogni_owner TO alice; REVOKE cogni_app_access FROM cogni_app; GRANT cogni_app_access TO cogni_app_b WITH ADMIN OPTION`,
    says: [
      'cogni_app is no longer a member of cogni_owner',
      'cogni_readonly is no longer a member of pg_read_all_data',
      'alice is no longer a member of cogni_owner',
      'cogni_app is a member of cogni_app_access',
      'cogni_app_b may no longer give cogni_app_access to others',
    ],
  },
  {
    state: 'tables, types, functions and schemas of the wrong owners',
    database: `
      CREATE SCHEMA "odd schema"; CREATE TABLE "odd schema"."ta'b""le" (id serial, "co l" int);
      CREATE TABLE stray (id int GENERATED ALWAYS AS IDENTITY, b text); ALTER TABLE stray OWNER TO cogni_app;
      CREATE TYPE mood AS ENUM ('a'); CREATE DOMAIN whole AS int; CREATE TYPE pair AS (a int);
      CREATE TYPE span AS RANGE (subtype = float8); CREATE SEQUENCE loose;
      CREATE FUNCTION f(a int, b text DEFAULT 'x') RETURNS int LANGUAGE sql AS 'SELECT 1';
      CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1';
      CREATE AGGREGATE tally(*) (sfunc = int8inc, stype = int8, initcond = '0');
      CREATE VIEW v AS SELECT * FROM stray; CREATE MATERIALIZED VIEW mv AS SELECT 1 AS a;
      CREATE STATISTICS st ON id, b FROM stray; CREATE COLLATION plain FROM "C";
      CREATE TEXT SEARCH CONFIGURATION search (COPY = simple);
      CREATE OPERATOR === (leftarg = int, rightarg = int, function = int4eq);
      CREATE TABLE part (a int) PARTITION BY RANGE (a); CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (0) TO (5);
      CREATE EXTENSION pgcrypto`,
    says: [
      'in cogni: the table public.stray belongs to cogni_owner, not to cogni_app any more',
      `in cogni: the table "odd schema"."ta'b""le" belongs to cogni_owner, not to cogni_root any more`,
      'in cogni: the type public.mood belongs to cogni_owner',
      'in cogni: the aggregate public.tally() belongs to cogni_owner',
      'in cogni: took EXECUTE on function public.f(integer,text), public.tally() from PUBLIC',
      'in cogni: took EXECUTE on procedure public.p() from PUBLIC',
    ],
  },
  {
    state: 'a database, a schema and a tablespace of another owner',
    cluster: `ALTER DATABASE cogni OWNER TO alice; ALTER DATABASE litellm OWNER TO cogni_app;
      ALTER TABLESPACE pg_default OWNER TO cogni_app`,
    database: 'ALTER SCHEMA public OWNER TO alice',
    says: [
      'the database cogni belongs to cogni_owner, not to alice any more',
      'the database litellm belongs to cogni_litellm, not to cogni_app any more',
      'the tablespace pg_default belongs to cogni_root, not to cogni_app any more',
      'in cogni: the schema public belongs to cogni_owner, not to alice any more',
    ],
  },
  {
    state: 'rights of PUBLIC',
    cluster: `GRANT ALL ON DATABASE postgres, cogni, template1 TO PUBLIC; GRANT SET ON PARAMETER log_statement TO PUBLIC;
      GRANT CREATE ON TABLESPACE pg_default TO PUBLIC`,
    database: `GRANT ALL ON SCHEMA public TO PUBLIC; GRANT ALL ON kept TO PUBLIC; GRANT SELECT ON pg_authid TO PUBLIC;
      GRANT EXECUTE ON FUNCTION pg_read_file(text), lo_create(oid) TO PUBLIC; GRANT INSERT ON information_schema.sql_features TO PUBLIC;
      GRANT SELECT (rolpassword) ON pg_authid TO PUBLIC; GRANT CREATE ON SCHEMA pg_catalog TO PUBLIC`,
    says: [
      'took SET on parameter log_statement from PUBLIC',
      'took CREATE on tablespace pg_default from PUBLIC',
      'in cogni: took CREATE on schema pg_catalog from PUBLIC',
      'in cogni: took SELECT on table pg_authid from PUBLIC',
      'in cogni: took SELECT (rolpassword) on table pg_authid from PUBLIC',
      'in cogni: took INSERT on table information_schema.sql_features from PUBLIC',
      'in cogni: took EXECUTE on function lo_create(oid), pg_read_file(text) from PUBLIC',
      'took CONNECT, CREATE, TEMPORARY on database cogni, postgres, template1 from PUBLIC',
      'in cogni: took CREATE, USAGE on schema public from PUBLIC',
      'in cogni: took DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE on table public.kept from PUBLIC',
    ],
  },
  {
    state: 'rights that somebody added, rights to give on included',
    cluster: `GRANT CONNECT, CREATE ON DATABASE postgres, litellm TO cogni_app WITH GRANT OPTION;
      GRANT SET ON PARAMETER log_statement TO cogni_app; GRANT CREATE ON TABLESPACE pg_default TO cogni_readonly`,
    database: `GRANT ALL ON kept TO cogni_app, cogni_readonly_access WITH GRANT OPTION; GRANT SELECT ON pg_authid TO cogni_app;
      GRANT EXECUTE ON FUNCTION pg_read_file(text) TO cogni_readonly; GRANT CREATE ON SCHEMA public TO cogni_app;
      GRANT USAGE ON LANGUAGE sql TO cogni_app; GRANT INSERT (text) ON kept TO cogni_readonly; GRANT SELECT ON kept TO alice`,
    says: [
      'took CONNECT, CREATE on database litellm, postgres from cogni_app',
      'took SET on parameter log_statement from cogni_app',
      'in cogni: took SELECT on table pg_authid from cogni_app',
      'in cogni: took INSERT (text) on table public.kept from cogni_readonly',
      'in cogni: took EXECUTE on function pg_read_file(text) from cogni_readonly',
      'in cogni: cogni_readonly_access may no longer give SELECT on table public.kept to others',
    ],
  },
  {
    state: 'rights that somebody else gave, to whom they had been given to give on',
    cluster: `GRANT CONNECT ON DATABASE litellm TO alice WITH GRANT OPTION;
      SET ROLE alice; GRANT CONNECT ON DATABASE litellm TO cogni_app`,
    database: `CREATE FUNCTION secret_write() RETURNS void LANGUAGE sql SECURITY DEFINER AS $$ INSERT INTO kept (text) VALUES ('stolen') $$;
      GRANT EXECUTE ON FUNCTION secret_write() TO alice WITH GRANT OPTION; GRANT UPDATE ON kept_id_seq TO alice WITH GRANT OPTION;
      GRANT UPDATE (text) ON kept TO alice WITH GRANT OPTION; GRANT SELECT ON kept TO alice WITH GRANT OPTION;
      GRANT USAGE ON SCHEMA public TO alice; SET ROLE alice;
      GRANT EXECUTE ON FUNCTION secret_write() TO cogni_readonly, PUBLIC; GRANT UPDATE ON kept_id_seq TO cogni_readonly;
      GRANT UPDATE (text) ON kept TO cogni_readonly; GRANT SELECT ON kept TO cogni_readonly_access WITH GRANT OPTION;
      RESET ROLE; REVOKE USAGE ON SCHEMA public FROM alice`,
    says: [
      'took CONNECT on database litellm from cogni_app, which alice had given',
      'in cogni: took EXECUTE on function public.secret_write() from cogni_readonly, which alice had given',
      'in cogni: took EXECUTE on function public.secret_write() from PUBLIC, which alice had given',
      'in cogni: took UPDATE on sequence public.kept_id_seq from cogni_readonly, which alice had given',
      'in cogni: took UPDATE (text) on table public.kept from cogni_readonly, which alice had given',
      'in cogni: cogni_readonly_access may no longer give SELECT on table public.kept to others, which alice had given',
    ],
  },
  {
    state: 'rights that one role of ours gave another, out of what somebody else had given it to give on',
    cluster: `GRANT CONNECT ON DATABASE litellm TO alice WITH GRANT OPTION;
      SET ROLE alice; GRANT CONNECT ON DATABASE litellm TO cogni_app WITH GRANT OPTION;
      SET ROLE cogni_app; GRANT CONNECT ON DATABASE litellm TO cogni_readonly`,
    database: `GRANT DELETE ON kept TO alice WITH GRANT OPTION; GRANT USAGE ON SCHEMA public TO alice;
      SET ROLE alice; GRANT DELETE ON kept TO cogni_app WITH GRANT OPTION;
      SET ROLE cogni_app; GRANT DELETE ON kept TO cogni_readonly`,
    says: [
      'took CONNECT on database litellm from cogni_app, which alice had given',
      'took CONNECT on database litellm from cogni_readonly, which cogni_app had given',
      'in cogni: took DELETE on table public.kept from cogni_readonly, which cogni_app had given',
    ],
  },
  {
    state: 'rights that somebody else gave in a schema whose name needs quotes',
    database: `GRANT USAGE ON SCHEMA "odd schema" TO alice; GRANT SELECT ON "odd schema"."ta'b""le" TO alice WITH GRANT OPTION;
      SET ROLE alice; GRANT SELECT ON "odd schema"."ta'b""le" TO cogni_app; RESET ROLE; REVOKE USAGE ON SCHEMA "odd schema" FROM alice`,
    says: [`in cogni: took SELECT on table "odd schema"."ta'b""le" from cogni_app, which alice had given`],
  },
  {
    state: 'rights that somebody gave who is a superuser by now, and acts as the owner',
    cluster: 'CREATE ROLE bob',
    database: `GRANT USAGE ON SCHEMA public TO alice, bob; GRANT DELETE ON kept TO alice WITH GRANT OPTION;
      SET ROLE alice; GRANT DELETE ON kept TO bob WITH GRANT OPTION; SET ROLE bob; GRANT DELETE ON kept TO cogni_readonly;
      RESET ROLE; ALTER ROLE bob SUPERUSER`,
    says: ['in cogni: took DELETE on table public.kept from cogni_readonly, which bob had given'],
  },
  {
    state: 'rights that somebody took',
    cluster: 'REVOKE ALL ON DATABASE cogni FROM cogni_app_access, cogni_owner',
    database: `REVOKE ALL ON kept FROM cogni_app_access, cogni_readonly_access, cogni_owner;
      REVOKE USAGE ON SCHEMA public FROM cogni_app_access;
      ALTER DEFAULT PRIVILEGES FOR ROLE cogni_owner REVOKE ALL ON TABLES FROM cogni_readonly_access`,
    says: [
      'gave CONNECT, TEMPORARY on database cogni to cogni_app_access',
      'in cogni: gave DELETE, INSERT, SELECT, UPDATE on table public.kept to cogni_app_access',
      'in cogni: ALTER DEFAULT PRIVILEGES FOR ROLE cogni_owner GRANT SELECT ON TABLES TO cogni_readonly_access',
    ],
  },
  {
    state: 'defaults for what is made later that go too far',
    database: `ALTER DEFAULT PRIVILEGES FOR ROLE cogni_root GRANT ALL ON TABLES TO cogni_readonly;
      ALTER DEFAULT PRIVILEGES FOR ROLE cogni_owner IN SCHEMA public GRANT ALL ON TABLES TO cogni_app, PUBLIC`,
    says: [
      'FOR ROLE cogni_root REVOKE DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE ON TABLES FROM cogni_readonly',
      'FOR ROLE cogni_owner IN SCHEMA public REVOKE DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE ON TABLES FROM PUBLIC',
    ],
  },
  {
    state: 'defaults for what is made later that go on to others, or leave the owner without',
    database: `ALTER DEFAULT PRIVILEGES FOR ROLE cogni_owner GRANT SELECT ON TABLES TO cogni_readonly_access WITH GRANT OPTION;
      ALTER DEFAULT PRIVILEGES FOR ROLE cogni_owner REVOKE ALL ON TABLES FROM cogni_owner`,
    says: [
      'FOR ROLE cogni_owner REVOKE GRANT OPTION FOR SELECT ON TABLES FROM cogni_readonly_access',
      'FOR ROLE cogni_owner GRANT DELETE, INSERT, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE ON TABLES TO cogni_owner',
    ],
  },
  {
    state: 'procedures of one name, one of which gives back what the other takes',
    database: `CREATE PROCEDURE twice(a int, b text) LANGUAGE sql AS 'SELECT 1';
      CREATE PROCEDURE twice(a int, OUT b text) LANGUAGE sql AS 'SELECT ''b''';
      CREATE AGGREGATE most(float8 ORDER BY anyelement) (sfunc = ordered_set_transition, stype = internal,
        finalfunc = percentile_disc_final, finalfunc_extra)`,
    says: [
      'in cogni: took EXECUTE on procedure public.twice(IN a integer, IN b text), public.twice(IN a integer, OUT b text) from PUBLIC',
      'in cogni: the aggregate public.most(double precision,pg_catalog.anyelement) belongs to cogni_owner',
    ],
  },
  {
    state: 'what an application that was a superuser made outside of the schemas',
    cluster: 'ALTER ROLE cogni_app SUPERUSER',
    database: `SET ROLE cogni_app; CREATE EXTENSION citext; CREATE PUBLICATION part_of_it; CREATE PUBLICATION everything FOR ALL TABLES;
      CREATE SUBSCRIPTION elsewhere CONNECTION 'host=nowhere' PUBLICATION theirs WITH (connect = false, slot_name = NONE);
      CREATE TYPE numbers AS RANGE (subtype = float8);
      CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER far FOREIGN DATA WRAPPER nowhere;
      CREATE FUNCTION ignored() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
      CREATE EVENT TRIGGER seen ON ddl_command_end EXECUTE FUNCTION ignored(); ALTER EVENT TRIGGER seen DISABLE`,
    says: [
      'in cogni: the foreign data wrapper nowhere belongs to cogni_root, not to cogni_app any more',
      'in cogni: the event trigger seen belongs to cogni_root, not to cogni_app any more',
      'in cogni: the publication everything belongs to cogni_root, not to cogni_app any more',
      'in cogni: the subscription elsewhere belongs to cogni_root, not to cogni_app any more',
      'in cogni: the extension citext, the ',
    ],
  },
  {
    state: 'rights on large objects, and large objects of others',
    database: `SELECT lo_create(4711); ALTER LARGE OBJECT 4711 OWNER TO cogni_app; SELECT lo_create(4710);
      GRANT SELECT ON LARGE OBJECT 4711 TO cogni_readonly, PUBLIC; ALTER LARGE OBJECT 4710 OWNER TO alice`,
    says: [
      'in cogni: the large objects 4710 belong to cogni_owner, not to alice any more',
      'in cogni: took SELECT on large object 4711 from cogni_readonly',
      'in cogni: took SELECT on large object 4711 from PUBLIC',
    ],
  },
  {
    state: 'settings and limits of a database',
    cluster: `ALTER DATABASE cogni SET row_security = off; ALTER DATABASE cogni SET default_transaction_read_only = on;
      ALTER DATABASE cogni SET role = 'cogni_readonly'; ALTER DATABASE litellm CONNECTION LIMIT 0`,
    says: [
      'database cogni: role is no longer set for all who connect',
      'database cogni: row_security is no longer set for all who connect',
      'database cogni: default_transaction_read_only is no longer set for all who connect',
      'database litellm: CONNECTION LIMIT -1, was 0',
    ],
  },
  {
    state: 'a name of two lines, which is still said in one',
    database: 'CREATE TABLE "two\nlines" ()',
    says: ['in cogni: the table public."two\\nlines" belongs to cogni_owner'],
  },
  {
    state: 'users that have new names',
    environment: {
      APP_DB_USER: 'web',
      OWNER_DB_USER: 'captain',
      READONLY_DB_USER: 'reports',
      LITELLM_DB_USER: 'proxy',
    },
    ended: [
      { role: settings.APP_DB_USER, password: settings.APP_DB_PASSWORD },
      { role: `${settings.APP_DB_USER}_b`, password: settings.APP_DB_PASSWORD },
      { role: settings.OWNER_DB_USER, password: settings.OWNER_DB_PASSWORD },
      { role: settings.READONLY_DB_USER, password: settings.READONLY_DB_PASSWORD },
      { role: settings.LITELLM_DB_USER, password: settings.LITELLM_DB_PASSWORD },
    ],
    says: [
      'created the role web_b',
      'disabled the role cogni_app, which is no longer named: it was not dropped',
      'disabled the role cogni_owner, which is no longer named: it was not dropped',
      'in cogni: the table public.kept belongs to captain, not to cogni_owner any more',
    ],
  },
  {
    state: 'a user that somebody renamed on the server',
    cluster: 'ALTER ROLE cogni_readonly RENAME TO reader',
    ended: [{ role: 'reader', password: settings.READONLY_DB_PASSWORD }],
    says: [
      'created the role cogni_readonly',
      'disabled the role reader, which is no longer named: it was not dropped',
      'set the password of cogni_readonly',
    ],
  },
  {
    state: 'two users that swapped their names',
    // A login of the application keeps its large objects, and all else that would go along: that is another test.
    database: `SELECT lo_unlink(oid) FROM pg_largeobject_metadata WHERE lomowner = 'cogni_owner'::regrole`,
    environment: { APP_DB_USER: 'cogni_owner', OWNER_DB_USER: 'cogni_app' },
    says: ['in cogni: the table public.kept belongs to cogni_app, not to cogni_owner any more'],
  },
  {
    state: 'names that need quotes everywhere',
    environment: {
      APP_DB_USER: `a'p"p; $(id) \\ ü`,
      OWNER_DB_USER: 'Owner Role',
      READONLY_DB_USER: `:'x' :"y" %s %I`,
    },
    says: [`created the role a'p"p; $(id) \\ ü_b`, `created the role :'x' :"y" %s %I`],
  },
  {
    state: 'roles that a person made, by the names of ours',
    cluster: `COMMENT ON ROLE cogni_app IS NULL; COMMENT ON ROLE cogni_litellm IS 'mine'`,
    says: ['took over the role cogni_app', 'took over the role cogni_litellm'],
  },
];
