import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { capture } from '../../foundation/process';
import type { PackageNeed } from '../packages';

/**
 * A Debian package, made here: control fields (deb-control(5)), files, and a script that runs after it was unpacked.
 */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  /** Debian's name of the processor: `amd64`; `all` for a package without programs. */
  readonly architecture: string;
  readonly depends?: string;
  readonly description: string;
  /** Files of this machine by their absolute path in the package; each gets mode 0755. */
  readonly programs?: Readonly<Record<string, string>>;
  /** Text of the maintainer script `postinst`. */
  readonly afterUnpacking?: string;
}

export const localRepositoryNeeds: readonly PackageNeed[] = [
  { program: 'dpkg-deb', package: 'dpkg', why: 'makes the package of Docker Compose for the hosts' },
];

/** Milliseconds: one package holds some 70 MB. */
const deadline = 120_000;

/**
 * Makes a folder that apt reads as a repository (`file:<folder> ./`): the packages and their index.
 *
 * @param folder is made; holds `*.deb`, `Packages` and `Release` afterwards.
 */
export async function makeRepository(folder: string, packages: readonly DebianPackage[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const entries: string[] = [];
  for (const debian of packages) {
    const file = `${debian.name}_${debian.version}_${debian.architecture}.deb`;
    await makePackage(debian, join(folder, file));
    const content = readFileSync(join(folder, file));
    entries.push(indexEntry(debian, file, content));
  }
  const index = entries.join('\n');
  writeFileSync(join(folder, 'Packages'), index);
  writeFileSync(join(folder, 'Release'), release(index));
}

async function makePackage(debian: DebianPackage, file: string): Promise<void> {
  const tree = `${file}.tree`;
  mkdirSync(join(tree, 'DEBIAN'), { recursive: true });
  writeFileSync(join(tree, 'DEBIAN', 'control'), controlFile(debian));
  if (debian.afterUnpacking !== undefined) {
    writeFileSync(join(tree, 'DEBIAN', 'postinst'), debian.afterUnpacking);
    chmodSync(join(tree, 'DEBIAN', 'postinst'), 0o755);
  }
  for (const [path, source] of Object.entries(debian.programs ?? {})) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    linkOrCopy(source, join(tree, path));
  }
  // Not compressed: it is unpacked at each host's bootstrap, from a local file.
  await capture(
    { argv: ['dpkg-deb', '--root-owner-group', '-Znone', '--build', tree, file], deadline },
    { tied: true },
  );
  rmSync(tree, { recursive: true });
}

function linkOrCopy(source: string, target: string): void {
  if ((statSync(source).mode & 0o777) === 0o755) {
    try {
      linkSync(source, target);
      return;
    } catch {
      // Another file system.
    }
  }
  copyFileSync(source, target);
  chmodSync(target, 0o755);
}

/** The control file of a package. */
const controlFile = (debian: DebianPackage): string =>
  [
    `Package: ${debian.name}`,
    `Version: ${debian.version}`,
    `Architecture: ${debian.architecture}`,
    'Maintainer: cogni-infra <sandbox@cogni.test>',
    ...(debian.depends === undefined ? [] : [`Depends: ${debian.depends}`]),
    'Section: admin',
    'Priority: optional',
    `Description: ${debian.description}`,
    '',
  ].join('\n');

/** The package's paragraph in the repository's index. */
const indexEntry = (debian: DebianPackage, file: string, content: Uint8Array): string =>
  [
    controlFile(debian).trimEnd(),
    `Filename: ./${file}`,
    `Size: ${content.byteLength}`,
    `SHA256: ${createHash('sha256').update(content).digest('hex')}`,
    '',
  ].join('\n');

/** Without it apt reports each time that the repository has none. The date lies in the past of every clock. */
const release = (index: string): string =>
  [
    'Origin: cogni-infra',
    'Label: sandbox',
    'Suite: sandbox',
    'Date: Wed, 01 Jan 2025 00:00:00 UTC',
    'SHA256:',
    ` ${createHash('sha256').update(index).digest('hex')} ${Buffer.byteLength(index)} Packages`,
    '',
  ].join('\n');
