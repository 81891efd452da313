/**
 * What takes a service out of its box, and so needs a reason that a reviewer reads:
 * `privileged` all rights of the host; `capability:<NAME>` one of the kernel's rights that reaches beyond the container
 * (`capability:SYS_PTRACE`); `engine-socket` the Docker engine's interface, which is root on the host; `host-files`
 * directories that are the machine itself, its keys, or sockets by which it is told what to do; `host-state` a directory of the
 * host that it writes to; `host-devices` devices of the host; `host-namespaces` the host's processes, network, users, names,
 * shared memory or control groups, also through a service that has them, and those of a container outside of the project;
 * `unconfined` no seccomp, AppArmor or SELinux profile, or a seccomp profile of its own; `build-privileged` a build with the
 * host's rights; `host-program` no container at all, but a program that Compose runs on the host (`provider`).
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
  | 'build-privileged'
  | 'host-program';

/** One service that may do one such thing. The project lists all of them in one place. */
export interface Allowance {
  /** Name of the service. */
  readonly service: string;
  readonly power: Power;
  /** Why there is no other way. It stands in the report. */
  readonly reason: string;
}
