import { generatedBy } from '../defaults';
import { dataMarker } from './marker';
import { variablesOf, type DatabaseModel } from './model';
import { faultFunctions, formLine, settingFunction, settingsExit } from '../settings/start-check';
import { socketFolder } from './server';

/** Seconds that provisioning waits for the server, and for another run; PROVISION_WAIT overrides both. */
const longestWait = 60;

/** How a run ends, besides 0. The same numbers as the command line's own. */
export const provisionExit = { failed: 1, settings: settingsExit, refused: 3, locked: 4 } as const;

/**
 * The story of a run, for the bash of the PostgreSQL image. Names come in as variables of the environment and reach SQL
 * through psql's \getenv; passwords go to \password, which hashes them before anything is sent, and to libpq. Neither
 * is ever part of an argument list.
 */
export function provisionScript(model: DatabaseModel): string {
  const own = ['POSTGRES_ROOT_USER', 'DB_HOST', 'DB_PORT'].map((name) => ({ name, optional: false }));
  const told = [...own, ...variablesOf(model)].map(({ name, optional }) => ({
    variable: name,
    setting: name,
    optional,
  }));
  return `#!/bin/bash
# ${generatedBy}
set -euo pipefail
folder=$(cd -- "$(dirname -- "$0")" && pwd)
say() { printf 'db-provision: %s\\n' "$1"; }
end() { # exit code, then what to say
  local code=$1 line
  shift
  for line in "$@"; do say "$line" >&2; done
  exit "$code"
}

# 1. The settings.
${faultFunctions}
${settingFunction}
together() { # settings that are there together or not at all
  local name unset='' set=''
  for name in "$@"; do
    if [ -n "\${!name:-}" ]; then set="$set $name"; else unset="$unset $name"; fi
  done
  [ -z "$set" ] || [ -z "$unset" ] || fault "not set:$unset; but there is:$set"
}
# What no pattern says, a name that PostgreSQL keeps for itself, the server says in step 4.
${told.map(formLine).join('\n')}
${optionalGroups(model)
  .map((names) => `together ${names.join(' ')}`)
  .join('\n')}
# 0 would be no limit at all for whoever waits for the lock.
limit=\${PROVISION_WAIT:-${longestWait}}
[[ $limit =~ ^[1-9][0-9]{0,5}$ ]] || fault "PROVISION_WAIT is $limit; allowed: whole seconds, at least 1"
fit db-provision 'nothing was changed; ./cogni settings check <env> explains each setting'

export PGHOST="\${PGHOST:-${socketFolder}}" PGUSER="$POSTGRES_ROOT_USER" PGDATABASE=postgres
export PGCONNECT_TIMEOUT=5 PGAPPNAME=db-provision PGCLIENTENCODING=UTF8
# Nothing of a schema that others can write to is ever found by name. A lock that the application holds is not waited
# for: everybody who comes later would wait behind it. What somebody set for a role, a database or for everybody counts for no
# run: how text and names are read and written, and after how long an idle session ends, such as the one that holds the lock.
export PGOPTIONS='${sessionSettings(model)}'
sql() {
  psql --no-psqlrc --quiet --no-align --tuples-only --no-password --set ON_ERROR_STOP=1 --set VERBOSITY=terse "$@"
}
asked() { # the same; an answer without what the server warns of as a session begins, before it has read any option
  local out code=0
  out=$(sql "$@" 2>&1) || code=$?
  [ "$code" -ne 0 ] || out=$(grep -Ev '^(WARNING|DETAIL|HINT): ' <<<"$out" || true)
  [ -z "$out" ] || printf '%s\\n' "$out"
  return "$code"
}

# 2. The server. While the data folder is made, a first one answers here that will be stopped again: it listens nowhere
# else. One that recovers writes nothing yet. An administrator whom the server does not know will not come by waiting.
until listens=$(asked --command "SELECT current_setting('listen_addresses') WHERE NOT pg_is_in_recovery()") && [ -n "$listens" ]; do
  if [[ $listens == *'role "'*'" does not exist'* ]]; then
    end ${provisionExit.refused} "the server knows no administrator $PGUSER: its data folder was made with another one" \\
      'nothing was changed; set POSTGRES_ROOT_USER back, or rename the role (ALTER ROLE ... RENAME TO ...) first'
  fi
  if [ "$SECONDS" -ge "$limit" ]; then
    end ${provisionExit.failed} "the server was not ready within $limit s: \${listens:-it is still being set up, or in recovery}" 'nothing was changed'
  fi
  sleep 0.2
done

# 3. The lock. It goes with the connection that holds it, which ends when the last process of this run does: each of them
# inherits descriptor 3. An administrator can end that connection, too: what changes something asks for it first.
coproc HOLDER { PGAPPNAME='db-provision lock' sql 2>&1; }
exec 3>&"\${HOLDER[1]}" 4<&"\${HOLDER[0]}"
tell_holder() { (printf '%s\\n' "$@" >&3) 2>/dev/null || true; }
tell_holder "SET lock_timeout = '\${limit}s'; SET statement_timeout = 0;" \\
  "SELECT 'locked' FROM pg_advisory_lock(hashtext('db-provision'));"
answer='WARNING: '
while [[ $answer =~ ^(WARNING|DETAIL|HINT):\\  ]]; do read -r -u 4 answer || answer=''; done
[ "$answer" = locked ] || end ${provisionExit.locked} "another db-provision still runs after $limit s: $answer" \\
  'nothing was changed; run it again when the other one has ended'
held() { # what is not begun without the lock
  local answer=''
  tell_holder "SELECT 'held';"
  read -r -t 30 -u 4 answer || true
  [ "$answer" = held ] || end ${provisionExit.failed} "lost the lock before it could $1: \${answer:-its connection does not answer}" \\
    'what it had done is whole, the rest is as it was; run it again'
}

# 4. What only a person can decide.
if ! refusals=$(asked --file "$folder/refusals.sql"); then
  end ${provisionExit.failed} "could not look at the server: $refusals" 'nothing was changed'
fi
if [ -n "$refusals" ]; then
  mapfile -t refusals <<<"$refusals"
  end ${provisionExit.refused} "\${refusals[@]}" 'nothing was changed; docs/database.md says what to do'
fi

# 5. Roles, databases, and what is in each.
step() { # what it does, database, file, what each line begins with
  local output line
  held "$1"
  if output=$(PGDATABASE=$2 sql --file "$folder/$3" 2>&1); then
    [ -z "$output" ] || while IFS= read -r line; do say "\${4:-}$line"; done <<<"$output"
  else
    end ${provisionExit.failed} "could not $1: \${output##*$'\\n'}" 'what this step had begun was taken back; run it again when that is mended'
  fi
}
step 'set up the roles' postgres roles.sql
step 'set up the databases' postgres databases.sql
${model.databases
  .map(
    ({ name }) =>
      `[ -z "\${${name}:-}" ] || step "set up the database $${name}" "$${name}" database.sql "in $${name}: "`,
  )
  .join('\n')}
step 'mark the data' ${dataMarker.database} marker.sql

# 6. Passwords and proof: each role logs in as its users do, over the network. One whose password is refused gets the one
# of the settings; \\password hashes it here, so that neither the server nor its log ever sees it.
as() { # role, password, database, then psql's arguments
  local role=$1 password=$2 database=$3
  shift 3
  PGHOST=$DB_HOST PGPORT=$DB_PORT PGUSER=$role PGPASSWORD=$password PGDATABASE=$database PGAPPNAME='db-provision check' \\
    asked "$@"
}
unseen='-c log_statement=none -c log_min_error_statement=panic -c log_min_duration_statement=-1 -c log_min_duration_sample=-1'
unseen="$unseen -c log_duration=off -c log_transaction_sample_rate=0 -c track_activities=off -c password_encryption=scram-sha-256"
set_password() { # role, password
  # Without a terminal of its own psql asks on standard input.
  printf '%s\\n%s\\n' "$2" "$2" |
    LOGIN_ROLE=$1 PGOPTIONS="$PGOPTIONS $unseen" setsid --wait psql --no-psqlrc --quiet --no-password \\
      --set ON_ERROR_STOP=1 --set VERBOSITY=terse --file "$folder/password.sql" 2>&1
}
faults=()
login() { # key, role, password, database
  local key=$1 role=$2 password=$3 database=$4 answer line verify code=0
  [ "\${DB_PROVISION_KEEP:-}" != "$role" ] || return 0
  verify=(as "$role" "$password" "$database" --set "key=$key" --file "$folder/verify.sql")
  answer=$("\${verify[@]}") || code=$?
  if [ "$code" -ne 0 ] && [[ $answer == *'password authentication failed'* ]]; then
    held "set the password of $role"
    if ! answer=$(set_password "$role" "$password"); then
      faults+=("the password of $role could not be set: \${answer##*$'\\n'}")
      return 0
    fi
    say "set the password of $role"
    code=0
    answer=$("\${verify[@]}") || code=$?
  fi
  if [ "$code" -ne 0 ] && [[ $answer == *'too many connections for role'* ]]; then
    # The server says so only after it has seen the password.
    say "$role uses all its connections: its password is the one of the settings, its privileges could not be tried"
  elif [ "$code" -ne 0 ]; then
    faults+=("$role cannot log in to $database: \${answer##*$'\\n'}")
  elif [ -n "$answer" ]; then
    while IFS= read -r line; do faults+=("$role $line"); done <<<"$answer"
  fi
  if answer=$(as "$role" '' "$database" --command 'SELECT'); then
    faults+=("$role gets in over the network without a password (see pg_hba.conf in the server's data folder)")
  fi
  if answer=$(as "$role" "$password" postgres --command 'SELECT'); then
    faults+=("$role gets in to the database postgres as well")
  fi
}
${loginLines(model).join('\n')}
if ! answer=$(asked --file "$folder/other-logins.sql"); then
  faults+=("could not look for logins of somebody else: \${answer##*$'\\n'}")
elif [ -n "$answer" ]; then
  while IFS= read -r line; do say "$line"; done <<<"$answer"
fi
[ "\${#faults[@]}" -eq 0 ] ||
  end ${provisionExit.failed} "\${faults[@]}" 'the roles are not as they should be; docs/database.md says what to do'
`;
}

/** Options of every session of a run (libpq, PGOPTIONS). */
function sessionSettings({ replication }: DatabaseModel): string {
  const settings = {
    role: 'none',
    default_transaction_read_only: 'off',
    standard_conforming_strings: 'on',
    quote_all_identifiers: 'off',
    search_path: 'pg_catalog',
    client_min_messages: 'warning',
    jit: 'off',
    lock_timeout: '5s',
    statement_timeout: '120s',
    idle_session_timeout: '0',
    idle_in_transaction_session_timeout: '0',
    ...(replication ? { synchronous_commit: 'local' } : {}),
  };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}

/** The settings of each optional role and its database. */
function optionalGroups({ roles, databases }: DatabaseModel): string[][] {
  return roles
    .filter(({ optional }) => optional)
    .map(({ key, logins }) => [
      ...new Set([
        ...logins.flatMap(({ user, password }) => [user, password]),
        ...databases.filter(({ owner }) => owner === key).map(({ name }) => name),
      ]),
    ]);
}

/** One line for each login role, with the database that it is for. */
function loginLines({ roles, databases }: DatabaseModel): string[] {
  return roles.flatMap(({ key, logins, optional }) =>
    databases
      .filter(({ owner, access }) => owner === key || key in access)
      .flatMap(({ name }) =>
        logins.map(({ user, suffix = '', password }) => {
          const line = `login ${key} "\${${user}}${suffix}" "$${password}" "$${name}"`;
          return optional ? `[ -z "\${${user}:-}" ] || ${line}` : line;
        }),
      ),
  );
}
