import { complaining } from './complaining';
import { generatedBy } from '../defaults';
import { policyOf, type Archive } from './archive';
import { backlogCheck } from './backlog';
import { startCheck } from '../settings/start-check';
import { checkpointFiles, checkpointFolder, checkpointGaveWay } from './checkpoint';
import { damagedLog, listLogAnew, listLogProgram } from './log-list';
import { backupSettings } from './service';

/** Annotation of a backup that was read back and found whole, with the time of it. */
export const readBackAnnotation = 'read-back';

/** Exit code of a run that finds another one under way. */
export const backupUnderWay = 4;

/** Where the program says why the last backup was no success, and the last look; no such file: it was one. */
const failedFile = '/tmp/failed';
const unwellFile = '/tmp/unwell';

/** There, and young: a checkpoint gave way to somebody, and is tried again when it is minutes old. */
const gaveWayFile = '/tmp/gave-way';
const gaveWayFor = 10;

/** Full backups within an hour from which on a gap is no reason for another one. */
const mostForGaps = 3;

/** Seconds between two looks at what is due, and after one that failed. */
const pause = { usual: 300, failed: 30 };

/** Seconds between two looks whether the server has started anew: no more than the least {@link Archive.timeout}, so that it is kept from the start on. */
const startLook = 5;

/**
 * The program of the container that makes backups: `schedule` for as long as the container runs, `run TYPE` for a backup at
 * once, `due` to say which one it would make now, `read-back` to read
 * everything back, `healthy` for the health check.
 *
 * A backup counts only when it was read back: `verify` reads every file of the archive and compares checksums, and what it
 * finds whole gets an annotation in the archive itself, so that it is known wherever the archive is read. `verify` ends
 * with 0 whatever it finds, and does not see log that never arrived: gaps are looked for here, and closed by a full backup.
 */
export function backupScript(archive: Archive): string {
  const { fullDays, hours } = policyOf(archive);
  return `#!/bin/sh
# ${generatedBy}
set -eu

${complaining(failedFile)}

${startCheck('backup', backupSettings)}

ask() {
  psql --no-psqlrc --quiet --tuples-only --no-align --field-separator=' ' --set=ON_ERROR_STOP=1 \\
    --username="$POSTGRES_USER" --dbname=postgres
}

# Which log the archive has, as runs without a break.
list_log() (
  ${listLogProgram}
)

# The first gap after a segment: the last one before it, and the first one after it. What the server still waits to send is no gap,
# nor is what it has begun since it was asked.
gap_after() {
  ask >/tmp/waiting <<'SQL'
SELECT pg_walfile_name(pg_current_wal_lsn());
SELECT left(name, 24) FROM pg_ls_archive_statusdir() WHERE name ~ '^[0-9A-F]{24}\\.ready$';
SQL
  list_log >/tmp/runs
  awk -v from="$1" '
    function number(name,   text, at, value) {
      text = substr(name, 9, 8) substr(name, 23, 2)
      for (at = 1; at <= length(text); at++) value = value * 16 + index("0123456789ABCDEF", substr(text, at, 1)) - 1
      return value
    }
    BEGIN { before = from; last = number(from) - 1 }
    FILENAME == ARGV[1] { if (FNR == 1) limit = $1; else waiting[$1] = 1; next }
    $2 == "" || $2 < from || $1 >= limit { next }
    {
      for (missing = last + 1; missing < number($1); missing++) {
        name = sprintf("%s%08X%08X", substr($1, 1, 8), missing / 256, missing % 256)
        if (!(name in waiting)) { print before, $1; exit }
      }
      before = $2
      last = number($2)
    }' /tmp/waiting /tmp/runs
}

# What is due now: full, incr, or nothing.
due() {
  pgbackrest --output=json info >/tmp/info.json
  ask >/tmp/due <<'SQL'
\\set info \`cat /tmp/info.json\`
WITH backup AS (
  SELECT one->>'type' AS type, one#>>'{archive,start}' AS start, to_timestamp((one#>>'{timestamp,stop}')::bigint) AS at
  FROM json_array_elements(:'info'::json->0->'backup') AS one
  -- One that was not read back does not count; that it is not whole must not lead to one backup after the other.
  WHERE one->'annotation'->>'${readBackAnnotation}' IS NOT NULL
    OR to_timestamp((one#>>'{timestamp,stop}')::bigint) > now() - interval '1 hour'
)
SELECT CASE
    WHEN coalesce(max(at) FILTER (WHERE type = 'full'), 'epoch') < now() - interval '${fullDays} days' THEN 'full'
    -- An earlier moment was restored: what came after it leads to no present. Who restores makes one, within this time.
    WHEN count(*) FILTER (WHERE left(start, 8) = left(pg_walfile_name(pg_current_wal_lsn()), 8)) = 0
      AND pg_postmaster_start_time() < now() - interval '10 minutes' THEN 'full'
    WHEN max(at) < now() - interval '${hours} hours' THEN 'incr'
    ELSE 'none'
  END,
  count(*) FILTER (WHERE type = 'full' AND at > now() - interval '1 hour'),
  (SELECT start FROM backup WHERE type = 'full' ORDER BY at DESC LIMIT 1)
FROM backup;
SQL
  read -r type lately start </tmp/due
  if [ "$type" != full ]; then
    gap=$(gap_after "$start")
    # A storage that spoils what it is given would be filled with one full backup after the other.
    if [ -n "$gap" ] && [ "$lately" -lt ${mostForGaps} ]; then
      say "the archive has a gap between \${gap% *} and \${gap#* }: a full backup closes it"
      type=full
    fi
  fi
  printf '%s\\n' "$type"
}

# Segments that were read back and are not whole, into the archive itself: whoever reads it knows of them, also when this host is lost.
tell_damaged() {
  pgbackrest repo-ls ${damagedLog.folder} >/tmp/names
  : >/tmp/told
  if grep -qx ${damagedLog.file} /tmp/names; then
    PGBACKREST_CIPHER_PASS=$PGBACKREST_REPO1_CIPHER_PASS pgbackrest repo-get ${damagedLog.folder}/${damagedLog.file} >/tmp/told
  elif [ ! -s /tmp/damaged ]; then
    return
  fi
  { echo '# segments that were read back and are not whole'; cat /tmp/damaged; } >/tmp/telling
  cmp -s /tmp/told /tmp/telling || pgbackrest repo-put ${damagedLog.folder}/${damagedLog.file} </tmp/telling
}

# Reads everything back. What is whole is annotated with the time, what is not loses that.
read_back() {
  pgbackrest --output=text --verbose --log-level-stderr=detail verify >/tmp/verified 2>/tmp/verifying || {
    code=$?
    tail -n 5 /tmp/verifying >&2
    return "$code"
  }
  sed -n 's|^.* invalid [a-z]* .*/\\([0-9A-F]\\{24\\}\\)-[0-9a-f]\\{40\\}.*$|\\1|p' /tmp/verifying | sort -u >/tmp/damaged
  tell_damaged
  list_log ${listLogAnew} >/tmp/runs
  pgbackrest --output=json info >/tmp/info.json
  ask >/tmp/labels <<'SQL'
\\set info \`cat /tmp/info.json\`
SELECT one->>'label', coalesce(one->'annotation'->>'${readBackAnnotation}', 'never'), one->>'type', one#>>'{archive,start}'
FROM json_array_elements(:'info'::json->0->'backup') AS one;
SQL
  rm -f ${failedFile}
  from=
  while read -r label before type start; do
    if grep -q "^ *backup: $label, status: valid," /tmp/verified; then
      [ "$type" != full ] || from=$(printf '%s\\n%s\\n' "$from" "$start" | LC_ALL=C sort | tail -n 1)
      [ "$before" = never ] || continue
      pgbackrest --set="$label" --annotation="${readBackAnnotation}=$(date -u +%Y-%m-%dT%H:%M:%SZ)" annotate
      say "the backup $label was read back and is whole"
    else
      [ "$before" = never ] || pgbackrest --set="$label" --annotation='${readBackAnnotation}=' annotate
      found=$(grep "^ *backup: $label," /tmp/verified || echo 'it was not found')
      complain ${failedFile} "the backup $label was read back and is not whole: $found"
    fi
  done </tmp/labels
  damaged=$(awk '/^ *archiveId:/ { inside = 1; next } /^ *backup:/ { inside = 0 }
    inside && !/checksum invalid: 0, size invalid: 0, other: 0/ { print; exit }' /tmp/verified)
  # A full backup that was begun behind it needs none of it.
  if [ -s /tmp/damaged ]; then damaged=$(awk -v from="$from" '$1 >= from' /tmp/damaged | tr '\\n' ' '); fi
  [ -z "$damaged" ] || fail "log in the archive is damaged, and what comes behind it cannot be restored until a full backup is made: $damaged"
  [ ! -e ${failedFile} ]
}

# One at a time, for this many seconds waited for: all of them keep what they were told in the same files.
alone() {
  exec 9>/tmp/alone
  flock --timeout "$1" 9 || {
    say 'another backup is under way'
    exit ${backupUnderWay}
  }
}

# Where the newest backup is of a moment that has not come yet: the clock ran ahead when it was made, and was put right. pgBackRest makes none
# that is not younger than it.
ran_ahead() {
  pgbackrest --output=json info >/tmp/info.json && ask <<'SQL'
\\set info \`cat /tmp/info.json\`
SELECT format('; the clock of this host ran ahead when the newest backup, %s, was made, and none can be made before %s UTC: wait until then, log is archived meanwhile',
  one->>'label', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'))
FROM json_array_elements(:'info'::json->0->'backup') AS listed(one), to_timestamp((one#>>'{timestamp,stop}')::bigint) AS stop(at)
WHERE at > now() ORDER BY at DESC LIMIT 1;
SQL
}

run() {
  code=0
  pgbackrest --type="$1" --no-expire-auto --log-level-console=info backup >&2 || code=$?
  # 50: pgBackRest's lock is held (its source, build/error/error.yaml, lock-acquire).
  if [ "$code" -eq 50 ]; then
    say 'another backup is under way'
    exit ${backupUnderWay}
  fi
  [ "$code" -eq 0 ] || fail "the backup failed: pgBackRest ended with $code$(ran_ahead)"
  read_back
  checkpoint
}

# What the newest backup that was read back must hold, where that is not recorded yet. Writers that leave no moment free, or a table
# that cannot be read, are no fault of the backup: it counts, and the next look tries again. One that gave way to a migration is not
# tried again in the middle of it.
checkpoint() {
  [ -z "$(find ${gaveWayFile} -mmin -${gaveWayFor} 2>/dev/null)" ] || return 0
  ask >/tmp/newest <<'SQL'
\\set info \`cat /tmp/info.json\`
SELECT one->>'label' FROM json_array_elements(:'info'::json->0->'backup') WITH ORDINALITY AS listed(one, at) ORDER BY at DESC LIMIT 1;
SQL
  read -r newest </tmp/newest || return 0
  pgbackrest repo-ls ${checkpointFolder} >/tmp/checkpoints
  ! grep -qxF "$newest.json" /tmp/checkpoints || return 0
  code=0
  problem=$(/bin/sh "$(dirname "$0")/${checkpointFiles.program}" "$newest" 2>&1) || code=$?
  if [ "$code" -eq ${checkpointGaveWay} ]; then
    touch ${gaveWayFile}
    say "what the backup $newest holds is recorded in ${gaveWayFor} minutes: $problem"
    return 0
  elif [ "$code" -ne 0 ]; then
    complain ${unwellFile} "what the backup $newest holds could not be recorded: $problem"
    exit 1
  fi
  say "what the backup $newest holds is recorded beside it"
}

${backlogCheck(archive, unwellFile)}

# What is to be done now is done.
look() {
  pgbackrest stanza-create
  due >/tmp/type
  read -r type </tmp/type
  if [ "$type" = none ]; then checkpoint; else run "$type"; fi
  check_backlog
}

# The server's checkpointer ends a piece of log when archive_timeout is over. PostgreSQL 15 and later start it before they recover, and until then
# it sleeps for checkpoint_timeout, five minutes, which nothing ends: what is committed after a crash or a reboot would wait that long on the host.
# A signal to read its configuration again is the least that wakes it. It is new also where the server itself goes on, behind a crash of one connection.
wake_checkpointer() {
  awake=
  while :; do
    started=$(ask 2>/dev/null <<'SQL'
SELECT backend_start FROM pg_stat_activity WHERE backend_type = 'checkpointer';
SQL
    ) || started=
    if [ -n "$started" ] && [ "$started" != "$awake" ] && echo 'SELECT pg_reload_conf();' | ask >/dev/null 2>&1; then
      awake=$started
      say 'the server has started; it was woken to keep to archive_timeout from now on'
    fi
    sleep ${startLook} || :
  done
}

# Each look is a process of its own, which ends at its first fault.
schedule() {
  trap 'exit 0' TERM INT
  waking=
  while :; do
    if [ -z "$waking" ] || ! kill -0 "$waking" 2>/dev/null; then
      wake_checkpointer &
      waking=$!
    fi
    rm -f ${unwellFile}
    code=0
    /bin/sh "$0" look || code=$?
    case $code in
      0) sleep ${pause.usual} & ;;
      # One that somebody has asked for: what is due is looked at again when it may have ended.
      ${backupUnderWay}) sleep ${pause.failed} & ;;
      *)
        [ -e ${failedFile} ] || [ -e ${unwellFile} ] || complain ${unwellFile} 'the archive or the database did not answer'
        sleep ${pause.failed} &
        ;;
    esac
    wait $! || :
  done
}

case \${1-} in
  schedule)
    told
    schedule
    ;;
  run)
    alone ${pause.failed}
    pgbackrest stanza-create
    # Whoever asks for a backup wants what it holds recorded, and goes on with a drill: it gives way once more where it must.
    rm -f ${gaveWayFile}
    run "$2"
    # Archive and database have answered: what an earlier look has said of them is over.
    rm -f ${unwellFile}
    (check_backlog) || :
    ;;
  due) due ;;
  look)
    alone 0
    look
    ;;
  read-back)
    alone ${pause.failed}
    read_back
    ;;
  healthy) ! cat ${failedFile} ${unwellFile} 2>/dev/null | grep . ;;
  *)
    echo "usage: $0 schedule | run full|diff|incr | due | look | read-back | healthy" >&2
    exit 2
    ;;
esac
`;
}
