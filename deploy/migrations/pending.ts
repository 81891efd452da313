import { z } from 'zod';
import { layout } from '../rolling/layout';
import type { RemoteCommand } from '../transport';

/** Where a migrator image keeps its SQL files, unless the environment's record says otherwise. */
export const defaultMigrationsFolder = '/app/migrations';

/**
 * Takes the SQL files out of two images, through containers that are made and never started, and prints as JSON what the
 * new one has that the old one has not, or has otherwise. Its arguments are what the containers are called and labelled, the label that
 * names their process, the folder and both images. Every word of it is fixed.
 *
 * Several may read at once, since no lock is held yet: each removes the one that it made, by its id, and no other. What keeps an image
 * from being read by anybody (no such folder, no such image any more) is told from what went wrong this time.
 */
const reader = `
import io, json, os, subprocess, sys, tarfile, uuid
name, label, read_by, folder, new, old = sys.argv[1:]
# Which process this is: ids are used again, the moment of its start tells them apart (proc(5), /proc/pid/stat).
since = open('/proc/self/stat').read().split(' ')[21]
mine = '--label=' + read_by + '=' + str(os.getpid()) + ' ' + since
def end(answer):
    print(json.dumps(answer))
    sys.exit()
def run(*argv):
    return subprocess.run(['docker', *argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
def said(ended):
    lines = ended.stderr.decode('utf-8', 'replace').strip().split('\\n')
    return lines[-1][:300] or 'docker ended with ' + str(ended.returncode) + ', without a word'
def text(archive, entry):
    try:
        return archive.extractfile(entry).read().decode('utf-8', 'replace')
    except (KeyError, AttributeError):
        end({'failed': entry.name + ' is neither a file nor a link to one in that folder'})
def files(image, whose, gone):
    made = run('create', '--name=' + name + '-' + uuid.uuid4().hex, '--label=' + label, mine, '--pull=never', '--network=none', image, 'none')
    if made.returncode != 0:
        problem = whose + said(made)
        end({'unreadable' if gone and 'no such image' in problem.lower() else 'failed': problem})
    container = made.stdout.decode().strip()
    try:
        copied = run('cp', '--follow-link', container + ':' + folder, '-')
    finally:
        run('rm', '--force', '--volumes', container)
    if copied.returncode != 0:
        problem = whose + said(copied)
        missing = any(words in problem.lower() for words in ('could not find the file', 'no such container:path'))
        end({'unreadable' if missing else 'failed': problem})
    found = {}
    with tarfile.open(fileobj=io.BytesIO(copied.stdout)) as archive:
        for entry in archive:
            if entry.name.endswith('.sql') and not entry.isdir():
                found[entry.name.split('/', 1)[-1]] = text(archive, entry)
    return found
after = files(new, '', False)
if not after:
    end({'unreadable': 'it holds no SQL file'})
before = files(old, 'that of the release that serves: ', True)
end({
    'files': len(after),
    'pending': {name: text for name, text in sorted(after.items()) if name not in before},
    'changed': sorted(name for name, text in after.items() if name in before and before[name] != text),
})
`;

/** What the names of the containers that are read from begin with: they tell a person what such a container is. */
const migrationsContainer = `${layout.runtime.project}-migrations`;

/** Their labels: what they are, and which process of the host reads from them (its id, and when it was started). */
const label = 'dev.cogni.helper=migrations';
const readBy = 'dev.cogni.process';

/**
 * Prints the ids of those that nobody reads from any more, one a line. Fixed; its arguments are both labels. A process that is gone, or
 * one that has its number since, was cut off; containers without the label are of a program that was, and did not write it.
 */
const abandoned = `docker ps --all --no-trunc "--filter=label=$1" "--format={{.ID}} {{.Label \\"$2\\"}}" |
while read -r container id since; do
  [ -n "$id" ] && [ "$(cut -d ' ' -f 22 "/proc/$id/stat" 2>/dev/null)" = "$since" ] || printf '%s\\n' "$container"
done`;

/** Whether a run that was cut off has left such a container: prints its id. Only reads. */
export const abandonedReaders: RemoteCommand = {
  argv: ['sh', '-c', abandoned, 'sh', label, readBy],
  deadline: 20_000,
};

/** Removes what runs that were cut off have left of them; one that somebody reads from stays. */
export const forgetAbandonedReaders: RemoteCommand = {
  argv: ['sh', '-c', `${abandoned} | xargs -r docker rm --force --volumes`, 'sh', label, readBy],
  deadline: 30_000,
};

/** @returns the command as data: it leaves nothing on the host, and starts nothing */
export const pendingMigrations = (folder: string, next: string, serving: string): RemoteCommand => ({
  argv: ['python3', '-c', reader, migrationsContainer, label, readBy, folder, next, serving],
  deadline: 120_000,
});

const answer = z.union([
  /** There is nothing in it to judge, whoever reads it. */
  z.object({ unreadable: z.string() }),
  /** It could not be read this time. */
  z.object({ failed: z.string() }),
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

/** What {@link pendingMigrations} printed; what it cannot be was not read either. */
export function parsePending(text: string): PendingMigrations {
  try {
    return answer.parse(JSON.parse(text));
  } catch {
    return { failed: 'the host gave no readable answer' };
  }
}
