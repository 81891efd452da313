import { hostLayout, type HostFile } from '../../bootstrap';
import { commandFailure } from '../../foundation/process';
import type { RemoteCommand, Transport } from '../transport';

/** In memory, so that a dry run leaves nothing behind, and only root's. */
export const stagingFolder = `${hostLayout.memory}/staged`;

/**
 * Writes the files below the staging folder, emptied before, and prints which of them the host's own folder has
 * otherwise, not at all, or in excess. Files come as JSON on standard input. Every word of it is fixed.
 */
const receiver = `
import json, os, shutil, sys
staged, current = sys.argv[1:]
files = json.load(sys.stdin)
shutil.rmtree(staged, ignore_errors=True)
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

export function stageCommand(files: readonly HostFile[]): RemoteCommand {
  return {
    argv: ['sudo', '-n', 'python3', '-c', receiver, stagingFolder, hostLayout.bootstrap],
    stdin: JSON.stringify(files.map(({ path, mode, content }) => ({ path, mode, content }))),
    deadline: 30_000,
  };
}

/** Sends files to the host's memory. @returns the paths that differ from those in place */
export async function stageFiles(
  transport: Transport,
  files: readonly HostFile[],
): Promise<readonly string[]> {
  const command = stageCommand(files);
  const output = await transport.run(command);
  if (output.code === 0) return JSON.parse(output.stdout) as string[];
  throw commandFailure(command, output, {
    what: `what is rendered could not be sent to ${transport.describe()}`,
    state: 'nothing was changed but a folder in the memory of the host',
    next: 'read its output above; the deploy user must be allowed sudo, which the first boot sets up',
  });
}
