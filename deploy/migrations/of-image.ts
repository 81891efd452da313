import { z } from 'zod';
import type { RemoteCommand } from '../transport';

/** Prints the SHA-256 of each SQL file in a folder of an image, as JSON, by a container that is made and never started. Every word of it is fixed. */
const reader = `
import hashlib, io, json, subprocess, sys, tarfile
container, folder, image = sys.argv[1:]
def run(*argv):
    return subprocess.run(['docker', *argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
run('rm', '--force', '--volumes', container)
made = run('create', '--name=' + container, '--pull=never', '--network=none', image, 'none')
if made.returncode != 0:
    sys.exit(made.stderr.decode('utf-8', 'replace')[-300:])
try:
    copied = run('cp', container + ':' + folder, '-')
finally:
    run('rm', '--force', '--volumes', container)
if copied.returncode != 0:
    sys.exit(copied.stderr.decode('utf-8', 'replace')[-300:])
found = {}
with tarfile.open(fileobj=io.BytesIO(copied.stdout)) as archive:
    for entry in archive:
        if entry.isfile() and entry.name.endswith('.sql'):
            found[entry.name.split('/', 1)[-1]] = hashlib.sha256(archive.extractfile(entry).read()).hexdigest()
print(json.dumps(found))
`;

/** @param name of the container that is read from, so that one that a killed run has left is found */
export const migrationsOfImage = (name: string, folder: string, image: string): RemoteCommand => ({
  argv: ['python3', '-c', reader, name, folder, image],
  deadline: 120_000,
});

/** SHA-256 of each file by its name. */
export const parseMigrationsOfImage = (text: string): Readonly<Record<string, string>> =>
  z.record(z.string(), z.string()).parse(JSON.parse(text));
