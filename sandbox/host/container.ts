import type { EngineFacts } from '../engine-facts';
import { machineShares, partName, type World } from '../world';

/** Labels of a host's container, beside the world's: what {@link tryInspect} reads the machine's facts from. */
export const hostLabels = {
  serverId: 'dev.cogni.server',
  hostname: 'dev.cogni.host',
  address: 'dev.cogni.address',
  diskGeneration: 'dev.cogni.disk',
  /** Slug that the machine was rented with. The sandbox boots the same system for each. */
  imageSlug: 'dev.cogni.slug',
} as const;

/** A host's container, as data. */
export interface HostContainer {
  readonly world: World;
  readonly serverId: number;
  readonly hostname: string;
  /** Fixed IPv4 address on the world's network. */
  readonly address: string;
  readonly diskGeneration: number;
  readonly imageSlug: string;
  /** Reference of the host image. */
  readonly image: string;
  /** Address of the DNS server. */
  readonly dns: string;
  /** Bytes of memory, swap included. The control groups of containers inside it are below its own: it holds for all. */
  readonly memory: number;
}

export const hostContainerName = (world: World, serverId: number): string =>
  partName(world, `host-${serverId}`);

/** Volume of the host's own Docker engine: overlay file systems do not stack, so its data needs a real one. */
export const hostVolumeName = (world: World, serverId: number): string =>
  partName(world, `host-${serverId}-docker`);

/**
 * What systemd, sshd and a Docker engine inside need beyond an ordinary container's rights. Privileged would be
 * simpler and is more than a machine without CAP_SYS_RESOURCE can give.
 */
const capabilities = [
  ...['SYS_ADMIN', 'NET_ADMIN', 'SYS_PTRACE', 'NET_RAW', 'SYS_CHROOT', 'MKNOD'],
  ...['AUDIT_WRITE', 'DAC_READ_SEARCH', 'SETFCAP', 'SYS_NICE', 'IPC_LOCK'],
];

/** Arguments of `docker` that make the container, without starting it. */
export const createArguments = (host: HostContainer, engine: EngineFacts): readonly string[] => [
  'create',
  `--name=${hostContainerName(host.world, host.serverId)}`,
  `--hostname=${host.hostname}`,
  `--label=${host.world.label}`,
  `--label=${hostLabels.serverId}=${host.serverId}`,
  `--label=${hostLabels.hostname}=${host.hostname}`,
  `--label=${hostLabels.address}=${host.address}`,
  `--label=${hostLabels.diskGeneration}=${host.diskGeneration}`,
  `--label=${hostLabels.imageSlug}=${host.imageSlug}`,
  `--network=${host.world.network}`,
  `--ip=${host.address}`,
  `--dns=${host.dns}`,
  `--cpu-shares=${machineShares}`,
  // Control groups of its own, of either version: what runs inside is counted, limited and removed with the host.
  '--cgroupns=private',
  ...(engine.memoryLimit ? [`--memory=${host.memory}`, `--memory-swap=${host.memory}`] : []),
  ...(engine.remapsUsers ? ['--userns=host'] : []),
  ...['/run', '/run/lock'].map((folder) => `--tmpfs=${folder}`),
  '--tmpfs=/tmp:exec',
  `--mount=type=volume,source=${hostVolumeName(host.world, host.serverId)},target=/var/lib/docker`,
  ...['seccomp', 'apparmor', 'systempaths'].map((option) => `--security-opt=${option}=unconfined`),
  ...capabilities.map((capability) => `--cap-add=${capability}`),
  // A rented machine comes up again by itself, after its own reboot as well.
  '--restart=unless-stopped',
  '--log-driver=json-file',
  '--log-opt=max-size=1m',
  '--log-opt=max-file=1',
  host.image,
];
