import type { ServiceView } from '../inspection';
import { isService } from '../service';
import { mappingOf, type Plain } from '../tree';
import { bytesOf, containersOf, deployed, memoryMountsOf, memoryOf, numberOf } from './amounts';
import { hasVariable, startedAgain, textOf } from './entry';
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
    check: perService(function* ({ entry }) {
      const { cpus, pids } = deployed(entry, 'limits');
      for (const limit of counted(entry['cpus'], cpus)) {
        if (!(limit > 0 && limit < 1024)) yield `its limit of processors is ${limit}`;
      }
      for (const limit of counted(entry['pids_limit'], pids)) {
        if (!(Number.isInteger(limit) && limit > 0)) yield `its limit of processes is ${limit}`;
      }
    }),
  },
  {
    code: 'COMPOSE-603',
    rule: 'memory-backed mounts leave room below the memory limit',
    why: 'what is written to a tmpfs or /dev/shm counts as memory: a full one would get the service killed',
    check: perService(function* ({ entry }) {
      const memory = memoryOf(entry);
      const mounts = memoryMountsOf(entry);
      for (const { target, isUnlimited } of mounts) {
        if (isUnlimited) yield `its tmpfs at ${target} has no size: it may hold half of the host's memory`;
      }
      const total = mounts.reduce((sum, { bytes = 0 }) => sum + bytes, bytesOf(entry['shm_size']) ?? 0);
      if (memory !== undefined && total >= memory) {
        yield `its tmpfs mounts and /dev/shm may hold ${total} bytes, its limit is ${limitOf(entry)}`;
      }
    }),
  },
  {
    code: 'COMPOSE-604',
    rule: 'every service has a memory limit',
    why: 'one that leaks takes the whole host with it; other limits may be left out: processors are shared, and what processes need is memory',
    check: perService(function* ({ entry }) {
      if (memoryOf(entry) === undefined && entry['provider'] === undefined) yield 'it has no memory limit';
    }),
  },
  {
    code: 'COMPOSE-605',
    rule: "every service's log has a limit",
    why: 'Docker keeps every line until the disk is full, and refuses a number of files that is none',
    check: perService(function* ({ entry }) {
      const { driver, options } = mappingOf(entry['logging']);
      // A variable may name one that keeps its lines on the host. What the driver of a plugin keeps, and which option limits
      // it, only the plugin knows.
      const local = ['', 'json-file', 'local'].includes(textOf(driver) ?? '') || hasVariable(driver);
      if (!local || entry['provider'] !== undefined) return;
      const { 'max-size': size, 'max-file': files } = mappingOf(options);
      if (bytesOf(size) === undefined) yield 'its log has no limit';
      const count = numberOf(files);
      if (count !== undefined && !(Number.isInteger(count) && count >= 1)) {
        yield `its log is kept in ${count} files: a whole number from 1 is allowed`;
      }
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
          const containers = containersOf(entry);
          // A number that is none is another rule's to tell (COMPOSE-305).
          const memory = (memoryOf(entry) ?? 0) * (containers >= 0 ? containers : 1);
          if (workload !== undefined && !isService(workload) && startedAgain(entry) === undefined) {
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
    check: perService(function* ({ entry }) {
      const memory = memoryOf(entry) ?? Infinity;
      const reserved = new Set([entry['mem_reservation'], deployed(entry, 'reservations')['memory']]);
      for (const amount of reserved) {
        if ((bytesOf(amount) ?? 0) > memory) {
          yield `it reserves ${asWritten(amount)} of memory, its limit is ${limitOf(entry)}`;
        }
      }
      const withSwap = entry['memswap_limit'];
      if ((bytesOf(withSwap) ?? Infinity) < memory && memory !== Infinity) {
        yield `its limit of memory and swap is ${asWritten(withSwap)}, that of memory alone ${limitOf(entry)}`;
      }
      for (const [name, limit] of Object.entries(mappingOf(entry['ulimits']))) {
        const { soft, hard } = mappingOf(limit);
        const [lower = 0, upper = -1] = [numberOf(soft), numberOf(hard)];
        if (upper !== -1 && (lower > upper || lower === -1)) {
          yield `its soft limit of ${name} is ${lower}, the hard one ${upper}`;
        }
      }
    }),
  },
];

/** Each of two places where a limit may stand, as far as a number stands there. */
const counted = (...values: readonly (Plain | undefined)[]): ReadonlySet<number> =>
  new Set(values.map(numberOf).filter((value) => value !== undefined));

/** An amount as it stands in the file: text or a number. */
const asWritten = (value: Plain | undefined): string =>
  typeof value === 'number' ? String(value) : (textOf(value) ?? '');

/** Its memory limit as it stands in the file. */
const limitOf = (entry: ServiceView['entry']): string | number | undefined => {
  const { memory } = deployed(entry, 'limits');
  return textOf(entry['mem_limit']) ?? textOf(memory) ?? memoryOf(entry);
};

const inMebibytes = (bytes: number): string => `${Math.ceil(bytes / 1024 ** 2)} MiB`;
