import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tryReadFile } from '../foundation/files';
import { capture, run, type Command, type Run } from '../foundation/process';
import type { Progress } from '../foundation/progress';
import { cached } from './cache';
import { tryFindProgram } from './packages';

/** An OpenSSH server that a test can start on a port of its own. */
export interface SshdProgram {
  /** Absolute, as sshd(8) demands of its own name. */
  readonly path: string;
  /** Lines that its configuration needs. */
  readonly config: readonly string[];
  /** @param scratch folder of the test, for files that the variables name */
  readonly environment: (scratch: string) => Readonly<Record<string, string>>;
}

/**
 * The machine's sshd, or the distribution's, unpacked into the cache. The package is never installed: that would open
 * port 22 of this machine to the network.
 *
 * @throws Failure when the package cannot be downloaded
 */
export async function ensureSshdProgram(
  progress: Progress,
  find: (program: string) => string | undefined = tryFindProgram,
  runner: Run = run,
): Promise<SshdProgram> {
  const installed = find('sshd');
  if (installed !== undefined) return { path: installed, config: [], environment: () => ({}) };
  const folder = await cached(
    {
      name: 'openssh-server',
      key: [process.arch, tryReadFile('/etc/os-release') ?? ''],
      why: 'the SSH transport is tested against a real server on loopback; installing one would open port 22',
      build: (unfinished) => unpack(unfinished, runner),
    },
    progress,
  );
  return unpackedSshd(join(folder, 'root'));
}

/** The program in an unpacked package: what it finds at fixed paths elsewhere, it has to be told. */
export function unpackedSshd(root: string, users = '/etc/passwd'): SshdProgram {
  const helper = (name: string): string => join(root, 'usr/lib/openssh', name);
  return {
    path: join(root, 'usr/sbin/sshd'),
    // Since OpenSSH 9.8 a connection is served by a program of its own, since 10.0 two.
    config: [
      ...(existsSync(helper('sshd-session')) ? [`SshdSessionPath ${helper('sshd-session')}`] : []),
      ...(existsSync(helper('sshd-auth')) ? [`SshdAuthPath ${helper('sshd-auth')}`] : []),
    ],
    environment: (scratch) => {
      const libraries = { LD_LIBRARY_PATH: libraryFolders(root).join(':') };
      const passwd = readFileSync(users, 'utf8');
      if (/^sshd:/m.test(passwd)) return libraries;
      // The package's installation would make the user that sshd needs for privilege separation (nss_wrapper(1)).
      const file = join(scratch, 'passwd');
      writeFileSync(file, `${passwd}sshd:x:65534:65534::/run/sshd:/usr/sbin/nologin\n`);
      return {
        ...libraries,
        LD_PRELOAD: 'libnss_wrapper.so',
        NSS_WRAPPER_PASSWD: file,
        NSS_WRAPPER_GROUP: '/etc/group',
      };
    },
  };
}

const libraryFolders = (root: string): readonly string[] =>
  ['usr/lib', 'lib']
    .map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.includes('-linux-gnu'))
        .map((name) => join(folder, name)),
    );

const tied = { tied: true } as const;

/** Downloads the package and those of its libraries that this machine lacks, and unpacks them; no script of them runs. */
async function unpack(folder: string, runner: Run): Promise<void> {
  const archives = join(folder, 'archives');
  mkdirSync(join(archives, 'partial'), { recursive: true });
  const download: Command = {
    argv: [
      'apt-get',
      ...['install', '--download-only', '-y', '-q', '--no-install-recommends'],
      // Nothing is installed, so nobody else's installation is in the way, and no root is needed.
      ...['-o', 'Debug::NoLocking=1', '-o', `Dir::Cache::archives=${archives}`],
      ...['openssh-server', 'libnss-wrapper'],
    ],
    env: { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    deadline: 5 * 60_000,
  };
  const first = await runner(download, tied);
  if (first.code !== 0) {
    // The lists may be old, or not there at all. Without root this fails, and the second attempt says why.
    await runner({ argv: ['apt-get', 'update', '-q'], env: { LC_ALL: 'C' }, deadline: 5 * 60_000 }, tied);
    await capture(download, { ...tied, run: runner });
  }
  for (const name of readdirSync(archives).filter((each) => each.endsWith('.deb'))) {
    const argv: Command['argv'] = ['dpkg-deb', '-x', join(archives, name), join(folder, 'root')];
    await capture({ argv, deadline: 60_000 }, { ...tied, run: runner });
  }
  rmSync(archives, { recursive: true });
}
