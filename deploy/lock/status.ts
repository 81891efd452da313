import { Failure } from '../../foundation/failure';
import { layout } from '../rolling/layout';
import type { RemoteCommand, Transport } from '../transport';
import type { HostLock } from './hold';
import { holdersFunction } from './holders-script';

/** Who holds a lock of a host, as its kernel says. */
export type LockState =
  | {
      readonly state: 'free';
      /** What the last run said of itself when it took the lock; it has ended since. */
      readonly last: string | undefined;
    }
  | {
      readonly state: 'held';
      /** Names the holding process for ever: its number and its start. Undefined for one of another user. */
      readonly id: string | undefined;
      /** What the run said of itself: who, from where, deploying what, since when. */
      readonly says: string | undefined;
      /** When the holding process was started, UTC. */
      readonly since: string | undefined;
      readonly processes: readonly LockProcess[];
    };

/** A process that has the locked file open: the lock is free when the last of them has ended. */
export interface LockProcess {
  readonly pid: number;
  /** Clock ticks between the start of the machine and that of the process. */
  readonly start: number;
  readonly program: string;
}

/** Fixed; the lock's file and the file that names its holder are its arguments. Only reads. */
export const lockQuestion = `${holdersFunction}
echo "clock $(date +%s) $(cut -d ' ' -f 1 /proc/uptime) $(getconf CLK_TCK)"
[ -e "$1" ] || exit 0
echo "file $(stat --format='%d %i' -- "$1")"
grep ' FLOCK .* WRITE ' /proc/locks | sed 's/^/lock /'
holders "$1" | sed 's/^/holder /'
[ -r "$2" ] && head -n 1 -- "$2" | sed 's/^/says /'
exit 0`;

/** The question as data. */
export const askLock = (
  lock: string = layout.deploy.lock,
  holder: string = layout.deploy.holder,
): RemoteCommand => ({ argv: ['sh', '-c', lockQuestion, 'sh', lock, holder], deadline: 20_000 });

/**
 * Asks a host for the state of a lock, without taking it.
 *
 * @param of which one, and how it is called in a failure. @default that of deploys
 * @throws Failure when the host does not answer as it should
 */
export async function readLock(
  transport: Transport,
  environment: string,
  of: HostLock & { readonly name: string } = { ...layout.deploy, name: 'its deploy lock' },
): Promise<LockState> {
  const { code, stdout, stderr } = await transport.run(askLock(of.lock, of.holder));
  const state = code === 0 ? parseLock(stdout) : undefined;
  if (state) return state;
  throw new Failure({
    what: `${transport.describe()} does not say who holds ${of.name}: ${stderr.trim() || `exit code ${code ?? 'none'}`}`,
    next: `./cogni host check ${environment}`,
  });
}

/** @returns undefined when the text is no answer to {@link askLock} */
export function parseLock(text: string): LockState | undefined {
  const lines = text.split('\n');
  const after = (word: string): string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const [now = NaN, uptime = NaN, hertz = NaN] = (after('clock')[0] ?? '').split(' ').map(Number);
  if (![now, uptime, hertz].every(Number.isFinite)) return undefined;
  const says = after('says')[0]?.trim() || undefined;
  const processes = after('holder').flatMap(parseProcess).sort(byStart);
  const [first] = processes;
  if (first) {
    const since = new Date((now - uptime + first.start / hertz) * 1000);
    return { state: 'held', id: idOf(first), says, since: seconds(since), processes };
  }
  // Somebody whose open files may not be looked into: still seen in the list of all locks.
  const file = after('file')[0];
  if (file && after('lock').some((line) => isLockOf(line, file))) {
    return { state: 'held', id: undefined, says, since: undefined, processes: [] };
  }
  return { state: 'free', last: says };
}

const seconds = (time: Date): string => time.toISOString().replace(/\.\d+Z$/, 'Z');

const idOf = ({ pid, start }: LockProcess): string => `${pid}-${start}`;

const byStart = (one: LockProcess, other: LockProcess): number =>
  one.start - other.start || one.pid - other.pid;

function parseProcess(line: string): LockProcess[] {
  const [, pid, start, program = ''] = /^(\d+) (\d+) ?(.*)$/.exec(line) ?? [];
  return pid === undefined ? [] : [{ pid: Number(pid), start: Number(start), program }];
}

/**
 * Whether a line of /proc/locks is about a file (proc_locks(5)): it names major and minor number of the device in hex, and the
 * inode; stat(1) gives the device as one number (makedev(3)).
 */
function isLockOf(line: string, file: string): boolean {
  const [device = 0n, inode = 0n] = file.split(' ').map(BigInt);
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn & 0xffffffffn);
  const hex = (number: bigint): string => number.toString(16).padStart(2, '0');
  return line.split(' ').includes(`${hex(major)}:${hex(minor)}:${inode}`);
}
