import { complaining } from '../archive/complaining';
import { giveWayFile } from '../archive/give-way';
import { generatedBy } from '../defaults';
import { plainSetting, secretSetting } from '../settings/references';
import { startCheck } from '../settings/start-check';
import { hourOf, type Copies } from './copies';

/** Name under which the dumps are connected to the database: whoever must not wait for one ends it by that. */
export const copiesApplication = 'cogni-copies';

/** What the program is told by settings. It needs no passphrase: it sends and fetches what it does not know the meaning of. */
export const copiesSettings = {
  POSTGRES_USER: plainSetting('POSTGRES_ROOT_USER'),
  PGBACKREST_REPO1_S3_KEY: plainSetting('ARCHIVE_KEY'),
  PGBACKREST_REPO1_S3_KEY_SECRET: secretSetting('ARCHIVE_SECRET'),
};

/** What is written last, once everything else was read back: a copy without it does not count. */
export const sumsFile = 'SHA256SUMS';

/** Exit code of a run that finds another one under way. */
export const copyUnderWay = 4;

/** Folder of the records of the host by themselves, beside the copies; each deploy adds a folder to it. */
export const recordsFolder = 'records';

/** Seconds that a run waits for another one that sends the records. */
const recordsWait = 45;

/** Where the folders of the host are that are copied. */
export const sourceFolder = '/from';

const failedFile = '/tmp/failed';
const unwellFile = '/tmp/unwell';

/** Seconds between two looks; after one that failed it is longer, so that migrations never meet one dump after the other. */
const pause = { usual: 300, failed: 600 };

/** Seconds for one copy, whatever it waits for. */
const limit = 4 * 60 * 60;

/**
 * The program of the container that makes portable copies: `schedule` for as long as the container runs, `make` for a copy at
 * once, `records` for the records of the host alone, `healthy` for the health check.
 *
 * Everything streams: no clear text and no whole part is ever in a file. What is sent is the output of `age`, for recipients
 * whose private halves are elsewhere. A part that was sent is read back and compared with the checksum that was taken on
 * its way; the list of checksums comes last, and makes the copy count.
 *
 * @param folders names below {@link sourceFolder}
 */
export function copiesScript(copies: Copies, configFolder: string, folders: readonly string[]): string {
  return `#!/bin/sh
# ${generatedBy}
set -eu

work=/tmp/copy

${complaining(failedFile)}

${startCheck('copies', copiesSettings)}

# A part of a pipeline failed: its exit code is nobody's but its own.
broken() { printf '%s ' "$1" >>"$work/broken"; }

# take NAME PROGRAM...: what the program prints is encrypted, sent, and read back.
take() {
  name=$1.age
  shift
  rm -f "$work/pipe" "$work/broken"
  mkfifo -m 600 "$work/pipe"
  sha256sum <"$work/pipe" >"$work/sum" &
  summing=$!
  { "$@" || broken "$1"; } \\
    | { age --encrypt --recipients-file ${configFolder}/recipients.txt || broken age; } \\
    | { tee "$work/pipe" || broken tee; } \\
    | pgbackrest --raw repo-put "$copy/$name" || broken pgbackrest
  wait "$summing" || broken sha256sum
  [ ! -e "$work/broken" ] || fail "the copy failed at $name: $(cat "$work/broken")did not end well"
  sent=$(cut -c 1-64 "$work/sum")
  back=$(pgbackrest --raw repo-get "$copy/$name" | sha256sum | cut -c 1-64)
  [ "$sent" = "$back" ] || fail "the copy failed at $name: what was read back is not what was sent"
  printf '%s  %s\\n' "$sent" "$name" >>"$work/${sumsFile}"
}

# 1 is a file that changed while it was read (GNU tar, "Return Values"): the journal of the host is written at any time.
folder() {
  code=0
  tar --create --directory="${sourceFolder}/$1" --warning=no-file-changed . || code=$?
  [ "$code" -le 1 ]
}

# What makes a copy count: the list of checksums, sent last, and read back.
close() {
  pgbackrest --raw repo-put "$copy/${sumsFile}" <"$work/${sumsFile}" || fail 'the list of checksums was not taken'
  pgbackrest --raw repo-get "$copy/${sumsFile}" | cmp -s - "$work/${sumsFile}" || fail 'the list of checksums is not what was sent'
}

# The records of the host by themselves, after each deploy: what a rebuild deploys must not be as old as the last night. Each time in a folder of
# their own: a host that is lost while it sends them takes nothing from those before. That they cannot be sent is the caller's to say, and no copy
# that failed.
records() {
  fail() { say "$*"; exit 1; }
  exec 9>/tmp/records.lock
  flock --timeout ${recordsWait} 9 || fail 'the records are being sent by another run'
  work=/tmp/records
  copy=${recordsFolder}/$(date -u +%Y%m%d-%H%M%S)
  # Two within a second would share a folder.
  if [ "$copy" = "$(cat /tmp/records.last 2>/dev/null)" ]; then
    sleep 1
    copy=${recordsFolder}/$(date -u +%Y%m%d-%H%M%S)
  fi
  printf '%s' "$copy" >/tmp/records.last
  rm -rf "$work"
  mkdir -m 700 "$work"
  take host.tar folder host
  close
  say 'the records of the host were read back and are off it'
}

make() {
  exec 9>/tmp/lock
  if ! flock --nonblock 9; then
    say 'another copy is under way'
    exit ${copyUnderWay}
  fi
  copy=$(date -u +%Y%m%d-%H%M%S)
  rm -rf "$work"
  mkdir -m 700 "$work"
  # A deploy ends a dump before it migrates; this ends one that began meanwhile, for whoever waits for a table. It must not keep the lock of the run.
  PGAPPNAME=${copiesApplication}-gives-way psql --no-psqlrc --quiet --username="$POSTGRES_USER" --dbname=postgres \\
    --file=${configFolder}/${giveWayFile} >/dev/null 2>&1 9>&- &
  watching=$!
  trap 'kill "$watching" 2>/dev/null || :' EXIT
  trap 'exit 1' TERM INT HUP
  psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname=postgres \\
    --command='SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY 1' >"$work/databases" \\
    || fail 'the database did not say what there is'
  # Passwords are the settings', and each deploy puts them where they belong.
  take roles.sql pg_dumpall --globals-only --no-role-passwords --username="$POSTGRES_USER" --database=postgres
  while read -r database <&3; do
    case $database in
      *[!A-Za-z0-9_-]*) fail "the database $database cannot be copied: its name is no plain word" ;;
    esac
    take "$database.dump" pg_dump --format=custom --lock-wait-timeout=60s --username="$POSTGRES_USER" --dbname="$database"
  done 3<"$work/databases"
  for each in ${folders.join(' ')}; do
    take "$each.tar" folder "$each"
  done
  close
  rm -f ${failedFile}
  say "the copy $copy was read back and is whole"
}

# The newest copy that counts, against the last time that one was due.
is_due() {
  newest=$(sed -n 's|^\\([0-9]\\{8\\}\\)-\\([0-9]\\{6\\}\\)/${sumsFile}$|\\1\\2|p' /tmp/list | sort | tail -n 1)
  now=$(date -u +%s)
  since=$(((now - ${hourOf(copies) * 3600}) / 86400 * 86400 + ${hourOf(copies) * 3600}))
  [ "\${newest:-0}" -lt "$(date -u -d "@$since" +%Y%m%d%H%M%S)" ]
}

look() {
  # Apart from the question, in which a fault would pass for an answer.
  pgbackrest --recurse repo-ls >/tmp/list
  if is_due; then exec /bin/sh "$0" make; fi
}

# Each look is a process of its own, which ends at its first fault, and behind everything else that the machine does.
schedule() {
  trap 'exit 0' TERM INT
  while :; do
    rm -f ${unwellFile}
    code=0
    timeout --kill-after=30 ${limit} nice -n 19 /bin/sh "$0" look || code=$?
    case $code in
      0 | ${copyUnderWay}) sleep ${pause.usual} & ;;
      124 | 137)
        complain ${failedFile} 'the copy took longer than ${limit / 3600} hours, and was ended'
        sleep ${pause.failed} &
        ;;
      *)
        [ -e ${failedFile} ] || complain ${unwellFile} 'the archive did not answer'
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
  make) make ;;
  records) records ;;
  look) look ;;
  healthy) ! cat ${failedFile} ${unwellFile} 2>/dev/null | grep . ;;
  *)
    echo "usage: $0 schedule | make | records | look | healthy" >&2
    exit 2
    ;;
esac
`;
}

/** For `age --recipients-file`: one a line. */
export const recipientsFile = ({ recipients }: Copies): string =>
  `# ${generatedBy}\n${recipients.join('\n')}\n`;
