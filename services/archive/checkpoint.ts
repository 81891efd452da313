import { generatedBy } from '../defaults';
import { stanza } from './bucket';
import {
  checkpointApplication,
  checkpointBytes,
  checkpointHead,
  checkpointWait,
  countRows,
} from './checkpoint-sql';
import { giveWay, giveWayFile } from './give-way';

/** Where checkpoints are in the archive, each as `<label of the backup>.json`: lines of JSON, encrypted as all of the archive is. */
export const checkpointFolder = `checkpoint/${stanza}`;

/** Names of the files that a server's configuration folder has for it. */
export const checkpointFiles = {
  program: 'checkpoint.sh',
  count: 'count.sql',
  head: 'checkpoint.sql',
} as const;

/** Exit code of the program when it gave way to somebody who needed the tables, or the server went away: no fault, and to be tried later. */
export const checkpointGaveWay = 5;

/** How often it is tried to mark a moment, and seconds between tries. */
const attempts = { most: 40, pause: 3 };

/**
 * The program that records a checkpoint beside a backup: what a copy that was restored to the moments of the checkpoint must hold.
 *
 * It is put into the archive with `repo-put`, a command of pgBackRest 2.45 that its help does not list: it encrypts with the
 * archive's own passphrase, so nothing else has to be known where a checkpoint is read. A version of pgBackRest without it fails the tests of the image.
 */
const program = `#!/bin/sh
# ${generatedBy}
# checkpoint.sh LABEL: records what the databases hold, beside the backup of that label.
set -eu
export PGAPPNAME=${checkpointApplication}
label=$1
here=$(dirname "$0")
ask() {
  database=$1
  shift
  PGDATABASE=$database psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" "$@"
}

# One moment for each database: a snapshot is of one database alone. Writers of each wait ${checkpointWait} ms at most, at each try.
count() {
  try=1
  while :; do
    code=0
    ask "$1" --set=mark=on --set=most=${checkpointBytes} --set=point="$2-$try" --file="$here/${checkpointFiles.count}" >/tmp/counted 2>/tmp/uncounted || code=$?
    [ "$code" -ne 0 ] || break
    # 2: its connection was ended (psql, "Exit Status"). Tried again at once it would stand in the way of the same.
    if [ "$code" -eq 2 ]; then
      echo "the count of the database $1 was ended: $(head -n 1 /tmp/uncounted)" >&2
      exit ${checkpointGaveWay}
    fi
    if [ "$try" -ge ${attempts.most} ]; then
      echo "the database $1 has no moment without writers: $(tail -n 1 /tmp/uncounted)" >&2
      exit 1
    fi
    try=$((try + 1))
    sleep ${attempts.pause}
  done
  cat /tmp/counted
}

# A deploy ends the count before it migrates; whoever else needs a table that is being read has it after seconds, too.
PGAPPNAME=${checkpointApplication}-gives-way psql --no-psqlrc --quiet --username="$POSTGRES_USER" --dbname=postgres \\
  --file="$here/${giveWayFile}" >/dev/null 2>&1 &
watching=$!
trap 'kill "$watching" 2>/dev/null || :' EXIT
trap 'exit 1' TERM INT HUP

ask postgres --set=backup="$label" --file="$here/${checkpointFiles.head}" >/tmp/checkpoint
ask postgres --command='SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY oid' >/tmp/databases
time=$(date -u +%Y%m%dT%H%M%SZ)
number=1
while IFS= read -r database; do
  count "$database" "checkpoint-$time-$number" >>/tmp/checkpoint </dev/null
  number=$((number + 1))
done </tmp/databases
printf '{"kind":"end"}\\n' >>/tmp/checkpoint
# The moments are in the archive as soon as this piece of the log is.
ask postgres --command='SELECT pg_switch_wal()' >/dev/null
pgbackrest repo-put "${checkpointFolder}/$label.json" </tmp/checkpoint
`;

/** The files of it, for the folder that the container which makes backups mounts. */
export const checkpointConfig = [
  { path: checkpointFiles.program, content: program, mode: 0o755 },
  { path: checkpointFiles.count, content: countRows },
  { path: checkpointFiles.head, content: checkpointHead },
  { path: giveWayFile, content: giveWay(checkpointApplication) },
] as const;
