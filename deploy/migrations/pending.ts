import { z } from 'zod';
import { layout } from '../rolling/layout';
import type { RemoteCommand } from '../transport';

/** Where a migrator image keeps its SQL files, unless the environment's record says otherwise. */
export const defaultMigrationsFolder = '/app/migrations';

/**
 * Takes the SQL files out of two images, through containers that are made and never started, and prints as JSON what the
 * new one has that the old one has not, or has otherwise. Its arguments are the containers' name and label, the folder and both
 * images. Every word of it is fixed. It removes nothing but what has that label.
 */
const reader = `
import io, json, subprocess, sys, tarfile
container, label, folder, new, old = sys.argv[1:]
def run(*argv):
    return subprocess.run(['docker', *argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
def said(ended):
    lines = ended.stderr.decode('utf-8', 'replace').strip().split('\\n')
    return lines[-1][:300]
def forget():
    ids = run('ps', '--all', '--quiet', '--no-trunc', '--filter=label=' + label).stdout.decode().split()
    if ids:
        run('rm', '--force', '--volumes', *ids)
def files(image):
    # One that was cut off has left it.
    forget()
    made = run('create', '--name=' + container, '--label=' + label, '--pull=never', '--network=none', image, 'none')
    if made.returncode != 0:
        return None, said(made)
    try:
        copied = run('cp', container + ':' + folder, '-')
    finally:
        forget()
    if copied.returncode != 0:
        return None, said(copied)
    found = {}
    with tarfile.open(fileobj=io.BytesIO(copied.stdout)) as archive:
        for entry in archive:
            if entry.isfile() and entry.name.endswith('.sql'):
                found[entry.name.split('/', 1)[-1]] = archive.extractfile(entry).read().decode('utf-8', 'replace')
    return found, None
after, problem = files(new)
if problem is None and not after:
    problem = 'it holds no SQL file'
if problem is not None:
    print(json.dumps({'unreadable': problem}))
    sys.exit()
before, problem = files(old)
if problem is not None:
    print(json.dumps({'unreadable': 'that of the release that serves: ' + problem}))
    sys.exit()
print(json.dumps({
    'files': len(after),
    'pending': {name: text for name, text in sorted(after.items()) if name not in before},
    'changed': sorted(name for name, text in after.items() if name in before and before[name] != text),
}))
`;

/** Name of the containers that are read from, one after the other. */
export const migrationsContainer = `${layout.runtime.project}-migrations`;

/** Their label: what a run that was cut off has left is found by it, and one of the same name without it is somebody else's. */
export const helperLabel = { key: 'dev.cogni.helper', value: 'migrations' } as const;

const label = `${helperLabel.key}=${helperLabel.value}`;

/** Removes what a run that was cut off has left of them. */
export const forgetMigrationsContainer: RemoteCommand = {
  argv: [
    'sh',
    '-c',
    'docker ps --all --quiet --no-trunc "--filter=label=$1" | xargs -r docker rm --force --volumes',
    'sh',
    label,
  ],
  deadline: 30_000,
};

/** @returns the command as data: it leaves nothing on the host, and starts nothing */
export const pendingMigrations = (folder: string, next: string, serving: string): RemoteCommand => ({
  argv: ['python3', '-c', reader, migrationsContainer, label, folder, next, serving],
  deadline: 120_000,
});

const answer = z.union([
  z.object({ unreadable: z.string() }),
  z.object({
    /** How many there are in all. */
    files: z.number(),
    /** SQL of those that the release that serves has not, by name. */
    pending: z.record(z.string(), z.string()),
    /** Names of those that it has otherwise. */
    changed: z.array(z.string()),
  }),
]);

export type PendingMigrations = Readonly<z.infer<typeof answer>>;

/** What {@link pendingMigrations} printed; what it cannot be is unreadable too. */
export function parsePending(text: string): PendingMigrations {
  try {
    return answer.parse(JSON.parse(text));
  } catch {
    return { unreadable: 'the host gave no readable answer' };
  }
}
