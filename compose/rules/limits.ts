import { perProject, type Rule } from './rule';

/** Docker refuses less (Docker source, daemon, "linuxMinMemory"). */
const leastMemory = 6 * 1024 ** 2;

export const limitRules: readonly Rule[] = [
  {
    code: 'COMPOSE-601',
    rule: 'a memory limit is at least 6 MiB',
    why: 'Docker refuses the container',
    check: perProject(function* (project) {
      for (const at of project.services) {
        if (at.props.memory.toBytes() < leastMemory) {
          yield { at, message: `its memory limit is ${at.props.memory.toString()}` };
        }
      }
    }),
  },
  {
    code: 'COMPOSE-602',
    rule: 'limits on processors and processes are above zero',
    why: 'Docker takes zero for no limit at all',
    check: perProject(function* (project) {
      for (const at of project.services) {
        const { cpus, maxProcesses } = at.props;
        if (cpus !== undefined && !(cpus > 0 && cpus < 1024))
          yield { at, message: `its limit of processors is ${cpus}` };
        if (maxProcesses !== undefined && !(Number.isInteger(maxProcesses) && maxProcesses > 0)) {
          yield { at, message: `its limit of processes is ${maxProcesses}` };
        }
      }
    }),
  },
  {
    code: 'COMPOSE-603',
    rule: 'memory-backed mounts leave room below the memory limit',
    why: 'what is written to a tmpfs or /dev/shm counts as memory: a full one would get the service killed',
    check: perProject(function* (project) {
      for (const at of project.services) {
        const sizes = (at.props.mounts ?? []).map((mount) =>
          mount.kind === 'tmpfs' ? mount.size.toBytes() : 0,
        );
        const total = sizes.reduce((sum, size) => sum + size, at.props.sharedMemory?.toBytes() ?? 0);
        if (total >= at.props.memory.toBytes()) {
          yield {
            at,
            message: `its tmpfs mounts and /dev/shm may hold ${total} bytes, its limit is ${at.props.memory.toString()}`,
          };
        }
      }
    }),
  },
];
