/**
 * Functions of a shell script that runs for ever in a container: what it says goes to the log, and why something is no
 * success also into a file, which the health check reads.
 *
 * @param failedFile the file of {@link complaining}'s `fail`, which ends the script
 */
export const complaining = (
  failedFile: string,
): string => `say() { printf '%s %s\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >&2; }

# Why it is no success, into a file for the health check, and for the log.
complain() {
  file=$1
  shift
  say "$*"
  printf '%s\\n' "$*" >"$file"
}
fail() {
  complain ${failedFile} "$*"
  exit 1
}`;
