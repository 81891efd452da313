import { mappingOf } from '../tree';
import { isService } from '../service';
import { bytesOf, memoryOf, textOf } from './entry';
import { perService, type Rule } from './rule';

/** Docker refuses less (Docker source, daemon, "linuxMinMemory"). */
const leastMemory = 6 * 1024 ** 2;

export const limitRules: readonly Rule[] = [
  {
    code: 'COMPOSE-601',
    rule: 'a memory limit is at least 6 MiB',
    why: 'Docker refuses the container',
    check: perService(function* ({ entry }) {
      const memory = memoryOf(entry);
      if (memory !== undefined && memory < leastMemory) {
        yield `its memory limit is ${textOf(entry['mem_limit']) ?? memory}`;
      }
    }),
  },
  {
    code: 'COMPOSE-602',
    rule: 'limits on processors and processes are above zero',
    why: 'Docker takes zero for no limit at all',
    check: perService(function* ({ workload }) {
      const { cpus, maxProcesses } = workload?.props ?? {};
      if (cpus !== undefined && !(cpus > 0 && cpus < 1024)) yield `its limit of processors is ${cpus}`;
      if (maxProcesses !== undefined && !(Number.isInteger(maxProcesses) && maxProcesses > 0)) {
        yield `its limit of processes is ${maxProcesses}`;
      }
    }),
  },
  {
    code: 'COMPOSE-603',
    rule: 'memory-backed mounts leave room below the memory limit',
    why: 'what is written to a tmpfs or /dev/shm counts as memory: a full one would get the service killed',
    check: perService(function* ({ workload }) {
      if (workload === undefined) return;
      const { mounts = [], sharedMemory, memory } = workload.props;
      const sizes = mounts.map((mount) => (mount.kind === 'tmpfs' ? mount.size.toBytes() : 0));
      const total = sizes.reduce((sum, size) => sum + size, sharedMemory?.toBytes() ?? 0);
      if (total >= memory.toBytes()) {
        yield `its tmpfs mounts and /dev/shm may hold ${total} bytes, its limit is ${memory.toString()}`;
      }
    }),
  },
  {
    code: 'COMPOSE-604',
    rule: 'every service has a memory limit',
    why: 'one that leaks takes the whole host with it',
    check: perService(function* ({ entry }) {
      if (memoryOf(entry) === undefined && entry['provider'] === undefined) yield 'it has no memory limit';
    }),
  },
  {
    code: 'COMPOSE-605',
    rule: "every service's log has a limit",
    why: 'Docker keeps every line until the disk is full',
    check: perService(function* ({ entry }) {
      const { driver, options } = mappingOf(entry['logging']);
      const local = driver === undefined || driver === 'json-file' || driver === 'local';
      const unlimited = bytesOf(mappingOf(options)['max-size']) === undefined;
      if (local && unlimited && entry['provider'] === undefined) yield 'its log has no limit';
    }),
  },
  {
    code: 'COMPOSE-606',
    rule: 'the memory limits of a host leave room for the system',
    why: 'the kernel would kill something when all of them use what they may',
    check: function* ({ host, projects }) {
      if (host.memory === undefined) return;
      let always = 0;
      // Jobs run one after the other, beside everything else.
      let passing = host.transientMemory?.toBytes() ?? 0;
      const limits: string[] = [];
      for (const { services } of projects) {
        for (const { name, workload, entry } of services) {
          const memory = (memoryOf(entry) ?? 0) * (workload?.props.replicas ?? 1);
          if (workload !== undefined && !isService(workload)) {
            passing = Math.max(passing, memory);
            continue;
          }
          always += memory;
          if (memory > 0) limits.push(`${name} ${inMebibytes(memory)}`);
        }
      }
      const [sum, reserved] = [always + passing, host.reservedMemory?.toBytes() ?? 0];
      const [first] = projects;
      if (sum + reserved > host.memory.toBytes() && first !== undefined) {
        yield {
          at: first.project,
          message: `services may use ${inMebibytes(sum)} (${limits.join(', ')}, and ${inMebibytes(passing)} for what comes and goes) and the system ${inMebibytes(reserved)}, the host has ${inMebibytes(host.memory.toBytes())}`,
        };
      }
    },
  },
  {
    code: 'COMPOSE-607',
    rule: 'a reservation or a soft limit is not above the limit',
    why: 'Docker refuses the container',
    check: perService(function* ({ workload }) {
      if (workload === undefined) return;
      const { memory, memoryReservation, memoryAndSwap, ulimits = {} } = workload.props;
      if (memoryReservation !== undefined && memoryReservation.toBytes() > memory.toBytes()) {
        yield `it reserves ${memoryReservation.toString()} of memory, its limit is ${memory.toString()}`;
      }
      if (typeof memoryAndSwap === 'object' && memoryAndSwap.toBytes() < memory.toBytes()) {
        yield `its limit of memory and swap is ${memoryAndSwap.toString()}, that of memory alone ${memory.toString()}`;
      }
      for (const [name, limit] of Object.entries(ulimits)) {
        if (typeof limit === 'object' && limit.hard !== -1 && limit.soft > limit.hard) {
          yield `its soft limit of ${name} is ${limit.soft}, the hard one ${limit.hard}`;
        }
      }
    }),
  },
];

const inMebibytes = (bytes: number): string => `${Math.ceil(bytes / 1024 ** 2)} MiB`;
