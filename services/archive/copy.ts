import { generatedBy } from '../defaults';
import { checkpointFolder } from './checkpoint';
import { countRows } from './checkpoint-sql';

/** Where a copy of the database is put together, in whatever container works on it; `data` in it becomes the server's folder. */
export const copyFolder = '/copy';

/** Names in {@link copyFolder}. */
export const copyFiles = {
  program: 'copy.sh',
  count: 'count.sql',
  checkpoint: 'checkpoint.json',
  server: 'postgresql.conf',
  data: 'data',
  /** Log that a receiver has and the archive does not. */
  received: 'received',
  /** Names of the pieces of log that the server was given since it was started. */
  given: 'given',
} as const;

/** Exit code when the copy does not hold what was recorded. */
const copyDiffers = 9;

/** What a server holds, and whether it archives: SQL that prints one line of JSON. */
export const newestQuestion = `SELECT json_build_object('kind', 'newest', 'lastCommit', to_char(pg_last_xact_replay_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
  'bytes', (SELECT sum(pg_database_size(oid))::text FROM pg_database), 'postgres', current_setting('server_version'),
  'databases', (SELECT count(*)::int FROM pg_database WHERE datallowconn AND NOT datistemplate), 'archiving', current_setting('archive_mode'));`;

/**
 * Which migrations a database has: psql's own words and SQL that print one line of JSON. Of the two tables of migrations that are known here,
 * each has the SHA-256 of a file's text.
 */
export const migrationsQuestion = `SELECT to_regclass('public.schema_migrations') IS NOT NULL AS plain, to_regclass('drizzle.__drizzle_migrations') IS NOT NULL AS drizzle \\gset
\\if :plain
SELECT json_build_object('kind', 'migrations', 'table', 'schema_migrations', 'hashes', (SELECT coalesce(json_agg(checksum ORDER BY checksum), '[]') FROM public.schema_migrations));
\\elif :drizzle
SELECT json_build_object('kind', 'migrations', 'table', 'drizzle.__drizzle_migrations', 'hashes', (SELECT coalesce(json_agg(hash ORDER BY hash), '[]') FROM drizzle.__drizzle_migrations));
\\else
SELECT json_build_object('kind', 'migrations', 'table', NULL, 'hashes', json_build_array());
\\endif`;

/**
 * The program that makes a copy of the database from its archive, brings it to moments of the log, and compares it with what was recorded.
 *
 * What it answers the server for a piece of the log is 0, 1 where nobody has it, or 255: a server takes up to 125 for the end of the log, and is FATAL
 * beyond that (PostgreSQL documentation, 20.5.4 "Archive Recovery", `restore_command`; `RestoreArchivedFile` in its xlogarchive.c).
 *
 * A copy must never write into the archive that it comes from, nor talk to anybody: its server has no address, archives nothing, and
 * obeys the process that started it alone. Where the container has no key of the archive (and no network), it asks for log through a folder, and
 * `serve` in another container, which has both, answers.
 *
 *     restore LABEL | recorded LABEL | serve            with the archive's key
 *     receive SEGMENT[.partial]                         a further part of a piece of log that the archive does not have, from standard input
 *     at KIND TARGET TIMELINE ACTION [SEGMENT [SINCE]]  starts the server, which goes to a moment (name, time, immediate: the end of the backup, or end) and pauses or promotes;
 *                                                       with the last piece of log that leads to a moment in time, its end is that moment where no later commit is in it:
 *                                                       with SINCE only where its last commit or checkpoint is not before that, since commits may be missing otherwise;
 *                                                       prints the piece whose end it is
 *     came SEGMENT                                      whether the server, which has come to the end of the log, was given that piece of it
 *     same NUMBER DATABASE MOST                         compares the rows of a database with the NUMBERth of the checkpoint
 *     newest | migrations DATABASE | ask DATABASE       what the copy holds; ask reads its SQL from standard input
 *     stop | finish                                     finish: the copy, promoted before, is left as a server that goes on from it finds it
 */
export const copyProgram = `#!/bin/sh
# ${generatedBy}
set -eu
cd ${copyFolder}
data=${copyFolder}/${copyFiles.data}

# How this ends when PostgreSQL asks it for a piece of the log: it takes every code up to 125 for "there is none", ends its recovery
# there and serves. So that is said where nobody has the piece, and 255, at which the server stops, whatever else goes wrong.
answering() {
  answer=255
  trap 'exit "$answer"' EXIT
}

# Asks the other container, which has the key of the archive, for a piece of the log.
request() {
  answering
  : >"mail/want/$1"
  tries=0
  until [ -e "mail/have/$1" ] || [ -e "mail/lack/$1" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 3000 ] || { echo "ERROR: nobody brought $1 from the archive" >&2; exit; }
    sleep 0.02
  done
  rm -f "mail/want/$1"
  if [ -e "mail/lack/$1" ]; then
    rm -f "mail/lack/$1"
    answer=1
  else
    mv "mail/have/$1" "$2"
    echo "$1" >>${copyFiles.given}
    answer=0
  fi
}

# 1: there is none. Anything else is no answer, and must not be taken for the end of the log.
bring() {
  code=0
  pgbackrest --pg1-path="$data" archive-get "$1" "${copyFolder}/mail/coming" || code=$?
  case $code in
    0) mv mail/coming "mail/have/$1" ;;
    1) : >"mail/lack/$1" ;;
    *) sleep 1 ;;
  esac
}

serve() {
  while :; do
    for want in mail/want/*; do
      name=\${want##*/}
      [ "$name" != '*' ] || continue
      [ -e "mail/have/$name" ] || [ -e "mail/lack/$name" ] || bring "$name"
    done
    sleep 0.02
  done
}

restore() {
  rm -rf "$data"
  mkdir -m 0700 "$data"
  pgbackrest --pg1-path="$data" --set="$1" --type=default \\
    --recovery-option='restore_command=pgbackrest archive-get %f "%p"' --log-level-console=info restore >&2
  # That the server was archived from there is no reason to archive from here.
  rm -rf "$data"/pg_wal/archive_status/*
}

# A part of a piece that a receiver has: packed, as text.
receive() {
  mkdir -p ${copyFiles.received}
  base64 --decode | gzip --decompress >>"${copyFiles.received}/$1"
}

# pgBackRest ends with 1 where the archive has no such piece, and with 25 to 125 where it could not look, or the piece is spoilt. One that was received to its
# end is the same piece, in both cases; one that was not has less than the archive may have, and is taken where that has none.
get() {
  answering
  code=0
  pgbackrest --pg1-path="$data" archive-get "$1" "$2" || code=$?
  if [ "$code" -ne 0 ]; then
    if [ -e "${copyFiles.received}/$1" ]; then
      cp "${copyFiles.received}/$1" "$2"
    elif [ "$code" -ne 1 ]; then
      echo "ERROR: the archive does not say whether it has $1: pgBackRest ended with $code" >&2
      exit
    elif [ -e "${copyFiles.received}/$1.partial" ]; then
      cp "${copyFiles.received}/$1.partial" "$2"
    else
      answer=1
      exit
    fi
  fi
  echo "$1" >>${copyFiles.given}
  answer=0
}

recorded() {
  PGBACKREST_CIPHER_PASS=$PGBACKREST_REPO1_CIPHER_PASS pgbackrest --log-level-console=off repo-get "${checkpointFolder}/$1.json" >${copyFiles.checkpoint}
}

sql() { PGDATABASE=$1 psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --host=${copyFolder}/socket "--username=$administrator"; }
administrator=\${POSTGRES_USER:-postgres}

# How PostgreSQL ends when no later commit than the moment is in the log (documentation, 20.5.5 "Recovery Target").
unreached='FATAL: *recovery ended before configured recovery target was reached'

# When the last checkpoint was made in the log that ends with a piece: log without a commit has those. A server that was brought to the last record of it and is ended
# notes from which it would begin again.
checkpointed() {
  rm -rf last
  mkdir last
  /bin/sh ${copyFiles.program} "$(asking)" "$1" "${copyFolder}/last/$1" >&2
  record=$(pg_waldump "last/$1" 2>/dev/null | sed -n 's|.*, lsn: \\([0-9A-F/]*\\),.*|\\1|p' | tail -n 1)
  rm -rf last
  [ -n "$record" ] || return 0
  at lsn "$record" "$2" pause >&2
  stop
  TZ=UTC LC_ALL=C pg_controldata "$data" | sed -n 's/^Time of latest checkpoint: *//p'
}

# Whether the end of the log is the moment: not where what it has last is before SINCE, since log with later commits may never have come.
is_end() {
  earliest=$(milliseconds "$since")
  committed=$(sed -n 's/.*last completed transaction was at log time //p' log | tail -n 1)
  [ -z "$committed" ] || [ "$(milliseconds "$committed")" -lt "$earliest" ] || return 0
  made=$(checkpointed "$all" "$timeline")
  [ -z "$made" ] || [ "$(milliseconds "$made")" -lt "$earliest" ] || return 0
  named=newest
  if [ -n "$committed" ]; then
    # A target has no more than thousandths of a second, and one before the commit itself would leave it out.
    next=$(($(milliseconds "$committed") + 1))
    named=$(date --utc --date="@$((next / 1000)).$(printf %03d $((next % 1000)))" +%FT%T.%3NZ)
  fi
  echo "the last transaction in the log up to $all was completed \${committed:+at }\${committed:-before the backup}, and whether others were before $target is not known: later log may be on its way, or lost. All that there is: --to $named" >&2
  exit 1
}

milliseconds() { date --utc --date="$1" +%s%3N; }

# Which word of this program has a piece of the log: only with the key of the archive can it be asked.
asking() { if [ -n "\${PGBACKREST_REPO1_S3_KEY:-}" ]; then echo get; else echo request; fi; }

at() {
  kind=$1
  target=$2
  timeline=$3
  action=$4
  last=\${5-}
  since=\${6-}
  stop
  mkdir -p socket
  : >${copyFiles.given}
  echo 'local all all trust' >hba.conf
  : >ident.conf
  from="/bin/sh ${copyFolder}/${copyFiles.program} $(asking) %f \\"$data/%p\\""
  set -- -c "config_file=${copyFolder}/${copyFiles.server}" -c "hba_file=${copyFolder}/hba.conf" -c "ident_file=${copyFolder}/ident.conf" \\
    -c "unix_socket_directories=${copyFolder}/socket" -c listen_addresses= -c archive_mode=off -c primary_conninfo= -c synchronous_standby_names= \\
    -c lc_messages=C -c autovacuum=off -c shared_buffers=64MB -c "restore_command=$from" -c "recovery_target_timeline=$timeline" -c "recovery_target_action=$action" -c shared_preload_libraries=
  case $kind in
    name) set -- "$@" -c "recovery_target_name=$target" ;;
    time) set -- "$@" -c "recovery_target_time=$target" ;;
    lsn) set -- "$@" -c "recovery_target_lsn=$target" ;;
    immediate) set -- "$@" -c recovery_target=immediate ;;
  esac
  postgres -D "$data" "$@" >log 2>&1 &
  server=$!
  while kill -0 "$server" 2>/dev/null; do
    state=$(echo "SELECT CASE WHEN pg_is_in_recovery() THEN pg_get_wal_replay_pause_state() ELSE 'promoted' END" | sql postgres 2>/dev/null || :)
    case $action:$state in
      pause:paused | promote:promoted) return 0 ;;
    esac
    sleep 0.1
  done
  # Where it was given all the log that leads there, the last commit before that moment is the last of all.
  if [ "$kind" = time ] && [ -n "$last" ] && grep -q "$unreached" log; then
    all=$last
    came "$all"
    [ -z "$since" ] || is_end
    echo "no commit after $target is in the log up to $all: its end is that moment" >&2
    at end '' "$timeline" "$action"
    came "$all"
    printf '{"kind":"end","segment":"%s"}\\n' "$all"
    return 0
  fi
  echo "the copy did not get to $kind $target on timeline $timeline:" >&2
  grep -E 'FATAL|PANIC|ERROR|last completed transaction' log >&2 || tail -n 20 log >&2
  exit 1
}

# The server takes what it cannot read for the end of the log as well, and then does not ask for the next piece.
came() {
  grep -qx "$1" ${copyFiles.given} && return 0
  echo "the copy ended before $1, which is there: its log cannot be read that far" >&2
  grep -E 'invalid|incorrect|unexpected|record|last completed transaction' log >&2 || tail -n 20 log >&2
  exit 1
}

stop() {
  [ ! -e "$data/postmaster.pid" ] || pg_ctl --pgdata="$data" --mode=fast --wait --timeout=120 stop >/dev/null 2>&1 || rm -f "$data/postmaster.pid"
}

# The copy has sent nothing to the archive: what says where its timeline begins is left for the server that goes on from it.
finish() {
  stop
  state=$(LC_ALL=C pg_controldata "$data" | sed -n 's/^Database cluster state: *//p')
  [ "$state" = 'shut down' ] || { echo "the copy is '$state', and no database of its own" >&2; exit 1; }
  for history in "$data"/pg_wal/*.history; do
    status=$data/pg_wal/archive_status/\${history##*/}
    [ ! -e "$history" ] || [ -e "$status.done" ] || : >"$status.ready"
  done
  sync
}

# Every line is what the same query printed when the checkpoint was recorded, so the text is compared.
same() {
  awk -v number="$1" '/^[{]"kind" : "database"/ { at++ } at == number && /^[{]"kind" : "table"/' ${copyFiles.checkpoint} >expected
  { printf '\\\\set mark off\\n\\\\set most %s\\n' "$3"; cat ${copyFiles.count}; } | sql "$2" >found
  awk -v number="$1" '
    { cut = index($0, ", \\"rows\\" : "); key = substr($0, 20, cut - 20); value = substr($0, cut) }
    FILENAME == "expected" { expected[key] = value; next }
    { found[key] = value }
    END {
      for (key in expected) {
        tables++
        if (expected[key] ~ /"rows" : null/) { unread++; continue }
        split(expected[key], part, /[:,]/)
        rows += part[3]
        if (!(key in found)) { print key " is not there" >"/dev/stderr"; wrong++ }
        else if (found[key] != expected[key]) { print key ": recorded" expected[key] ", found" found[key] >"/dev/stderr"; wrong++ }
      }
      for (key in found) if (!(key in expected)) { print key " was not there when the checkpoint was recorded" >"/dev/stderr"; wrong++ }
      printf "{\\"kind\\":\\"compared\\",\\"number\\":%d,\\"tables\\":%d,\\"rows\\":%d,\\"unread\\":%d,\\"wrong\\":%d}\\n", number, tables, rows, unread, wrong
      if (wrong) exit ${copyDiffers}
    }' expected found
}

newest() {
  sql postgres <<'SQL'
${newestQuestion}
SQL
}

migrations() {
  sql "$1" <<'SQL'
${migrationsQuestion}
SQL
}

case \${1-} in
  restore | recorded | receive | serve | request | get | at | came | same | newest | migrations | stop | finish)
    "$@"
    ;;
  ask) { echo 'SET default_transaction_read_only = on;'; cat; } | sql "$2" ;;
  *)
    echo "usage: $0 restore | recorded | receive | serve | at | came | same | newest | migrations | ask | stop | finish" >&2
    exit 2
    ;;
esac
`;

/** The files that {@link copyProgram} works with, for {@link copyFolder}. */
export const copyContents = [
  { path: copyFiles.program, content: copyProgram, mode: 0o755 },
  { path: copyFiles.count, content: countRows, mode: 0o644 },
] as const;
