import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../foundation/failure';
import { tryReadFile, writeAtomically } from '../../foundation/files';
import { commandFailure } from '../../foundation/process';
import type { Docker } from '../docker';
import type { MachineFacts, Machines, MachineSpec } from '../emulator/machines';
import { askEngine, type EngineFacts } from '../engine-facts';
import type { World } from '../world';
import { archiveOf } from './archive';
import { createArguments, hostContainerName, hostLabels, hostVolumeName } from './container';
import { diskFiles } from './disk';

export interface DockerMachinesOptions {
  readonly docker: Docker;
  readonly world: World;
  /** Path of the certificate (PEM) of the authority that hosts trust from their first boot on. */
  readonly authority: string;
  /** Address of the DNS server that hosts ask. */
  readonly dns: string;
  /** Reference of the image that hosts boot from; see `ensureHostImage`. */
  readonly image: string;
  /** Folder that remembers how often each machine was wiped; nothing else is kept there. */
  readonly folder: string;
  /** Bytes of memory of each host. @default 4 GiB */
  readonly memory?: number;
}

/** Seconds that a machine gets to halt before its power is cut. */
const haltGrace = 15;

/** Milliseconds for one step of the engine; wiping a disk full of images takes longest. */
const deadline = 120_000;

/**
 * Machines as system containers of a Docker engine: one container each, with systemd, sshd, cloud-init and a Docker
 * engine inside, its disk the container's own layer and one volume. Whatever step a killed run ended at, the next call
 * for the same machine begins anew and converges. Calls for one machine are done one after another, in their order;
 * calls for several at once.
 */
export function dockerMachines(options: DockerMachinesOptions): Machines {
  const { docker, world } = options;
  const queues = new Map<number, Promise<unknown>>();
  let engine: Promise<EngineFacts> | undefined;

  const inTurn = <T>(serverId: number, work: () => Promise<T>): Promise<T> => {
    const before = queues.get(serverId) ?? Promise.resolve();
    const turn = before.then(work, work);
    queues.set(serverId, turn);
    return turn;
  };

  const install = async (machine: MachineSpec): Promise<void> => {
    const { serverId, hostname, address } = machine;
    engine ??= engineFacts(docker);
    const facts = await engine.catch((cause: unknown) => {
      engine = undefined;
      throw cause;
    });
    // Noted before anything is wiped: a disk that was begun is never taken for the one before it.
    const diskGeneration = nextGeneration(options.folder, serverId);
    await wipe(docker, world, serverId);
    await docker.docker(['volume', 'create', `--label=${world.label}`, hostVolumeName(world, serverId)]);
    await docker.docker(
      createArguments(
        {
          world,
          serverId,
          hostname,
          address,
          diskGeneration,
          imageSlug: machine.image,
          image: options.image,
          dns: options.dns,
          memory: options.memory ?? 4 * 1024 ** 3,
        },
        facts,
      ),
      { deadline },
    );
    const disk = { ...machine, worldId: world.id, diskGeneration, dns: options.dns };
    const files = diskFiles({ ...disk, authority: readFileSync(options.authority, 'utf8') });
    const container = hostContainerName(world, serverId);
    await docker.docker(['cp', '-', `${container}:/`], { stdin: archiveOf(files), deadline });
    await docker.docker(['start', container], { deadline });
  };

  return {
    create: (machine) => inTurn(machine.serverId, () => install(machine)),
    reinstall: (machine) => inTurn(machine.serverId, () => install(machine)),
    remove: (serverId) =>
      inTurn(serverId, async () => {
        await wipe(docker, world, serverId);
        rmSync(generationFile(options.folder, serverId), { force: true });
      }),
    power: (serverId, action) =>
      inTurn(serverId, async () => {
        const container = hostContainerName(world, serverId);
        if ((await tryInspectContainer(docker, container)) === undefined) {
          throw new Failure({
            what: `there is no machine behind server ${serverId}: the engine has no container ${container}`,
            next: 'create it, or reinstall the server, which makes its machine anew',
          });
        }
        const graceful = [`--time=${haltGrace}`, container];
        const args = {
          on: ['start', container],
          off: ['stop', ...graceful],
          reboot: ['restart', ...graceful],
        }[action];
        await docker.docker(args, { deadline });
      }),
    async tryInspect(serverId) {
      return tryInspectContainer(docker, hostContainerName(world, serverId));
    },
  };
}

async function engineFacts(docker: Docker): Promise<EngineFacts> {
  const facts = await askEngine(docker);
  if (!('silent' in facts)) return facts;
  throw new Failure({
    what: 'the Docker engine that runs the hosts does not answer',
    output: facts.silent,
    next: './cogni sandbox up starts it again',
  });
}

/** Ends a machine and deletes its disk. */
async function wipe(docker: Docker, world: World, serverId: number): Promise<void> {
  // Power is cut: nobody needs what a clean halt would have saved.
  await docker
    .docker(['rm', '--force', '--volumes', hostContainerName(world, serverId)], { deadline })
    .catch(unlessGone);
  await docker.docker(['volume', 'rm', '--force', hostVolumeName(world, serverId)], { deadline });
}

/** Engines since 23 count the removal of a container that is not there as done; older ones as failed. */
function unlessGone(thrown: unknown): void {
  if (!(thrown instanceof Failure) || !/no such container/i.test(thrown.output)) throw thrown;
}

const generationFile = (folder: string, serverId: number): string =>
  join(folder, `${serverId}.disk-generation`);

function nextGeneration(folder: string, serverId: number): number {
  const file = generationFile(folder, serverId);
  const next = (Number.parseInt(tryReadFile(file) ?? '0', 10) || 0) + 1;
  writeAtomically(file, `${next}\n`);
  return next;
}

async function tryInspectContainer(docker: Docker, container: string): Promise<MachineFacts | undefined> {
  const args = ['container', 'inspect', container];
  const output = await docker.tryDocker(args);
  if (output.code !== 0) {
    if (/no such container/i.test(output.stderr)) return undefined;
    throw commandFailure({ argv: ['docker', ...args], deadline }, output);
  }
  const [inspected] = JSON.parse(output.stdout) as readonly {
    readonly State: { readonly Running: boolean };
    readonly Config: { readonly Labels: Readonly<Record<string, string>> };
  }[];
  const label = (name: string): string => inspected?.Config.Labels[name] ?? '';
  return {
    serverId: Number(label(hostLabels.serverId)),
    hostname: label(hostLabels.hostname),
    address: label(hostLabels.address),
    running: inspected?.State.Running ?? false,
    diskGeneration: Number(label(hostLabels.diskGeneration)),
  };
}
