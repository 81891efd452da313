import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock, type Clock } from '../foundation/clock';
import { Failure } from '../foundation/failure';
import { commandFailure, run, type Command, type Output, type Run } from '../foundation/process';
import type { Progress } from '../foundation/progress';

/** A program that the sandbox cannot do without, and where it comes from. */
export interface PackageNeed {
  /** Name of the program, or the absolute path of a file that must be there (a keyring). */
  readonly program: string;
  /** Debian/Ubuntu package that holds it; `a | b` takes the first that this distribution has. */
  readonly package: string;
  /** For the person who waits or has to install it: what it is for. */
  readonly why: string;
}

/** What the installer needs to know and do of the machine; a test hands in its own. */
export interface PackageSystem {
  readonly run: Run;
  readonly clock: Clock;
  readonly isRoot: boolean;
  /** Whether a program, or a file named by its absolute path, is there. */
  readonly has: (program: string) => boolean;
}

const thisMachine = (): PackageSystem => ({
  run,
  clock: systemClock,
  isRoot: process.getuid?.() === 0,
  has: (program) => tryFindProgram(program) !== undefined,
});

/** Milliseconds that one apt-get command may take, the wait for another package manager's lock apart. */
const aptDeadline = 15 * 60_000;
/** Milliseconds to wait for another package manager (unattended upgrades, mostly) to finish. */
const lockWait = 10 * 60_000;

/**
 * Installs from the distribution what is missing, each announced with what and why. Only packages of the sources that
 * the machine already has; no source, key or setting of the user's is added or changed.
 *
 * @throws Failure, without root or without apt-get: one that lists everything missing and the exact line to install it.
 *   With root: when the installation fails.
 */
export async function ensurePackages(
  needs: readonly PackageNeed[],
  progress: Progress,
  system: PackageSystem = thisMachine(),
): Promise<void> {
  const missing = needs.filter((need) => !system.has(need.program));
  if (missing.length === 0) return;
  if (!system.has('apt-get')) throw notDebian(missing);
  if (!system.isRoot) throw notRoot(missing, await chosenPackages(missing, system));

  for (const need of missing) progress.note(`${need.program} is missing: ${need.why}`);
  const updated = await aptGet(['update', '-q'], system, progress);
  const packages = await chosenPackages(missing, system);
  await progress.step(
    `apt-get install ${packages.join(' ')}`,
    async () => {
      const command = aptCommand(installArguments(packages));
      const output = await aptGet(installArguments(packages), system, progress);
      if (output.code !== 0) {
        throw commandFailure(command, output, {
          what: `installing ${packages.join(', ')}${updated.code === 0 ? '' : ' (the package lists could not be refreshed either)'}`,
          state: 'what apt-get had installed by then stays installed',
          next: `mend what apt-get says above (see: ${aptLine(packages)}), then run this again`,
        });
      }
    },
    { why: missing.map((need) => need.why).join('; ') },
  );
  const still = missing.filter((need) => !system.has(need.program));
  if (still.length > 0) {
    throw new Failure({
      what: 'the packages were installed, and still not everything is there',
      faults: still.map((need) => `${need.program} (package ${need.package})`),
      state: 'the packages stay installed',
      next: 'see that /usr/sbin and /usr/bin are on PATH, then run this again',
    });
  }
}

/**
 * Where a program is: on PATH or in the folders for system programs, which PATH leaves out for some users.
 * An absolute path is itself when there is such a file. Undefined when there is none.
 */
export function tryFindProgram(program: string): string | undefined {
  if (program.startsWith('/')) return existsSync(program) ? program : undefined;
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The line that installs packages by hand, as a person without root types it. */
const aptLine = (packages: readonly string[]): string =>
  `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`;

const installArguments = (packages: readonly string[]): readonly string[] => [
  'install',
  '-y',
  '-q',
  '--no-install-recommends',
  // A configuration file that the user changed is kept, without a question.
  '-o',
  'Dpkg::Options::=--force-confdef',
  '-o',
  'Dpkg::Options::=--force-confold',
  ...packages,
];

const aptCommand = (args: readonly string[]): Command => ({
  argv: ['apt-get', ...args],
  // needrestart would restart services of the user's that have nothing to do with this.
  env: { DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_SUSPEND: '1', LC_ALL: 'C' },
  deadline: aptDeadline,
});

/** Runs apt-get, again and again while another package manager holds its lock. */
async function aptGet(args: readonly string[], system: PackageSystem, progress: Progress): Promise<Output> {
  const until = system.clock.monotonic() + lockWait;
  for (let announced = false; ; announced = true) {
    const output = await system.run(aptCommand(args));
    if (output.code === 0 || !isLocked(output.stderr) || system.clock.monotonic() >= until) return output;
    if (!announced) progress.note('waiting for another package manager on this machine to finish');
    await system.clock.sleep(3_000);
  }
}

const isLocked = (stderr: string): boolean =>
  /Could not get lock|Unable to (acquire|lock)|is another process using it/.test(stderr);

/** For each need the first of its packages that this distribution has; the first named where none is known. */
async function chosenPackages(
  needs: readonly PackageNeed[],
  system: PackageSystem,
): Promise<readonly string[]> {
  const chosen = new Set<string>();
  for (const need of needs) {
    const candidates = need.package.split('|').map((name) => name.trim());
    let choice = candidates[0]!;
    for (const candidate of candidates.length > 1 ? candidates : []) {
      const output = await system.run({
        argv: ['apt-cache', 'policy', candidate],
        env: { LC_ALL: 'C' },
        deadline: 60_000,
      });
      if (/^\s*Candidate: (?!\(none\))/m.test(output.stdout)) {
        choice = candidate;
        break;
      }
    }
    chosen.add(choice);
  }
  return [...chosen];
}

const listed = (needs: readonly PackageNeed[]): readonly string[] =>
  needs.map((need) => `${need.program} (package ${need.package}): ${need.why}`);

const notRoot = (missing: readonly PackageNeed[], packages: readonly string[]): Failure =>
  new Failure({
    what: 'programs are missing on this machine, and only root may install them',
    faults: listed(missing),
    next: `${aptLine(packages)}, then run this again`,
  });

const notDebian = (missing: readonly PackageNeed[]): Failure =>
  new Failure({
    what: 'programs are missing on this machine, and it has no apt-get to install them with (Debian and Ubuntu have)',
    faults: listed(missing),
    next: "install them with this machine's package manager, then run this again",
  });
