#!/usr/bin/env bash
# Starts PostgreSQL, and first makes the database cluster when the data directory is empty. It keeps the contract of the
# official image's entrypoint of the same name: the same variables, paths, users and refusals.
set -Eeuo pipefail

fail() {
  printf 'Error: %s\n' "$1" >&2
  shift
  (($# == 0)) || printf '       %s\n' "$@" >&2
  exit 1
}

# A setting comes from the variable itself or from the file that <name>_FILE names, never from both.
setting() {
  local name=$1 default=${2-} file_name="$1_FILE"
  local value=${!name-} file=${!file_name-}
  [[ -z $value || -z $file ]] || fail "both $name and $file_name are set (but are exclusive)"
  if [[ -n $file ]]; then
    [[ -r $file ]] || fail "$file_name names a file that cannot be read: $file"
    value=$(<"$file")
  fi
  declare -gx "$name=${value:-$default}"
  unset "$file_name"
}

# True for options that make postgres print something and end.
only_prints() {
  local argument
  for argument in "$@"; do
    case $argument in
      '-?' | --help | --describe-config | -V | --version) return 0 ;;
    esac
  done
  return 1
}

make_directories() {
  mkdir -p "$PGDATA"
  # Failing is no fault where the directory is another user's and good enough already.
  chmod 0700 "$PGDATA" || true
  mkdir -p /var/run/postgresql || true
  chmod 3775 /var/run/postgresql 2>/dev/null || true
  if [[ -n ${POSTGRES_INITDB_WALDIR-} ]]; then
    mkdir -p "$POSTGRES_INITDB_WALDIR"
    chmod 0700 "$POSTGRES_INITDB_WALDIR"
  fi
  if (($(id -u) == 0)); then
    find "$PGDATA" /var/run/postgresql ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"} \
      ! -user postgres -exec chown postgres '{}' +
  fi
}

require_password() {
  if [[ $POSTGRES_HOST_AUTH_METHOD == trust ]]; then
    echo 'WARNING: POSTGRES_HOST_AUTH_METHOD is "trust": anyone who reaches the port is let in without a password' >&2
  elif [[ -z $POSTGRES_PASSWORD ]]; then
    fail 'Database is uninitialized and superuser password is not specified.' \
      'Set POSTGRES_PASSWORD (or POSTGRES_PASSWORD_FILE) to a non-empty value.'
  fi
}

make_cluster() {
  local -a options=() extra=()
  if [[ -n ${POSTGRES_INITDB_WALDIR-} ]]; then options+=(--waldir "$POSTGRES_INITDB_WALDIR"); fi
  # As a shell would split them: that is how the official image takes them.
  if [[ -n $POSTGRES_INITDB_ARGS ]]; then eval "extra=($POSTGRES_INITDB_ARGS)"; fi

  # initdb wants its user to have a name, also where the container was started with a number that has none.
  local names=''
  if ! getent passwd "$(id -u)" >/dev/null; then
    names=$(mktemp -d)
    printf 'postgres:x:%s:%s::%s:/bin/false\n' "$(id -u)" "$(id -g)" "$PGDATA" >"$names/passwd"
    printf 'postgres:x:%s:\n' "$(id -g)" >"$names/group"
  fi
  env ${names:+LD_PRELOAD=libnss_wrapper.so NSS_WRAPPER_PASSWD="$names/passwd" NSS_WRAPPER_GROUP="$names/group"} \
    initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") "${extra[@]}" "${options[@]}"
  if [[ -n $names ]]; then rm -r "$names"; fi
}

# How clients on the network log in: the configured password encryption, unless another method is asked for.
allow_network_clients() {
  local method=$POSTGRES_HOST_AUTH_METHOD
  [[ -n $method ]] || method=$(postgres -C password_encryption "$@")
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
}

# Runs SQL as the superuser through the socket: a file with -f, or standard input.
docker_process_sql() {
  env -u PGHOST -u PGHOSTADDR \
    psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --no-password --no-psqlrc --dbname "$POSTGRES_DB" "$@"
}

make_database() {
  # The database named last is the one that psql connects to.
  local -a in_postgres=(docker_process_sql --dbname postgres --set "db=$POSTGRES_DB" --tuples-only)
  local there
  there=$("${in_postgres[@]}" <<<"SELECT 1 FROM pg_database WHERE datname = :'db';")
  [[ -n $there ]] || "${in_postgres[@]}" <<<'CREATE DATABASE :"db";'
}

run_init_files() {
  local file
  # Sourced scripts may use it by this name.
  # shellcheck disable=SC2034
  local -a psql=(docker_process_sql)
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh)
        if [[ -x $file ]]; then
          echo "$0: running $file"
          "$file"
        else
          echo "$0: sourcing $file"
          # shellcheck disable=SC1090
          . "$file"
        fi
        ;;
      *.sql) echo "$0: running $file" && docker_process_sql -f "$file" ;;
      *.sql.gz) echo "$0: running $file" && gunzip -c "$file" | docker_process_sql ;;
      *.sql.xz) echo "$0: running $file" && xzcat "$file" | docker_process_sql ;;
      *.sql.zst) echo "$0: running $file" && zstd -dc "$file" | docker_process_sql ;;
      '/docker-entrypoint-initdb.d/*') ;;
      *) echo "$0: ignoring $file" ;;
    esac
  done
}

# From an empty data directory to a cluster with its database, through a server that listens on its socket only: no
# client can come in before everything is there.
initialise() {
  require_password
  ls /docker-entrypoint-initdb.d >/dev/null
  make_cluster
  allow_network_clients "$@"
  export PGPASSWORD=${PGPASSWORD:-$POSTGRES_PASSWORD}
  PGUSER=${PGUSER:-$POSTGRES_USER} NOTIFY_SOCKET='' \
    pg_ctl -D "$PGDATA" -w start -o "$(printf '%q ' "$@" -c listen_addresses= -p "${PGPORT:-5432}")"
  make_database
  run_init_files
  PGUSER=${PGUSER:-postgres} pg_ctl -D "$PGDATA" -m fast -w stop
  unset PGPASSWORD
  printf '\nPostgreSQL init process complete; ready for start up.\n\n'
}

main() {
  if [[ ${1-} == -* ]]; then set -- postgres "$@"; fi
  if [[ ${1-} == postgres ]] && ! only_prints "$@"; then
    setting POSTGRES_PASSWORD
    setting POSTGRES_USER postgres
    setting POSTGRES_DB "$POSTGRES_USER"
    setting POSTGRES_INITDB_ARGS
    POSTGRES_HOST_AUTH_METHOD=${POSTGRES_HOST_AUTH_METHOD-}
    make_directories
    # Once more, as postgres: what the files named held is in the environment now, since they may be root's alone.
    if (($(id -u) == 0)); then
      exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
    fi
    if [[ -s $PGDATA/PG_VERSION ]]; then
      printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
    else
      initialise "${@:2}"
    fi
  fi
  exec "$@"
}

main "$@"
