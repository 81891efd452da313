import { hostLayout, type HostFile } from '../../bootstrap';
import { commandFailure } from '../../foundation/process';
import type { RemoteCommand, Transport } from '../transport';

/**
 * Folder of one run: in memory, so that a dry run leaves nothing on the disk, and only root's.
 *
 * @param run what no other run has, of letters and digits: two converges at once must not mix their files
 */
export const stagingFolder = (run: string): string => `${hostLayout.memory}/staged-${run}`;

/**
 * Writes the files below the staging folder, emptied before, and prints which of them the host's own folder has
 * otherwise, not at all, or in excess. What runs left behind that were cut off more than a day ago is removed. Files come as JSON on standard input. Every word of it is fixed.
 */
const receiver = `
import glob, json, os, shutil, sys, time
staged, current = sys.argv[1:]
files = json.load(sys.stdin)
shutil.rmtree(staged, ignore_errors=True)
for old in glob.glob(os.path.join(os.path.dirname(staged), 'staged*')):
    if os.path.getmtime(old) < time.time() - 86400:
        shutil.rmtree(old, ignore_errors=True)
os.makedirs(staged, mode=0o700)
for file in files:
    path = os.path.join(staged, file['path'])
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8', newline='') as new:
        new.write(file['content'])
    os.chmod(path, file['mode'])
os.chmod(staged, 0o755)
def found(top):
    tree = {}
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, 'rb') as file:
                tree[os.path.relpath(path, top)] = (os.stat(path).st_mode & 0o777, file.read())
    return tree
a, b = found(staged), found(current)
print(json.dumps(sorted(path for path in set(a) | set(b) if a.get(path) != b.get(path))))
`;

export function stageCommand(files: readonly HostFile[], staged: string): RemoteCommand {
  return {
    argv: ['sudo', '-n', 'python3', '-c', receiver, staged, hostLayout.bootstrap],
    stdin: JSON.stringify(files.map(({ path, mode, content }) => ({ path, mode, content }))),
    deadline: 30_000,
  };
}

/**
 * Puts what was staged in the place of the old phases by renaming whole folders, so that a host whose connection breaks
 * has the old ones or the new ones. One that was cut off between the two renames has only `.old`: it is taken back
 * first. They are on the disk by then: a host that loses its power would start with empty ones. Exit code 75 where a run of the phases, or another converge, holds the lock.
 */
export function inPlaceCommand(staged: string): RemoteCommand {
  const script = `
if [ ! -e "$2" ] && [ -e "$2.old" ]; then mv -T "$2.old" "$2"; fi
rm -rf "$2.new" "$2.old"
cp -a "$1" "$2.new"
find "$2.new" -exec sync {} +
if [ -e "$2" ]; then mv -T "$2" "$2.old"; fi
mv -T "$2.new" "$2"
rm -rf "$2.old"
`;
  const locked = ['flock', '-w', '5', '-E', '75', hostLayout.lock];
  return {
    argv: ['sudo', '-n', ...locked, 'sh', '-euc', script, 'sh', staged, hostLayout.bootstrap],
    deadline: 30_000,
  };
}

/** Sends files to the host's memory. @returns the paths that differ from those in place */
export async function stageFiles(
  transport: Transport,
  files: readonly HostFile[],
  staged: string,
): Promise<readonly string[]> {
  const command = stageCommand(files, staged);
  const output = await transport.run(command);
  if (output.code === 0) return JSON.parse(output.stdout) as string[];
  throw commandFailure(command, output, {
    what: `what is rendered could not be sent to ${transport.describe()}`,
    state: 'nothing was changed but a folder in the memory of the host',
    next: 'read its output above; the deploy user must be allowed sudo, which the first boot sets up',
  });
}
