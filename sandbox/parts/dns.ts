import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tryReadFile, writeAtomically } from '../../foundation/files';
import { addressesOf, lookupVia } from '../../foundation/resolve';
import type { Progress } from '../../foundation/progress';
import type { Docker } from '../docker';
import { dnsImage } from '../images/dns';
import { sandboxNames, type World } from '../world';
import { ensureContainer, untilReady } from './container';
import type { SandboxNetwork } from './network';

/**
 * The folder of DNS records: each file in it is read as a hosts(5) file. A file that comes, changes or goes is noticed
 * at once (tried with dnsmasq 2.90: inotify, deletions included). Two traps: a temporary file in the folder counts as a
 * record, and keeps counting when it is renamed; but names that begin with a dot are never read.
 */
export const recordsFolder = (world: World): string => join(world.folder, 'dns', 'hosts');

/** Lets a name point to one address. Takes effect at once, without a restart. */
export function putRecord(world: World, name: string, address: string): void {
  const folder = recordsFolder(world);
  const file = join(folder, name);
  const content = `${address} ${name}\n`;
  if (tryReadFile(file) === content) return;
  const unseen = join(folder, `.${name}`);
  writeAtomically(unseen, content);
  renameSync(unseen, file);
}

/** Lets a name point nowhere: it is then unknown (NXDOMAIN). */
export function removeRecord(world: World, name: string): void {
  rmSync(join(recordsFolder(world), name), { force: true });
}

/** Names under `.test` are answered here or nowhere; all others are asked of the machine's own resolver. */
const dnsmasqOptions: readonly string[] = [
  '--local=/test/',
  '--domain-needed',
  '--bogus-priv',
  '--no-negcache',
];

/**
 * The sandbox's DNS server, at its fixed address. Everything on the network asks it; it knows the fixed parts by
 * itself, and whatever {@link putRecord} says.
 *
 * @returns once it answers
 */
export async function ensureDns(
  docker: Docker,
  world: World,
  network: SandboxNetwork,
  progress: Progress,
): Promise<{ readonly address: string }> {
  mkdirSync(recordsFolder(world), { recursive: true });
  const { hub, ghcr, acme, models, s3, dns: address } = network.parts;
  putRecord(world, sandboxNames.hub, hub);
  putRecord(world, sandboxNames.ghcr, ghcr);
  putRecord(world, sandboxNames.acme, acme);
  putRecord(world, sandboxNames.models, models);
  putRecord(world, sandboxNames.s3, s3);
  await ensureContainer(
    docker,
    world,
    {
      part: 'dns',
      image: await dnsImage(docker, progress),
      network,
      address,
      folders: { '/hosts': recordsFolder(world) },
      command: dnsmasqOptions,
    },
    progress,
  );
  await untilReady(docker, world, 'dns', async () => {
    const [answer] = await addressesOf(sandboxNames.hub, lookupVia(address));
    if (answer !== hub) throw new Error(`it says ${answer ?? 'nothing'} for ${sandboxNames.hub}, not ${hub}`);
  });
  return { address };
}
