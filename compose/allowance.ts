/**
 * What takes a service out of its box, and so needs a reason that a reviewer reads:
 * `privileged` all rights of the host; `capability:<NAME>` one of the kernel's rights that reaches beyond the container
 * (`capability:SYS_PTRACE`); `engine-socket` the Docker engine's interface, which is root on the host; `host-files`
 * directories that are the machine itself; `host-state` a directory of the host that it writes to; `host-devices` devices of
 * the host; `host-namespaces` the host's processes, network, users, names, shared memory or control groups; `unconfined` no
 * seccomp, AppArmor or SELinux profile; `build-privileged` a build with the host's rights.
 */
export type Power =
  | 'privileged'
  | `capability:${string}`
  | 'engine-socket'
  | 'host-files'
  | 'host-state'
  | 'host-devices'
  | 'host-namespaces'
  | 'unconfined'
  | 'build-privileged';

/** One service that may do one such thing. The project lists all of them in one place. */
export interface Allowance {
  /** Name of the service. */
  readonly service: string;
  readonly power: Power;
  /** Why there is no other way. It stands in the report. */
  readonly reason: string;
}
