# What every phase uses. main.sh is the story; the order of the phases is in phases.ts.
#
# A phase states what should hold, and calls `change` where it does not; in check mode that only says so. So one text
# decides what a check reports and what a run does, and a second run finds nothing to change.

set -Eeuo pipefail
# cloud-init starts runcmd without HOME, which the docker client wants.
export HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin
umask 022

# What was rendered with this script lies beside it, in place or in the folder of a dry run.
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=settings
. "$here/settings"
state=/var/lib/cogni
memory=/run/cogni
log=/var/log/cogni-bootstrap.log
mode=run phase=start doing='' failed='' changes=0 total=0 differs=0 different=0 timings=''

say() { printf '%s %s\n' "$(date -u +%FT%TZ)" "$*" >&2; }

die() {
  failed=$*
  return 1
}

# change WHAT COMMAND...: does it, or in check mode only says that it would.
change() {
  changes=$((changes + 1))
  if [ "$mode" = check ]; then
    printf '%s\tacts\t%s\n' "$phase" "$1"
    return
  fi
  say "  $1"
  doing=${*:2}
  touch "$memory/pending.$phase"
  "${@:2}"
}

# Whether this phase wrote something that its service may not have yet: now, or in a run that did not come to its end.
# A reboot starts every service with what is on the disk, and clears the memory.
pending() { ((changes)) || [ -e "$memory/pending.$phase" ]; }

# file PATH MODE OWNER: has what standard input says, or is written.
file() {
  local text
  text=$(cat)
  if [ "$(stat -c '%a %U' "$1" 2>/dev/null)" != "$2 $3" ] || ! printf '%s\n' "$text" | cmp -s - "$1"; then
    change "write $1" put "$1" "$2" "$3" "$text"
  fi
}

# By rename, so that a reader (or a full disk) sees the old file or the new one.
put() {
  mkdir -p "${1%/*}" && printf '%s\n' "$4" >"$1.new" && chown "$3:" "$1.new" && chmod "$2" "$1.new" && mv "$1.new" "$1"
}

# directory PATH MODE OWNER
directory() {
  [ "$(stat -c '%a %U' "$1" 2>/dev/null)" = "$2 $3" ] ||
    change "directory $1, mode $2, of $3" install -d -m "$2" -o "$3" -g "$3" "$1"
}

# retry TIMES COMMAND...: with growing pauses.
retry() {
  local n
  for ((n = 1; n <= $1; n++)); do
    if "${@:2}"; then return; fi
    say "  attempt $n of $1 failed: ${*:2}"
    if ((n < $1)); then sleep $((n * 5)); fi
  done
  die "${*:2}"
}

# A JSON string.
json() {
  local s=${1//\\/\\\\}
  s=${s//\"/\\\"}
  printf '"%s"' "${s//[[:cntrl:]]/ }"
}

# marker NAME JSON: in memory where the disk takes nothing.
marker() {
  if ! put "$state/$1" 644 root "$2" 2>/dev/null; then
    rm -f "$state/$1.new"
    put "$memory/$1" 644 root "$2"
  fi
}
