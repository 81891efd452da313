import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture, type Run } from '../../foundation/process';
import type { Progress } from '../../foundation/progress';
import { cached } from '../cache';
import { ensurePackages, type PackageNeed } from '../packages';

/** The distribution that the sandbox's images are made of; the one that hosts run. */
export const suite = 'bookworm';

/** The same for a user who is root or not. */
export const rootfsNeedsOf = (isRoot: boolean): readonly PackageNeed[] => [
  {
    program: 'mmdebstrap',
    package: 'mmdebstrap',
    why: 'images are made of the packages of the distribution',
  },
  {
    program: '/usr/share/keyrings/debian-archive-keyring.gpg',
    package: 'debian-archive-keyring',
    why: 'those packages are verified by their signatures',
  },
  {
    program: 'gpg',
    package: 'gpg',
    // On another distribution (Ubuntu) mmdebstrap(1) has to find out which keyring holds Debian's keys.
    why: 'mmdebstrap finds the keyring of those signatures with it',
  },
  ...(isRoot
    ? []
    : [
        {
          program: 'newuidmap',
          package: 'uidmap',
          why: 'without root, mmdebstrap unpacks in a user namespace of its own',
        },
      ]),
];

/** What making an image needs of this machine; no part of any recipe. */
export const rootfsNeeds: readonly PackageNeed[] = rootfsNeedsOf(process.getuid?.() === 0);

/** Milliseconds: downloading some hundred megabytes of packages and unpacking them on two busy cores. */
const deadline = 15 * 60_000;

/** A root file system of the distribution's packages (mmdebstrap(1)). */
export interface Rootfs {
  /** What it is for, in a folder name's characters: `postgres`. */
  readonly name: string;
  /**
   * `extract`: the packages are unpacked and nothing else, as small as it gets; no package of it is configured.
   * `essential`: a Debian with its essential packages, all of them configured.
   */
  readonly variant: 'extract' | 'essential';
  readonly packages: readonly string[];
  /** Paths that are not unpacked, in dpkg's patterns (dpkg(1), `--path-exclude`). */
  readonly without?: readonly string[];
  /**
   * Programs that finish it, run on this machine in this order with the root's path as their one argument. `early` ones
   * of an `essential` variant run before the packages come, so that a user exists with the number that it must have.
   * What is worth knowing about the result they write into the folder `$RESULT`, beside the tar file.
   */
  readonly hooks: readonly { readonly script: string; readonly early?: true }[];
  /**
   * Files from elsewhere that a hook puts in: the name of an environment variable that holds the path. Each must lie
   * in a folder of the cache, since its path stands for its content.
   */
  readonly inputs?: Readonly<Record<string, string>>;
}

/**
 * The root file system as a tar file, made once a recipe and kept in the cache of builds.
 *
 * @returns absolute path of the tar file
 * @throws Failure when mmdebstrap is missing or fails: no package mirror, no room, a package that is not there.
 */
export async function rootfsTar(rootfs: Rootfs, progress: Progress, runner?: Run): Promise<string> {
  const folder = await cached(
    {
      name: `rootfs-${rootfs.name}`,
      key: [
        process.arch,
        // The hooks by their content, not by where this checkout lies.
        ...mmdebstrapArguments({ ...rootfs, hooks: [] }, 'rootfs.tar'),
        JSON.stringify(rootfs.inputs ?? {}),
        ...rootfs.hooks.map(
          (hook) => `${hook.early ? 'early' : 'late'} ${readFileSync(hook.script, 'utf8')}`,
        ),
      ],
      why: 'no image registry is needed for it: it is made of the packages of the distribution',
      build: async (unfinished) => {
        await ensurePackages(rootfsNeeds, progress);
        await capture(
          {
            argv: mmdebstrapArguments(rootfs, join(unfinished, 'rootfs.tar')),
            env: { ...rootfs.inputs, RESULT: unfinished, LC_ALL: 'C.UTF-8' },
            deadline,
          },
          { tied: true, ...(runner ? { run: runner } : {}) },
        );
      },
    },
    progress,
  );
  return join(folder, 'rootfs.tar');
}

/** The command as data. */
export const mmdebstrapArguments = (rootfs: Rootfs, tar: string): [string, ...string[]] => [
  'mmdebstrap',
  `--variant=${rootfs.variant}`,
  // Folders that the hooks make in /run stay: a container has no service manager that would make them.
  '--skip=cleanup/run',
  `--include=${rootfs.packages.join(',')}`,
  ...[...documentation, ...(rootfs.without ?? [])].map((path) => `--dpkgopt=path-exclude=${path}`),
  ...rootfs.hooks.map((hook) => `--${hookKind(rootfs.variant, hook.early)}-hook=${hook.script}`),
  suite,
  tar,
];

/** The `extract` variant has one moment for hooks only: when the packages are unpacked. */
const hookKind = (variant: Rootfs['variant'], early: true | undefined): string =>
  variant === 'extract' ? 'extract' : early ? 'essential' : 'customize';

const documentation = ['/usr/share/doc/*', '/usr/share/man/*', '/usr/share/info/*', '/usr/share/lintian/*'];
