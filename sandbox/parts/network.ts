import { readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { Failure } from '../../foundation/failure';
import { tryReadFile, writeAtomically } from '../../foundation/files';
import { commandFailure } from '../../foundation/process';
import type { Progress } from '../../foundation/progress';
import { dockerFor, type Docker } from '../docker';
import type { World } from '../world';
import { chooseSubnet, parseSubnet, routesOf, type Subnet } from './subnet';

/** A sandbox's own Docker network, and who has which address on it. */
export interface SandboxNetwork {
  /** Docker's name for it: `World.network`. */
  readonly name: string;
  /** Docker's id for it: another one means that it was made again. */
  readonly id: string;
  /** Always 256 addresses: `10.1.2.0/24`. */
  readonly subnet: string;
  /** The machine itself, as the containers see it. */
  readonly gateway: string;
  /** Addresses of the parts that never move. */
  readonly parts: {
    readonly dns: string;
    readonly hub: string;
    readonly ghcr: string;
    readonly acme: string;
    readonly models: string;
    readonly s3: string;
  };
  /** Primary addresses that hosts may get, both ends included: a hundred. */
  readonly hosts: AddressRange;
  /** Floating addresses, both ends included: twenty. */
  readonly floating: AddressRange;
}

export interface AddressRange {
  readonly first: string;
  readonly last: string;
}

/**
 * The sandbox's network, made when it is not there. Its subnet is one that neither a Docker network nor a route of this
 * machine uses; it is remembered, so that addresses stay the same from one `up` to the next as long as it is still free.
 *
 * @throws Failure when no private range is free, or when the network is there and is not one of ours.
 */
export async function ensureNetwork(
  docker: Docker,
  world: World,
  progress: Progress,
): Promise<SandboxNetwork> {
  const there = await tryInspect(docker, world);
  if (there) return there;
  const remembered = join(world.folder, 'network.json');
  return progress.step(
    `create network ${world.network}`,
    async () => {
      const taken = [...(await dockerSubnets(docker)), ...routesOf(readFileSync('/proc/net/route', 'utf8'))];
      const subnet = await create(docker, world, taken, readRemembered(remembered));
      writeAtomically(remembered, `${JSON.stringify({ subnet })}\n`);
      const made = await tryInspect(docker, world);
      if (made) return made;
      throw new Failure({
        what: `the network ${world.network} was created and is gone`,
        next: 'see whether another program prunes Docker networks, then run this again',
      });
    },
    {
      why: 'all parts and hosts of the sandbox are on it, and nothing else',
      describe: (made) => made.subnet,
    },
  );
}

/** Who has which address in a subnet of 256. */
export function addressPlan(subnet: string): Omit<SandboxNetwork, 'name' | 'id'> {
  const prefix = subnet.slice(0, subnet.lastIndexOf('.'));
  const address = (last: number): string => `${prefix}.${last}`;
  return {
    subnet,
    gateway: address(1),
    parts: {
      dns: address(2),
      hub: address(3),
      ghcr: address(4),
      acme: address(5),
      models: address(6),
      s3: address(7),
    },
    hosts: { first: address(100), last: address(199) },
    floating: { first: address(200), last: address(219) },
  };
}

/** What Docker gives to containers that name no address: apart from all of the above. */
const automatic = (subnet: string): string => subnet.replace(/\.0\/24$/, '.224/27');

/** How often another sandbox may snatch the chosen subnet in the same moment. */
const attempts = 8;

async function create(
  docker: Docker,
  world: World,
  taken: readonly Subnet[],
  remembered: Subnet | undefined,
): Promise<string> {
  const used = [...taken];
  for (let attempt = 1; ; attempt += 1) {
    const { text, parsed } = chooseSubnet(
      used,
      world.id,
      attempt === 1 ? remembered : undefined,
      dockerFor(docker),
    );
    const args = [
      'network',
      'create',
      '--driver=bridge',
      `--subnet=${text}`,
      `--gateway=${addressPlan(text).gateway}`,
      `--ip-range=${automatic(text)}`,
      `--label=${world.label}`,
      world.network,
    ];
    const output = await docker.tryDocker(args);
    if (output.code === 0) return text;
    const overlaps = /overlap/i.test(output.stderr);
    if (!overlaps || attempt === attempts) {
      throw commandFailure({ argv: ['docker', ...args], deadline: 0 }, output, {
        what: `creating the network ${world.network} with the subnet ${text}`,
        state: 'there is no such network',
      });
    }
    used.push(parsed);
  }
}

/** Every subnet of a Docker network on this engine. */
async function dockerSubnets(docker: Docker): Promise<readonly Subnet[]> {
  const ids = (await docker.docker(['network', 'ls', '--quiet'])).split('\n').filter(Boolean);
  const format = '{{range .IPAM.Config}}{{.Subnet}} {{end}}';
  // One that is removed meanwhile makes the command fail, and what it printed of the others still holds.
  const { stdout } = await docker.tryDocker(['network', 'inspect', '--format', format, ...ids]);
  return stdout
    .split(/\s+/)
    .map(parseSubnet)
    .filter((subnet) => subnet !== undefined);
}

async function tryInspect(docker: Docker, world: World): Promise<SandboxNetwork | undefined> {
  const output = await docker.tryDocker(['network', 'inspect', world.network]);
  if (output.code !== 0) {
    if (/no such network|not found/i.test(output.stderr)) return undefined;
    throw commandFailure({ argv: ['docker', 'network', 'inspect', world.network], deadline: 0 }, output);
  }
  const [network] = JSON.parse(output.stdout) as readonly {
    readonly Id: string;
    readonly Labels: Readonly<Record<string, string>> | null;
    readonly IPAM: { readonly Config: readonly { readonly Subnet?: string }[] | null };
  }[];
  const [label, id] = world.label.split('=') as [string, string];
  const subnet = network?.IPAM.Config?.[0]?.Subnet;
  if (
    network?.Labels?.[label] === id &&
    subnet &&
    /^\d+\.\d+\.\d+\.0\/24$/.test(subnet) &&
    isIPv4(subnet.slice(0, -3))
  )
    return { name: world.network, id: network.Id, ...addressPlan(subnet) };
  throw new Failure({
    what: `the Docker network ${world.network} is there, and it is not as the sandbox makes it (subnet ${subnet ?? 'none'})`,
    next: `./cogni sandbox down, or ${dockerFor(docker)} network rm ${world.network} where it is not yours; then run this again`,
  });
}

function readRemembered(path: string): Subnet | undefined {
  try {
    const { subnet } = JSON.parse(tryReadFile(path) ?? '{}') as { readonly subnet?: unknown };
    return typeof subnet === 'string' ? parseSubnet(subnet) : undefined;
  } catch {
    return undefined;
  }
}
