import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type Clock } from '../foundation/clock';
import { Failure } from '../foundation/failure';
import { tryReadFile } from '../foundation/files';
import { cacheRoot } from './cache';
import { prepareControlGroups } from './control-groups';
import { daemonLives, ensureDaemon, findDaemons, stopDaemon } from './daemon';
import { dockerAt } from './docker';
import { askEngine } from './engine-facts';

/**
 * A Docker engine of our own, for a machine where root may run one and no service manager does: a container, a CI
 * runner, a rescue system. It shares nothing with an engine of the machine but the kernel.
 */
export interface PrivateEngineLayout {
  /** Value for `DOCKER_HOST`. */
  readonly host: string;
  readonly socket: string;
  /** Its pid record and log, and everything below. */
  readonly folder: string;
  /** Images, containers and volumes: kept when it stops, since they are what takes long to make. */
  readonly dataRoot: string;
  /** State of running containers; on a file system that a reboot empties. */
  readonly execRoot: string;
  readonly pidFile: string;
}

/** The longest path a Unix socket may have (unix(7), sun_path). */
const longestSocket = 107;

/** Where the private engine of a cache lives. Two caches have two engines. */
export function privateEngineLayout(cache: string = cacheRoot()): PrivateEngineLayout {
  const folder = join(cache, 'engine');
  const socket = join(folder, 'docker.sock');
  const usual = cache === join(homedir(), '.cache', 'cogni');
  const name = usual
    ? 'cogni-engine'
    : `cogni-engine-${createHash('sha256').update(cache).digest('hex').slice(0, 8)}`;
  return {
    host: `unix://${socket}`,
    socket,
    folder,
    dataRoot: join(folder, 'data'),
    execRoot: join('/run', name),
    pidFile: join('/run', `${name}.pid`),
  };
}

/** What is run, as data. */
const dockerdArguments = (layout: PrivateEngineLayout): readonly [string, ...string[]] => [
  'dockerd',
  '--data-root',
  layout.dataRoot,
  '--exec-root',
  layout.execRoot,
  '--pidfile',
  layout.pidFile,
  '-H',
  layout.host,
];

export interface PrivateEngineOptions {
  readonly clock?: Clock;
  /** Added to dockerd's command line. */
  readonly more?: readonly string[];
  /** Told what the person may want to know. */
  readonly note?: (text: string) => void;
}

/**
 * Makes sure the private engine runs and answers. One that runs already is used as it is, whoever started it; what a
 * killed engine or a reboot left behind (process id files, a dead socket) is cleared away first.
 *
 * @throws Failure with the end of dockerd's log when it does not come up.
 */
export async function ensurePrivateEngine(
  layout: PrivateEngineLayout,
  options: PrivateEngineOptions = {},
): Promise<void> {
  const clock = options.clock ?? systemClock;
  const answers = async (): Promise<boolean> => !('silent' in (await askEngine(dockerAt(layout.host))));
  if (Buffer.byteLength(layout.socket) > longestSocket) {
    throw new Failure({
      what: `the path ${layout.socket} is too long for a Unix socket (at most ${longestSocket} bytes)`,
      next: 'set XDG_CACHE_HOME to a folder with a shorter path, then run this again',
    });
  }
  if (await answers()) return;
  await clearStale(layout, clock);
  const stranger = daemonLives(layout.folder, daemonName) ? undefined : runningPid(layout.pidFile, 'dockerd');
  if (stranger !== undefined) return waitForStranger(stranger, layout, answers, clock);
  prepareControlGroups(options.note ?? (() => undefined));
  turnLog(join(layout.folder, `${daemonName}.log`));
  await ensureDaemon({
    name: daemonName,
    folder: layout.folder,
    argv: [...dockerdArguments(layout), ...(options.more ?? [])],
    ready: answers,
    deadline: startDeadline,
    clock,
  });
}

/** Stops the private engine if it is the very process that this software started. */
export async function stopPrivateEngine(
  layout: PrivateEngineLayout,
  clock: Clock = systemClock,
): Promise<'stopped' | 'not ours'> {
  const started = findDaemons(layout.folder, daemonName).length > 0;
  if (!started && !daemonLives(layout.folder, daemonName)) return 'not ours';
  await stopDaemon(layout.folder, daemonName, { clock });
  rmSync(layout.socket, { force: true });
  return 'stopped';
}

const daemonName = 'dockerd';
/** Milliseconds; with many containers to look through, an engine takes its time. */
const startDeadline = 90_000;
/** Bytes of log after which it is put aside, once, at the next start. */
const logLimit = 10_000_000;

/** An engine in our place that answers not yet, or no more, and that this software did not start. */
async function waitForStranger(
  pid: number,
  layout: PrivateEngineLayout,
  answers: () => Promise<boolean>,
  clock: Clock,
): Promise<void> {
  const until = clock.monotonic() + startDeadline;
  while (clock.monotonic() < until) {
    if (await answers()) return;
    await clock.sleep(500);
  }
  throw new Failure({
    what: `a dockerd (process ${pid}) holds ${layout.pidFile} and does not answer at ${layout.host}`,
    next: `see what it does (${join(layout.folder, `${daemonName}.log`)}), end it, then run this again`,
  });
}

/**
 * dockerd and containerd do not start, or wait for ever, while their file names a process that is not theirs any more.
 * The containerd of a killed dockerd is ended by the kernel a moment later: it is given that moment.
 */
async function clearStale(layout: PrivateEngineLayout, clock: Clock): Promise<void> {
  if (runningPid(layout.pidFile, 'dockerd') !== undefined) return;
  rmSync(layout.pidFile, { force: true });
  const containerd = join(layout.execRoot, 'containerd', 'containerd.pid');
  const until = clock.monotonic() + 3_000;
  while (runningPid(containerd, 'containerd') !== undefined && clock.monotonic() < until)
    await clock.sleep(50);
  if (runningPid(containerd, 'containerd') === undefined) rmSync(containerd, { force: true });
}

/** The process a pid file names, if it lives (a zombie does not) and is that program. */
function runningPid(pidFile: string, program: string): number | undefined {
  const pid = Number.parseInt(tryReadFile(pidFile) ?? '', 10);
  if (!Number.isInteger(pid)) return undefined;
  try {
    // proc(5), stat: "pid (comm) state ..."
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.includes(`(${program}) `) && !stat.includes(`(${program}) Z`) ? pid : undefined;
  } catch {
    return undefined;
  }
}

function turnLog(log: string): void {
  try {
    if (statSync(log).size > logLimit) renameSync(log, `${log}.1`);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
  }
}
