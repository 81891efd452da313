import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { capture, run, type Output } from '../../../foundation/process';
import type { Progress } from '../../../foundation/progress';
import { cached } from '../../../sandbox/cache';
import { ensurePackages } from '../../../sandbox/packages';

/** Libraries that cloud-init's own schema check imports. */
const libraries = ['configobj', 'jinja2', 'jsonpatch', 'jsonschema', 'requests', 'yaml'];
const systemLibraries = '/usr/lib/python3/dist-packages';

/**
 * cloud-init's own check of a document, from the distribution's package. The package is unpacked beside the other
 * builds and never installed: an installed one would take the machine for a new instance at its next boot.
 */
export async function cloudInitSchemaCheck(
  progress: Progress,
): Promise<(documentFile: string) => Promise<Output>> {
  await ensurePackages(
    [
      { program: 'apt-get', package: 'apt', why: "cloud-init's package is downloaded with it" },
      ...libraries.map((name) => ({
        // dpkg's own note that it is installed: where the library itself lies differs from release to release.
        program: `/var/lib/dpkg/info/python3-${name}.list`,
        package: `python3-${name}`,
        why: 'cloud-init checks its documents with it',
      })),
    ],
    progress,
  );
  const version = await capture({
    argv: ['apt-cache', 'show', '--no-all-versions', 'cloud-init'],
    deadline: 30_000,
  });
  const folder = await cached(
    {
      name: 'cloud-init',
      key: [/^Version: .*$/m.exec(version)?.[0] ?? version],
      why: 'the program that reads the documents checks them',
      build: async (unfinished) => {
        await capture({ argv: ['apt-get', 'download', 'cloud-init'], cwd: unfinished, deadline: 120_000 });
        const [file] = readdirSync(unfinished).filter((name) => name.endsWith('.deb'));
        await capture({ argv: ['dpkg-deb', '-x', file!, 'root'], cwd: unfinished, deadline: 60_000 });
      },
    },
    progress,
  );
  return (documentFile) =>
    run({
      argv: ['/usr/bin/python3', '-m', 'cloudinit.cmd.main', 'schema', '-c', documentFile],
      env: { PYTHONPATH: join(folder, 'root', systemLibraries) },
      deadline: 60_000,
    });
}
