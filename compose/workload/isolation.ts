import { renderDevice, renderDeviceRequest, type Device, type DeviceRequest } from '../device';
import { orNone, type Mapping } from '../tree';
import type { Workload } from '../workload';

/** What it shares with the host, with another service, or with nobody. */
export interface IsolationProps<Owner extends string = string> {
  /** Root file system that cannot be written to. @default false */
  readonly readOnly?: boolean;
  /** Linux capabilities that it keeps; all others are dropped. @default - Docker's default set */
  readonly capabilities?: readonly string[];
  /** No program in it gains rights by its owner or file capabilities. @default true */
  readonly noNewPrivileges?: boolean;
  /** Further words for AppArmor, SELinux, seccomp: `label=type:app_t`. @default - none */
  readonly securityOptions?: readonly string[];
  /** All rights of the host. Needs an {@link Allowance} of the project. @default false */
  readonly privileged?: boolean;
  /** The Docker engine's interface. Needs an {@link Allowance} of the project. @default false */
  readonly engineSocket?: boolean;
  /** Whose processes it sees. The host's need an {@link Allowance}. @default - its own */
  readonly processes?: 'host' | Workload<Owner>;
  /** Whose shared memory and semaphores it has. The host's need an {@link Allowance}. @default - Docker's choice */
  readonly ipc?: 'host' | 'private' | 'shareable' | 'none' | Workload<Owner>;
  /** The host's name instead of one of its own. Needs an {@link Allowance}. @default - its own */
  readonly hostName?: 'host';
  /** The host's users where the engine maps them. Needs an {@link Allowance}. @default - the engine's mapping */
  readonly users?: 'host';
  /** Whose control groups it sees. The host's need an {@link Allowance}. @default - the engine's */
  readonly cgroup?: 'host' | 'private';
  /** Control group that its own hangs under. @default - the engine's */
  readonly cgroupParent?: string;
  /** Devices of the host. @default - none */
  readonly devices?: readonly Device[];
  /** Rules of the kernel's device controller: `c 13:* rmw`. @default - none */
  readonly deviceRules?: readonly string[];
  /** GPUs: all, or those that fit. @default - none */
  readonly gpus?: 'all' | readonly DeviceRequest[];
  /** Kernel settings of its own namespaces: `net.core.somaxconn`. @default - the host's */
  readonly sysctls?: { readonly [name: string]: string | number };
  /** OCI runtime. @default - the engine's */
  readonly runtime?: string;
}

/** The entries of {@link IsolationProps}. */
export function renderIsolation(props: IsolationProps): Mapping {
  const noNewPrivileges = props.noNewPrivileges === false ? [] : ['no-new-privileges:true'];
  return {
    read_only: props.readOnly ? true : undefined,
    privileged: props.privileged ? true : undefined,
    use_api_socket: props.engineSocket ? true : undefined,
    cap_drop: props.capabilities === undefined ? undefined : ['ALL'],
    cap_add: orNone(props.capabilities),
    security_opt: orNone([...noNewPrivileges, ...(props.securityOptions ?? [])]),
    pid: namespace(props.processes),
    ipc: namespace(props.ipc),
    uts: props.hostName,
    userns_mode: props.users,
    cgroup: props.cgroup,
    cgroup_parent: props.cgroupParent,
    devices: orNone(props.devices?.map(renderDevice)),
    device_cgroup_rules: orNone(props.deviceRules),
    gpus: typeof props.gpus === 'string' ? props.gpus : orNone(props.gpus?.map(renderDeviceRequest)),
    sysctls: orNone(props.sysctls),
    runtime: props.runtime,
  };
}

/** A namespace of the kernel, by a word or by the service that it is shared with. */
export const namespace = (shared: string | Workload | undefined): string | undefined =>
  typeof shared === 'object' ? `service:${shared.name}` : shared;
