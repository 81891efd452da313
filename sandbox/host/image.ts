import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Failure } from '../../foundation/failure';
import type { Progress } from '../../foundation/progress';
import { cached } from '../cache';
import type { Docker } from '../docker';
import { goBuild, type GoCommand } from '../go-build';
import { ensureImage } from '../images/image';
import { rootfsNeeds, rootfsTar, type Rootfs } from '../images/rootfs';
import { ensurePackages, type PackageNeed } from '../packages';
import { sandboxSource } from '../sources';
import { localRepositoryNeeds, makeRepository, type DebianPackage } from './local-repository';

/** Docker Compose for the hosts: the newest 2.x, which works with the engine that the distribution has (20.10). */
export const composeCommand: GoCommand = {
  name: 'docker-compose',
  module: 'github.com/docker/compose/v2',
  version: 'v2.40.3',
  packagePath: 'github.com/docker/compose/v2/cmd',
  variables: { 'github.com/docker/compose/v2/internal.Version': 'v2.40.3' },
  why: 'the distribution has no Docker Compose 2; it is built from its public Go module',
};

/** What this needs of the machine. */
export const hostImageNeeds: readonly PackageNeed[] = [...rootfsNeeds, ...localRepositoryNeeds];

/**
 * What a freshly rented machine brings along, and, for speed, what the bootstrap would install from the distribution:
 * it finds that installed already. Only Docker Compose is left for it to install (see {@link localPackages}).
 */
const hostPackages: readonly string[] = [
  ...[
    'apt',
    'cloud-init',
    'dbus',
    'libpam-systemd',
    'locales',
    'openssh-server',
    'sudo',
    'systemd',
    'systemd-sysv',
  ],
  ...['ca-certificates', 'cron', 'curl', 'gnupg', 'jq', 'less', 'openssl', 'procps', 'rsync'],
  ...['iproute2', 'iputils-ping', 'kmod', 'netbase'],
  ...['docker.io', 'iptables', 'nftables', 'unattended-upgrades'],
];

/**
 * The image that hosts boot from: a Debian with systemd, sshd, cloud-init and a Docker engine, without host keys,
 * machine id or user-data. Its packages come from wherever mmdebstrap(1) finds the distribution by itself. Made once a
 * recipe; the first time takes about two minutes and 1.4 GB.
 *
 * @returns the reference of the image in that engine, `cogni-sandbox/host:<hash>`
 */
export async function ensureHostImage(docker: Docker, progress: Progress): Promise<string> {
  const repositories = await ensureLocalRepositories(progress);
  const image = await ensureImage(
    docker,
    {
      name: 'host',
      folder: sandboxSource('host', 'image'),
      inputs: { 'rootfs.tar': await rootfsTar(hostRootfs, progress), ...filesOf(repositories) },
    },
    progress,
  );
  return image.reference;
}

const hostRootfs: Rootfs = { name: 'host', variant: 'essential', packages: hostPackages, hooks: [] };

/** The two local repositories, `packages` and `broken-packages`, in a folder of the cache of builds. */
async function ensureLocalRepositories(progress: Progress): Promise<string> {
  const compose = await goBuild(composeCommand, progress);
  const { good, broken } = localPackages(compose, debianArchitecture(process.arch));
  return cached(
    {
      name: 'host-packages',
      key: [compose, JSON.stringify([good, broken])],
      why: 'hosts install Docker Compose as a package, as they would from a distribution that has it',
      build: async (folder) => {
        await ensurePackages(localRepositoryNeeds, progress);
        await makeRepository(join(folder, 'packages'), good);
        await makeRepository(join(folder, 'broken-packages'), broken);
      },
    },
    progress,
  );
}

/**
 * What the user-data asks for and the distribution lacks, under the name that Ubuntu has for it. The broken twin is for
 * tests of a bootstrap that fails: it can be unpacked, and not be configured.
 */
export function localPackages(
  compose: string,
  architecture: string,
): { readonly good: readonly DebianPackage[]; readonly broken: readonly DebianPackage[] } {
  const dockerCompose = {
    name: 'docker-compose-v2',
    version: composeCommand.version.slice(1),
    architecture,
    description: 'Docker Compose 2, the plugin of the docker client',
  };
  return {
    good: [
      {
        ...dockerCompose,
        depends: 'docker.io',
        programs: { '/usr/libexec/docker/cli-plugins/docker-compose': compose },
      },
    ],
    broken: [
      {
        ...dockerCompose,
        afterUnpacking: '#!/bin/sh\necho "this package cannot be configured" >&2\nexit 1\n',
      },
    ],
  };
}

/** Debian's name of a processor that Node names its way. */
function debianArchitecture(arch: string): string {
  const known: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
  const architecture = known[arch];
  if (architecture !== undefined) return architecture;
  throw new Failure({
    what: `the sandbox does not know how Debian calls the processor "${arch}"; it knows ${Object.keys(known).join(' and ')}`,
    next: 'run the sandbox on a machine with one of these',
  });
}

/** Absolute paths of a folder's files by their paths below it. */
const filesOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [relative(folder, path), path]),
  );
