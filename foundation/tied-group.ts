import { spawn } from 'node:child_process';

/**
 * What the watcher runs: it waits for a word from this process. When the pipe closes without one, this process is gone, and
 * the group is asked to end, then ended.
 */
const watching = [
  'read -r word && exit 0',
  'kill -s TERM -- "-$1" 2>/dev/null || exit 0',
  'while [ "$2" -gt 0 ] && kill -s 0 -- "-$1" 2>/dev/null; do sleep 1; set -- "$1" "$(($2 - 1))"; done',
  'kill -s KILL -- "-$1" 2>/dev/null',
].join('\n');

/**
 * Ties a process group to this process: however this one ends, kill -9 included, the group ends as well. A group by itself
 * would live on, and so would what a program of it started and can no longer end (the plugins of a Terraform, say).
 *
 * @param group its id, which is that of its leader
 * @param grace milliseconds between asking it to end and ending it
 * @returns unties it; to be called when it has ended
 */
export function tieGroup(group: number, grace: number): () => void {
  // A group of its own: whoever ends ours has not ended the watcher.
  const watcher = spawn('sh', ['-c', watching, 'sh', String(group), String(Math.ceil(grace / 1_000))], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watcher.on('error', () => undefined);
  watcher.stdin.on('error', () => undefined);
  watcher.unref();
  return () => watcher.stdin.end('ended\n');
}
