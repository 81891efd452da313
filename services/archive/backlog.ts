import { dataFolder } from '../database/server';
import { policyOf, type Archive } from './archive';

/** MiB of log that the server keeps for itself between two checkpoints (`max_wal_size`), and that must have room besides what waits. */
export const spareRoom = 1024;

/**
 * A function of the program that makes backups, `check_backlog`: complains, and ends, while half of the backlog waits, and also while the disk
 * has no room for the rest of it. pgBackRest drops what is over `backlog` so that the disk does not fill; where the disk is full before, the database ends.
 *
 * It uses `ask` (SQL on standard input), `complain` and the file that is named.
 *
 * @param unwellFile the file of its complaint
 */
export function backlogCheck(archive: Archive, unwellFile: string): string {
  const { backlog } = policyOf(archive);
  return `check_backlog() {
  ask >/tmp/backlog <<'SQL'
SELECT count(*) * pg_size_bytes(current_setting('wal_segment_size')) / 1048576
FROM pg_ls_archive_statusdir() WHERE name ~ '^[0-9A-F]{24}\\\\.ready$';
SQL
  read -r waiting </tmp/backlog
  df --output=avail --block-size=1M ${dataFolder} >/tmp/room
  free=$(tail -n 1 /tmp/room)
  rest=$((waiting < ${backlog} ? ${backlog} - waiting : 0))
  found=
  if [ "$waiting" -ge ${Math.floor(backlog / 2)} ]; then
    found="$waiting MiB of log wait for the archive; from ${backlog} MiB on it is dropped, and the backups have a gap"
  fi
  if [ $((free)) -lt $((rest + ${spareRoom})) ]; then
    found="\${found:+$found; }the disk of the database has $((free)) MiB free, and log that waits for the archive may take $rest MiB more, the server ${spareRoom} MiB: were the archive away, the disk would be full, and the database end, before any is dropped; make room, or lower the archive's backlog (${backlog} MiB)"
  fi
  [ -n "$found" ] || return 0
  complain ${unwellFile} "$found"
  exit 1
}`;
}
