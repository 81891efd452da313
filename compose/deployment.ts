import { renderDeviceRequest, type DeviceRequest } from './device';
import type { Duration } from './duration';
import { overlaid, type Raw } from './raw';
import type { Value, Values } from './reference';
import { mapped, orNone, type Mapping } from './tree';

/** How a platform replaces containers by new ones. */
export interface RollingProps {
  /** Containers at a time; 0 is all at once. @default 1 */
  readonly parallelism?: number;
  /** Between two groups. @default - none */
  readonly delay?: Duration;
  readonly onFailure?: 'continue' | 'pause' | 'rollback';
  /** How long a container is watched for failing. @default - the platform's */
  readonly monitor?: Duration;
  /** Share of failures that is tolerated, 0 to 1. @default 0 */
  readonly maxFailureRatio?: number;
  /** Whether the old one is stopped first. @default 'stop-first' */
  readonly order?: 'start-first' | 'stop-first';
}

/**
 * How a platform such as a swarm runs a service (Compose specification, "deploy"). Its limits and its number of
 * containers are those of the service itself (`memory`, `cpus`, `maxProcesses`, `replicas`): Compose refuses two that
 * differ.
 */
export interface Deployment {
  /** So many containers, one on each node, or the same for jobs that end. @default 'replicated' */
  readonly mode?: 'global' | 'replicated' | 'replicated-job' | 'global-job';
  /** One virtual address, or all containers' own. @default - the platform's */
  readonly endpointMode?: 'vip' | 'dnsrr';
  /** Labels of the service, not of its containers. @default - none */
  readonly labels?: Values;
  readonly update?: RollingProps;
  readonly rollback?: RollingProps;
  readonly restart?: {
    readonly condition?: 'none' | 'on-failure' | 'any';
    readonly delay?: Duration;
    readonly maxAttempts?: number;
    /** How long it must run to count as started. @default - at once */
    readonly window?: Duration;
  };
  readonly placement?: {
    readonly constraints?: readonly Value[];
    /** Spread evenly over the values of these labels. @default - none */
    readonly spreadOver?: readonly Value[];
    readonly maxReplicasPerNode?: number;
  };
  /** What a node must have free; its memory is the service's `memoryReservation`. @default - nothing */
  readonly reservations?: {
    readonly cpus?: number;
    readonly devices?: readonly DeviceRequest[];
    /** Countable resources by kind. @default - none */
    readonly resources?: { readonly [kind: string]: number };
  };
  /** What has no property here. @default - nothing */
  readonly raw?: Raw;
}

/** What the service says of itself, and its deployment repeats. */
interface Sizes {
  readonly replicas: number | undefined;
  readonly limits: Mapping;
  readonly reservedMemory: string | undefined;
}

/** The entry under `deploy`. */
export function renderDeployment(deployment: Deployment, sizes: Sizes): Mapping {
  const { mode, endpointMode, labels, update, rollback, restart, placement, reservations } = deployment;
  const entry: Mapping = {
    mode,
    endpoint_mode: endpointMode,
    replicas: sizes.replicas,
    labels: orNone(labels),
    update_config: mapped(update, renderRolling),
    rollback_config: mapped(rollback, renderRolling),
    restart_policy: restart && {
      condition: restart.condition,
      delay: restart.delay?.toString(),
      max_attempts: restart.maxAttempts,
      window: restart.window?.toString(),
    },
    placement: placement && {
      constraints: orNone(placement.constraints),
      preferences: placement.spreadOver?.map((spread) => ({ spread })),
      max_replicas_per_node: placement.maxReplicasPerNode,
    },
    resources: {
      limits: sizes.limits,
      reservations: orNone(
        reservations === undefined && sizes.reservedMemory === undefined
          ? undefined
          : {
              cpus: mapped(reservations?.cpus, String),
              memory: sizes.reservedMemory,
              devices: orNone(reservations?.devices?.map(renderDeviceRequest)),
              generic_resources:
                reservations?.resources &&
                Object.entries(reservations.resources).map(([kind, value]) => ({
                  discrete_resource_spec: { kind, value },
                })),
            },
      ),
    },
  };
  return overlaid(entry, deployment.raw);
}

const renderRolling = (rolling: RollingProps): Mapping => ({
  parallelism: rolling.parallelism,
  delay: rolling.delay?.toString(),
  failure_action: rolling.onFailure,
  monitor: rolling.monitor?.toString(),
  max_failure_ratio: mapped(rolling.maxFailureRatio, String),
  order: rolling.order,
});
