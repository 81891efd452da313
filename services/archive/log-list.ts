import { stanza } from './bucket';

/** What the last line of {@link listLogProgram} is: without it the list is not all of it. */
export const logListEnd = 'end';

/** Where the archive itself has the names of segments that were read back and are not whole, one a line; no such file: there are none. */
export const damagedLog = { folder: `damaged/${stanza}`, file: 'log' } as const;

/** What {@link listLogProgram} remembers from one list to the next, where it runs in a container that stays; in shell. */
const kept = '"${TMPDIR:-/tmp}/log-list"';

/** As its argument: nothing that it remembers counts. */
export const listLogAnew = 'anew';

/** So many folders are asked for one by one; more of them at once, which takes a single call. */
const oneByOne = 16;

/**
 * Prints which log an archive has, as runs without a break: first and last segment, and when each arrived (seconds since 1970). `deploy/backup/facts.ts`
 * reads it. A segment that was read back and is not whole counts as one that is not there: nothing can be restored through it either.
 *
 * An archive of some months has a million segments, each of them with 140 characters in pgBackRest's own list: more than anybody wants to send every few
 * minutes, or could keep, and thousands of questions to the storage. So it is put together where it is read; and a folder that was found full (pgBackRest
 * has one for each 256 segments) is remembered and not asked for again, until everything is read back the next time, or the container is made anew. Whoever asks meanwhile waits for no list of everything.
 *
 * Fixed; it runs wherever pgBackRest does, and writes to the folder for temporary files alone.
 *
 * A name is timeline, log and segment, eight hex digits each; there are 256 segments to a log (PostgreSQL documentation, 30.6 "WAL Internals").
 */
export const listLogProgram = `set -eu
work=$(mktemp -d -t log-list.XXXXXX)
trap 'rm -rf "$work"' EXIT
touch ${kept} "$work/damaged" "$work/runs" "$work/full" "$work/kept"
[ "\${1-}" = ${listLogAnew} ] || cp ${kept} "$work/kept"
list() { pgbackrest --log-level-console=off "$@" </dev/null; }

list repo-ls ${damagedLog.folder} >"$work/names"
if grep -qx ${damagedLog.file} "$work/names"; then
  PGBACKREST_CIPHER_PASS=$PGBACKREST_REPO1_CIPHER_PASS pgbackrest --log-level-console=off repo-get ${damagedLog.folder}/${damagedLog.file} >"$work/damaged"
fi

# Runs of a list in JSON, which end where a folder does.
runs() {
  awk -v damaged="$work/damaged" '
    function number(text,   at, value) {
      for (at = 1; at <= length(text); at++) value = value * 16 + index("0123456789ABCDEF", substr(text, at, 1)) - 1
      return value
    }
    function tell() { if (first != "") print first, name, from, to }
    BEGIN { while ((getline name < damaged) > 0) lost[name] = 1; close(damaged); name = ""; RS = "}" }
    /^[[:space:]]*${logListEnd}[[:space:]]*$/ { whole = 1; next }
    {
      split($0, quoted, "\\"")
      file = quoted[2]
      sub(/^.*\\//, "", file)
      next_name = substr(file, 1, 24)
      if (length(next_name) != 24 || next_name ~ /[^0-9A-F]/ || substr(file, 25, 1) != "-" || next_name in lost) next
      time = match($0, /"time":[0-9]+/) ? substr($0, RSTART + 7, RLENGTH - 7) : 0
      at = number(substr(next_name, 17, 8))
      if (substr(next_name, 1, 16) != folder || (at != position + 1 && at != position)) {
        tell()
        first = next_name
        from = time
      }
      name = next_name
      folder = substr(next_name, 1, 16)
      position = at
      to = time
    }
    END { tell(); if (!whole) exit 1 }'
}

list repo-ls archive/${stanza} >"$work/names"
grep -E '^[0-9.]+-[0-9]+$' "$work/names" >"$work/ids" || :
while read -r id; do
  list repo-ls "archive/${stanza}/$id" >"$work/names"
  : >"$work/known"
  : >"$work/unknown"
  awk -v id="$id" -v known="$work/known" -v unknown="$work/unknown" '
    FILENAME == ARGV[1] { hurt[substr($1, 1, 16)] = 1; next }
    FILENAME == ARGV[2] { if ($1 == id) full[$2] = $3 " " $4; next }
    length($1) != 16 || $1 ~ /[^0-9A-F]/ { next }
    ($1 in full) && !($1 in hurt) { print $1 "00000000", $1 "000000FF", full[$1] >known; next }
    { print $1 >unknown }' "$work/damaged" "$work/kept" "$work/names"
  if [ "$(wc -l <"$work/unknown")" -gt ${oneByOne} ]; then
    { list --output=json --recurse repo-ls "archive/${stanza}/$id" && echo '${logListEnd}'; } | runs >"$work/found"
  else
    cp "$work/known" "$work/found"
    while read -r folder; do
      { list --output=json repo-ls "archive/${stanza}/$id/$folder" && echo '${logListEnd}'; } | runs >>"$work/found"
    done <"$work/unknown"
  fi
  cat "$work/found" >>"$work/runs"
  awk -v id="$id" '{ folder = substr($1, 1, 16) } $1 == folder "00000000" && $2 == folder "000000FF" { print id, folder, $3, $4 }' "$work/found" >>"$work/full"
done <"$work/ids"
mv "$work/full" ${kept}

LC_ALL=C sort "$work/runs" | awk '
  function number(name,   text, at, value) {
    text = substr(name, 9, 8) substr(name, 23, 2)
    for (at = 1; at <= length(text); at++) value = value * 16 + index("0123456789ABCDEF", substr(text, at, 1)) - 1
    return value
  }
  function tell() { if (first != "") print first, last, from, to }
  first != "" && substr($1, 1, 8) == substr(last, 1, 8) && number($1) <= position + 1 {
    if ($2 > last) { last = $2; to = $4; position = number(last) }
    next
  }
  { tell(); first = $1; last = $2; from = $3; to = $4; position = number(last) }
  END { tell(); print "${logListEnd}" }'`;
