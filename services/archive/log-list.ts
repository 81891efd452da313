import { stanza } from './bucket';

/** What the last line of {@link listLogProgram} is: without it the list is not all of it. */
export const logListEnd = 'end';

/**
 * Prints which log an archive has, as runs without a break: first and last segment, and when each arrived (seconds since 1970). `deploy/backup/facts.ts`
 * reads it.
 *
 * An archive of some months has a million segments, each of them with 140 characters in pgBackRest's own list: more than anybody wants to send every few
 * minutes, or could keep. So it is put together where it is read. Fixed; it runs wherever pgBackRest does.
 *
 * A name is timeline, log and segment, eight hex digits each; there are 256 segments to a log (PostgreSQL documentation, 30.6 "WAL Internals").
 */
export const listLogProgram = `{ pgbackrest --log-level-console=off --output=json --recurse repo-ls archive/${stanza} && echo '${logListEnd}'; } | awk '
  function number(text,   at, value) {
    for (at = 1; at <= length(text); at++) value = value * 16 + index("0123456789ABCDEF", substr(text, at, 1)) - 1
    return value
  }
  function tell() { if (first != "") print first, name, from, to }
  BEGIN { RS = "}" }
  /^[[:space:]]*${logListEnd}[[:space:]]*$/ { whole = 1; next }
  {
    split($0, quoted, "\\"")
    file = quoted[2]
    sub(/^.*\\//, "", file)
    next_name = substr(file, 1, 24)
    if (length(next_name) != 24 || next_name ~ /[^0-9A-F]/ || substr(file, 25, 1) != "-") next
    time = match($0, /"time":[0-9]+/) ? substr($0, RSTART + 7, RLENGTH - 7) : 0
    at = number(substr(next_name, 9, 8)) * 256 + number(substr(next_name, 17, 8))
    line = substr(next_name, 1, 8)
    if (line != timeline || (at != position + 1 && at != position)) {
      tell()
      first = next_name
      from = time
    }
    name = next_name
    timeline = line
    position = at
    to = time
  }
  END { tell(); if (!whole) exit 1; print "${logListEnd}" }'`;
