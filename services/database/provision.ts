import { generatedBy } from '../defaults';
import { socketFolder } from './server';

/** Seconds that provisioning waits for the server before it fails and says why; PROVISION_WAIT overrides them. */
const longestWait = 60;

/**
 * The job that makes the database what it should be, on every run: it creates what is missing and corrects what is
 * different, and it never drops anything. It speaks to the server through its socket, on which the server trusts the
 * administrator (Docker Official Image "postgres", "POSTGRES_HOST_AUTH_METHOD"): so the administrator's own password is
 * corrected too, also when the data was made with another one.
 *
 * Values come in as variables of the environment and reach SQL through psql's \getenv and format(), which quote them;
 * none is ever part of an argument list.
 */
export const provisionScript = `#!/bin/sh
# ${generatedBy}
set -eu
missing=''
for name in POSTGRES_ROOT_USER POSTGRES_ROOT_PASSWORD OWNER_DB_USER OWNER_DB_PASSWORD \\
  APP_DB_USER APP_DB_PASSWORD APP_DB_NAME; do
  eval "value=\\\${$name:-}"
  [ -n "$value" ] || missing="$missing $name"
done
if [ -n "$missing" ]; then
  echo "db-provision: these are not set:$missing" >&2
  exit 2
fi
if [ "$POSTGRES_ROOT_USER" = "$OWNER_DB_USER" ] || [ "$POSTGRES_ROOT_USER" = "$APP_DB_USER" ] ||
  [ "$OWNER_DB_USER" = "$APP_DB_USER" ]; then
  echo 'db-provision: POSTGRES_ROOT_USER, OWNER_DB_USER and APP_DB_USER must be three different roles' >&2
  exit 2
fi

export PGHOST="\${PGHOST:-${socketFolder}}" PGUSER="$POSTGRES_ROOT_USER" PGDATABASE=postgres
export PGCONNECT_TIMEOUT=5 PGAPPNAME=db-provision PGOPTIONS='-c lock_timeout=60s -c statement_timeout=300s'
sql() {
  psql --no-psqlrc --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 --set VERBOSITY=terse "$@"
}

# While the data folder is being made, a first server answers here that will be stopped again: it listens nowhere else.
limit=\${PROVISION_WAIT:-${longestWait}}
waited=0
until listens=$(sql --command 'SHOW listen_addresses' 2>&1) && [ -n "$listens" ]; do
  if [ "$waited" -ge "$limit" ]; then
    echo "db-provision: the server was not ready within $limit s: \${listens:-it is still being set up}" >&2
    exit 1
  fi
  sleep 1
  waited=$((waited + 1))
done

folder=$(dirname "$0")
sql --file "$folder/cluster.sql"
PGDATABASE="$APP_DB_NAME" sql --single-transaction --file "$folder/database.sql"
echo "db-provision: the database $APP_DB_NAME belongs to $OWNER_DB_USER, and $APP_DB_USER may read and write its rows"
`;

/** Statements that hold a password stay out of the server's log, also when they fail. */
const preamble = `-- ${generatedBy}
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
SET client_min_messages = 'warning';
\\getenv root_user POSTGRES_ROOT_USER
\\getenv root_password POSTGRES_ROOT_PASSWORD
\\getenv owner_user OWNER_DB_USER
\\getenv owner_password OWNER_DB_PASSWORD
\\getenv app_user APP_DB_USER
\\getenv app_password APP_DB_PASSWORD
\\getenv app_database APP_DB_NAME
-- One run at a time in a database; the lock goes with the connection.
SELECT true FROM pg_advisory_lock(hashtext('db-provision')) \\g /dev/null
`;

/**
 * Roles and the database itself: outside of a transaction, because CREATE DATABASE must be. Who may connect is one
 * transaction all the same: an application that serves keeps its right to connect throughout.
 */
export const clusterSql = `${preamble}
SELECT format('CREATE ROLE %I', wanted.name)
  FROM (VALUES (:'owner_user'), (:'app_user')) AS wanted (name)
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) \\gexec

SELECT format('ALTER ROLE %I WITH PASSWORD %L', :'root_user', :'root_password') \\gexec

SELECT format('ALTER ROLE %I WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS INHERIT '
    'CONNECTION LIMIT -1 VALID UNTIL ''infinity'' PASSWORD %L', wanted.name, wanted.password)
  FROM (VALUES (:'owner_user', :'owner_password'), (:'app_user', :'app_password')) AS wanted (name, password) \\gexec

-- No rights by way of another role.
SELECT format('REVOKE %I FROM %I', granted.rolname, member.rolname)
  FROM pg_auth_members
  JOIN pg_roles AS granted ON granted.oid = roleid
  JOIN pg_roles AS member ON member.oid = pg_auth_members.member
  WHERE member.rolname IN (:'owner_user', :'app_user') \\gexec

SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0', :'app_database', :'owner_user')
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'app_database') \\gexec

SELECT format('ALTER DATABASE %I OWNER TO %I', :'app_database', :'owner_user') \\gexec

BEGIN;
-- Everybody may connect to every database unless told otherwise.
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', datname) FROM pg_database \\gexec

SELECT format('REVOKE ALL ON DATABASE %I FROM %I', datname, :'app_user') FROM pg_database \\gexec

SELECT format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO %I', :'app_database', :'app_user') \\gexec
COMMIT;
`;

/** Ownership and grants in the application's database, in one transaction. */
export const databaseSql = `${preamble}
-- The application owns nothing: what an earlier model gave it goes to the owner.
SELECT format('REASSIGN OWNED BY %I TO %I', :'app_user', :'owner_user') \\gexec

SELECT format('ALTER SCHEMA public OWNER TO %I', :'owner_user') \\gexec

REVOKE ALL ON SCHEMA public FROM PUBLIC;

SELECT format(statement, :'app_user')
  FROM unnest(ARRAY[
    'REVOKE ALL ON SCHEMA public FROM %I',
    'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM %I',
    'REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM %I',
    'GRANT USAGE ON SCHEMA public TO %I',
    'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO %I',
    'GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO %I'
  ]) AS statement \\gexec

-- The same for what later migrations make.
SELECT format(statement, :'owner_user', :'app_user')
  FROM unnest(ARRAY[
    'ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I',
    'ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA public GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO %I'
  ]) AS statement \\gexec
`;
