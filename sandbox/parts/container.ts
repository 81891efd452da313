import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { systemClock, type Clock } from '../../foundation/clock';
import { Failure, messageOf } from '../../foundation/failure';
import { commandFailure } from '../../foundation/process';
import type { Progress } from '../../foundation/progress';
import { dockerFor, type Docker } from '../docker';
import { recipeLabel, type BuiltImage } from '../images/image';
import { partName, type World } from '../world';
import type { SandboxNetwork } from './network';

/** A part of the sandbox that is one container, as data. */
export interface PartContainer {
  /** `dns`; the container is called `cogni-<id>-dns`. */
  readonly part: string;
  readonly image: BuiltImage;
  readonly network: SandboxNetwork;
  /** Its fixed address on that network. */
  readonly address: string;
  /** DNS server that it asks; the engine's choice where undefined. */
  readonly dns?: string;
  /** Port inside that is also published on a loopback port of the engine's choice. */
  readonly publish?: number;
  /** Folders of this machine, mounted read-only, by their path inside. */
  readonly folders?: Readonly<Record<string, string>>;
  /** Data that outlives the container: the part of a volume's name, by its path inside. */
  readonly volumes?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  /** Content of the files that it reads at its start only: a change makes a new container. */
  readonly reads?: readonly string[];
}

export type PartState = 'running already' | 'started' | 'created';

/**
 * Makes sure that a part's container runs and is made from exactly this: left alone when it does, started when it was
 * stopped, made again when anything of it has changed. Wherever a run before this one was killed, this one converges.
 */
export async function ensureContainer(
  docker: Docker,
  world: World,
  container: PartContainer,
  progress: Progress,
): Promise<PartState> {
  const name = partName(world, container.part);
  const recipe = recipeOf(container);
  const there = await tryInspectContainer(docker, name);
  if (there?.recipe === recipe && there.status === 'running') return 'running already';
  return progress.step(
    `start ${container.part}`,
    async () => {
      if (there?.recipe === recipe && (there.status === 'exited' || there.status === 'created')) {
        // It fails where what it was made with is gone, for instance its network: then it is made again.
        if ((await docker.tryDocker(['start', name])).code === 0) return 'started';
      }
      if (there) await docker.docker(['rm', '--force', name]);
      for (const volume of Object.values(container.volumes ?? {})) {
        await docker.docker(['volume', 'create', `--label=${world.label}`, partName(world, volume)]);
      }
      await docker.docker(runArguments(world, container, recipe));
      return 'created';
    },
    { describe: (state) => state },
  );
}

/** The command as data. */
export function runArguments(world: World, container: PartContainer, recipe: string): readonly string[] {
  const { part, image, network, address, dns, publish, folders = {}, volumes = {}, command = [] } = container;
  return [
    'run',
    '--detach',
    `--name=${partName(world, part)}`,
    `--hostname=${part}`,
    `--label=${world.label}`,
    `--label=${recipeLabel}=${recipe}`,
    `--network=${network.name}`,
    `--ip=${address}`,
    ...(dns === undefined ? [] : [`--dns=${dns}`]),
    ...(publish === undefined ? [] : [`--publish=127.0.0.1::${publish}`]),
    ...Object.entries(folders).map(([inside, source]) => `--mount=${bindMount(source, inside)}`),
    ...Object.entries(volumes).map(
      ([inside, volume]) => `--mount=type=volume,source=${partName(world, volume)},target=${inside}`,
    ),
    // A sandbox that runs for weeks must not fill the disk with its logs.
    '--log-driver=json-file',
    '--log-opt=max-size=10m',
    '--log-opt=max-file=2',
    image.reference,
    ...command,
  ];
}

/** `--mount` is comma-separated values: a field with a comma or a quote in it is quoted (RFC 4180). */
const bindMount = (source: string, inside: string): string =>
  ['type=bind', `source=${source}`, `target=${inside}`, 'readonly']
    .map((field) => (/[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(',');

/** The folders' inodes belong to it: a container keeps seeing a folder that was removed and made again as it was. */
function recipeOf(container: PartContainer): string {
  const { image, network, folders = {}, ...rest } = container;
  const mounted = Object.entries(folders).map(([inside, source]) => [inside, source, statSync(source).ino]);
  return createHash('sha256')
    .update(JSON.stringify([image.id, network.id, mounted, rest]))
    .digest('hex')
    .slice(0, 12);
}

interface Inspected {
  readonly status: string;
  readonly recipe: string | undefined;
  readonly ports: Readonly<
    Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>
  >;
}

/** What the engine says of a container, or undefined when it has none of that name. */
export async function tryInspectContainer(docker: Docker, name: string): Promise<Inspected | undefined> {
  const args = ['container', 'inspect', name];
  const output = await docker.tryDocker(args);
  if (output.code !== 0) {
    if (/no such container/i.test(output.stderr)) return undefined;
    throw commandFailure({ argv: ['docker', ...args], deadline: 0 }, output);
  }
  const [container] = JSON.parse(output.stdout) as readonly {
    readonly State: { readonly Status: string };
    readonly Config: { readonly Labels: Readonly<Record<string, string>> | null };
    readonly NetworkSettings: { readonly Ports: Inspected['ports'] | null };
  }[];
  return {
    status: container?.State.Status ?? '',
    recipe: container?.Config.Labels?.[recipeLabel],
    ports: container?.NetworkSettings.Ports ?? {},
  };
}

/** Milliseconds for a part to begin answering: it has nothing to do but start. */
const readyDeadline = 30_000;

/**
 * Waits until a part answers as it should.
 *
 * @param probe asks it once; what it throws is why it is not ready yet
 * @throws Failure with the last reason and the end of the container's log
 */
export async function untilReady(
  docker: Docker,
  world: World,
  part: string,
  probe: () => Promise<void>,
  clock: Clock = systemClock,
): Promise<void> {
  const until = clock.monotonic() + readyDeadline;
  for (;;) {
    try {
      return await probe();
    } catch (cause) {
      const name = partName(world, part);
      const status = (await tryInspectContainer(docker, name))?.status;
      const over = clock.monotonic() >= until;
      if (status === 'running' && !over) {
        await clock.sleep(100);
        continue;
      }
      const log = await docker.tryDocker(['logs', '--tail=30', name]);
      throw new Failure({
        what:
          status === 'running'
            ? `the sandbox's ${part} did not answer within ${readyDeadline / 1000} s: ${messageOf(cause)}`
            : `the sandbox's ${part} ended instead of answering`,
        state: `its container ${name} is left as it is (${status ?? 'it is gone'})`,
        next: `${dockerFor(docker)} logs ${name}; then ./cogni sandbox down and up again`,
        output: `${log.stdout}${log.stderr}`,
        cause,
      });
    }
  }
}
