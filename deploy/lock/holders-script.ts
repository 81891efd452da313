/**
 * Shell text that looks for whoever holds a lock: the kernel says of every open file which locks are on it
 * (proc_pid_fdinfo(5), `lock:`), so nothing is taken and nobody is disturbed by the question. Fixed; the lock's file is `$1`.
 *
 * Prints `<pid> <start> <program>` for each process, `start` in clock ticks since the machine started: with the number it
 * names one process for ever (proc_pid_stat(5), field 22). Processes of other users are not seen.
 */
export const holdersFunction = `holders() {
  for fd in $(find /proc/[0-9]*/fd -lname "$1" 2>/dev/null); do
    process=\${fd%/fd/*}
    grep -q '^lock:.* FLOCK .* WRITE ' "$process/fdinfo/\${fd##*/}" 2>/dev/null || continue
    start=$(sed 's/.*) //' "$process/stat" 2>/dev/null | cut -d ' ' -f 20)
    [ -n "$start" ] && echo "\${process#/proc/} $start $(cat "$process/comm" 2>/dev/null)"
  done
}`;
