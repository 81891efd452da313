import type { RemoteCommand } from '../transport';
import { quick } from './commands';
import { layout } from './layout';

/**
 * A private folder, there for as long as its input is open. Fixed; the folder is its argument. It is locked, so that one
 * whose holder was killed is told from one in use.
 */
export const folderWhileHeld =
  'trap "exit 1" HUP INT TERM; mkdir -m 0700 -- "$1" || exit 1; trap \'rm -rf -- "$1"\' EXIT; exec 9<"$1"; flock 9; echo made; cat >/dev/null';

/** Removes folders of {@link folderWhileHeld} that nobody holds. What they begin with is its argument. */
export const removeUnheldFolders =
  'for each in "$1"*; do [ ! -d "$each" ] || ! flock --nonblock "$each" true || rm -rf -- "$each"; done';

/** Logins of deploys that were killed together with their end on the host. */
export const forgetLogins: RemoteCommand = {
  argv: ['sh', '-c', removeUnheldFolders, 'sh', layout.login],
  deadline: quick,
};
