import { renderBlockIo, type BlockIo } from '../block-io';
import type { Bytes } from '../bytes';
import type { Duration } from '../duration';
import { mapped, orNone, type Mapping } from '../tree';
import { renderUlimits, type Ulimits } from '../ulimit';

/** What it may use of the host. A changed value recreates the container, and nothing else. */
export interface ResourceProps {
  /** Most memory it may use; the kernel kills it beyond that, instead of the whole host. */
  readonly memory: Bytes;
  /** Memory that it keeps when the host runs short. @default - none is kept */
  readonly memoryReservation?: Bytes;
  /** Memory and swap together. @default - Docker's: as much swap as memory */
  readonly memoryAndSwap?: Bytes | 'unlimited';
  /** How readily the kernel swaps it out, 0 to 100. @default - the host's */
  readonly swappiness?: number;
  /** Size of /dev/shm. @default - Docker's 64 MiB */
  readonly sharedMemory?: Bytes;
  /** Processors' worth of time, e.g. 1.5. @default - no limit */
  readonly cpus?: number;
  /** Share of processor time when there is not enough. @default 1024 */
  readonly cpuShares?: number;
  /** The processors that it may run on: `0-2,4`. @default - all */
  readonly cpuSet?: string;
  /** Time on a processor in every period, the raw form of `cpus`. @default - no limit */
  readonly cpuQuota?: { readonly quota: Duration; readonly period: Duration };
  /** The same for real-time scheduling, where the kernel has it. @default - none */
  readonly cpuRealTime?: { readonly runtime: Duration; readonly period: Duration };
  /** Most processes and threads. @default - no limit */
  readonly maxProcesses?: number;
  /** Limits of the kernel for each process. @default - the engine's */
  readonly ulimits?: Ulimits;
  /** How soon the kernel kills it when the host runs out of memory, -1000 to 1000. @default 0 */
  readonly outOfMemoryScore?: number;
  /** Let it hang rather than be killed when it reaches its limit. @default false */
  readonly outOfMemoryKillDisabled?: boolean;
  /** Shares and limits of disk access. @default - none */
  readonly blockIo?: BlockIo;
  /** Options of the storage driver: `{ size: '10G' }`. @default - none */
  readonly storageOptions?: { readonly [name: string]: string };
}

/** The entries of {@link ResourceProps}. */
export const renderResources = (props: ResourceProps): Mapping => ({
  mem_limit: props.memory.toString(),
  mem_reservation: props.memoryReservation?.toString(),
  memswap_limit: props.memoryAndSwap === 'unlimited' ? -1 : props.memoryAndSwap?.toString(),
  mem_swappiness: props.swappiness,
  shm_size: props.sharedMemory?.toString(),
  cpus: mapped(props.cpus, String),
  cpu_shares: props.cpuShares,
  cpuset: props.cpuSet,
  cpu_quota: mapped(props.cpuQuota?.quota, microseconds),
  cpu_period: mapped(props.cpuQuota?.period, microseconds),
  cpu_rt_runtime: mapped(props.cpuRealTime?.runtime, microseconds),
  cpu_rt_period: mapped(props.cpuRealTime?.period, microseconds),
  pids_limit: props.maxProcesses,
  ulimits: renderUlimits(props.ulimits),
  oom_score_adj: props.outOfMemoryScore,
  oom_kill_disable: props.outOfMemoryKillDisabled ? true : undefined,
  blkio_config: mapped(props.blockIo, renderBlockIo),
  storage_opt: orNone(props.storageOptions),
});

/** The engine counts these in microseconds (Docker documentation, "Configure the default CFS scheduler"). */
const microseconds = (duration: Duration): number => duration.toMilliseconds() * 1_000;
