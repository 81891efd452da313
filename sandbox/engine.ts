import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock, type Clock } from '../foundation/clock';
import { ExitCode, Failure } from '../foundation/failure';
import { withFileLock } from '../foundation/file-lock';
import { tryReadFile, writeAtomically } from '../foundation/files';
import { run, type Run } from '../foundation/process';
import type { Progress } from '../foundation/progress';
import { dockerAt as realDockerAt, type Docker } from './docker';
import { askEngine, engineFaults, type EngineFacts } from './engine-facts';
import { ensurePackages, tryFindProgram, type PackageNeed } from './packages';
import {
  ensurePrivateEngine,
  privateEngineLayout,
  stopPrivateEngine,
  type PrivateEngineLayout,
} from './private-engine';

/** A Docker engine that will do for the sandbox. */
export interface Engine {
  readonly docker: Docker;
  readonly facts: EngineFacts;
  /**
   * Where it came from: the user's `DOCKER_HOST`, the engine that the docker client finds by itself, the machine's
   * service that was started for this, or the engine of our own.
   */
  readonly origin: 'DOCKER_HOST' | 'found' | 'service' | 'private';
}

/** Who uses an engine of our own: a sandbox, or the tests of a checkout. */
export interface EngineUser {
  /** Name of its record. */
  readonly id: string;
  /** It uses the engine for as long as this folder is there. */
  readonly folder: string;
  /** A lock file: it uses the engine only while a process holds that. @default the folder alone says it */
  readonly lock?: string;
}

const client: PackageNeed = {
  program: 'docker',
  package: 'docker-cli | docker.io',
  why: 'every part of the sandbox and every host is a container',
};
const server: PackageNeed = { ...client, program: 'dockerd', package: 'docker.io' };

/** The machine around, as far as finding an engine needs it; a test hands in its own. */
export interface EngineSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly isRoot: boolean;
  /** Whether systemd is the service manager (sd_booted(3)). */
  readonly runsSystemd: boolean;
  readonly layout: PrivateEngineLayout;
  readonly has: (program: string) => boolean;
  readonly dockerAt: (host: string | undefined) => Docker;
  readonly ensurePackages: (needs: readonly PackageNeed[], progress: Progress) => Promise<void>;
  readonly ensurePrivateEngine: typeof ensurePrivateEngine;
  readonly run: Run;
  readonly clock: Clock;
}

const thisMachine = (): EngineSurroundings => ({
  environment: process.env,
  isRoot: process.getuid?.() === 0,
  runsSystemd: existsSync('/run/systemd/system'),
  layout: privateEngineLayout(),
  has: (program) => tryFindProgram(program) !== undefined,
  dockerAt: realDockerAt,
  ensurePackages,
  ensurePrivateEngine,
  run,
  clock: systemClock,
});

/**
 * An engine for the sandbox: the one that is there, or, as root, one that is installed and started. Two runs at once
 * start one.
 *
 * @param user who will use it, noted so that {@link releaseEngine} knows when nobody does any more.
 * @throws Failure when there is none and none may be started (what to install is listed), or when the one there is too
 *   old or of the wrong kind (every fault listed).
 */
export async function ensureEngine(
  progress: Progress,
  user?: EngineUser,
  around: EngineSurroundings = thisMachine(),
): Promise<Engine> {
  return withEngineLock(around, progress, async () => {
    const engine = (await tryFindEngine(around, progress)) ?? (await startEngine(around, progress));
    const faults = engineFaults(engine.facts);
    if (faults.length > 0) {
      throw new Failure({
        what: `the Docker engine ${engine.docker.host ?? 'of this machine'} will not do for the sandbox`,
        faults,
        next: 'set DOCKER_HOST to another engine on this machine, or update this one, then run this again',
      });
    }
    if (user && engine.origin === 'private')
      writeAtomically(
        join(usersFolder(around.layout), user.id),
        [user.folder, ...(user.lock === undefined ? [] : [user.lock]), ''].join('\n'),
      );
    return engine;
  });
}

/** The engine that runs now, where {@link ensureEngine} would find it. Starts and installs nothing. */
export async function tryRunningEngine(
  around: EngineSurroundings = thisMachine(),
): Promise<Engine | undefined> {
  if (!around.has('docker')) return undefined;
  const found = await firstAnswer(around);
  return 'docker' in found ? found : undefined;
}

/**
 * What has to be installed before {@link ensureEngine} can succeed; empty when an engine answers. For telling a person
 * without root everything that is missing in one go.
 */
export async function engineNeeds(
  around: EngineSurroundings = thisMachine(),
): Promise<readonly PackageNeed[]> {
  if (!around.has('docker')) return around.environment['DOCKER_HOST'] ? [client] : [client, server];
  if (await tryRunningEngine(around)) return [];
  return around.has('dockerd') || around.environment['DOCKER_HOST'] ? [] : [server];
}

/**
 * Notes that a user no longer uses the private engine, and stops the engine when none does: only the one that was
 * started by this software, and only while no container runs in it. Its images stay, for the next start.
 */
export async function releaseEngine(
  user: EngineUser,
  progress: Progress,
  around: EngineSurroundings = thisMachine(),
): Promise<'stopped' | 'still in use' | 'not ours'> {
  return withEngineLock(around, progress, async () => {
    const users = usersFolder(around.layout);
    rmSync(join(users, user.id), { force: true });
    for (const id of existsSync(users) ? readdirSync(users) : []) {
      const [folder, lock] = tryReadFile(join(users, id))?.trim().split('\n') ?? [];
      // A sandbox whose checkout was deleted will never release anything, nor will tests that were killed.
      if (folder && existsSync(folder) && (!lock || (await isHeld(lock)))) return 'still in use';
      rmSync(join(users, id), { force: true });
    }
    // Without a client nothing of ours was ever started in it.
    if (around.has('docker')) {
      const running = await around.dockerAt(around.layout.host).tryDocker(['ps', '--quiet']);
      if (running.code === 0 && running.stdout.trim() !== '') return 'still in use';
    }
    return stopPrivateEngine(around.layout, around.clock);
  });
}

/** Whether another run holds a lock at this moment. */
async function isHeld(lock: string): Promise<boolean> {
  try {
    await withFileLock(lock, { purpose: 'seeing whether it is held' }, () => Promise.resolve());
    return false;
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.exitCode === ExitCode.locked) return true;
    throw thrown;
  }
}

const usersFolder = (layout: PrivateEngineLayout): string => join(layout.folder, 'users');

/** Milliseconds to wait for another run, which may be installing packages. */
const lockWait = 20 * 60_000;

async function withEngineLock<T>(
  around: EngineSurroundings,
  progress: Progress,
  work: () => Promise<T>,
): Promise<T> {
  mkdirSync(around.layout.folder, { recursive: true });
  return withFileLock(
    join(around.layout.folder, 'lock'),
    {
      purpose: 'looking for a Docker engine',
      wait: lockWait,
      clock: around.clock,
      onWait: (holder) => progress.note(`waiting for ${holder}`),
    },
    work,
  );
}

interface Candidate {
  readonly host: string | undefined;
  readonly origin: Engine['origin'];
}

/** Where an engine may be, in order. One of our own that still runs holds a sandbox: it comes before the machine's. */
function candidates(around: EngineSurroundings): readonly Candidate[] {
  const chosen = around.environment['DOCKER_HOST'];
  if (chosen) return [{ host: chosen, origin: wantsPrivate(around) ? 'private' : 'DOCKER_HOST' }];
  return [
    ...(around.isRoot ? [{ host: around.layout.host, origin: 'private' as const }] : []),
    { host: undefined, origin: 'found' },
  ];
}

/** DOCKER_HOST may name the private engine, as `cogni sandbox status` shows it, and that may not run any more. */
const wantsPrivate = (around: EngineSurroundings): boolean =>
  around.environment['DOCKER_HOST'] === around.layout.host;

async function tryFindEngine(around: EngineSurroundings, progress: Progress): Promise<Engine | undefined> {
  const chosen = around.environment['DOCKER_HOST'];
  if (chosen && !isLocal(chosen)) throw notOnThisMachine('DOCKER_HOST', chosen);
  if (!around.has('docker')) {
    if (!chosen) return undefined;
    await around.ensurePackages([client], progress);
  }
  const found = await firstAnswer(around);
  if ('docker' in found) {
    await requireThisMachine(found.docker);
    return found;
  }
  const silence = found.silent;
  if (chosen && !wantsPrivate(around)) {
    throw new Failure({
      what: `DOCKER_HOST is ${chosen}, and no engine answers there`,
      output: silence,
      next: 'start that engine, or unset DOCKER_HOST to have one found or started, then run this again',
    });
  }
  if (!around.isRoot && around.has('dockerd')) throw mayNotUse(silence);
  return undefined;
}

/** The first of the candidates that answers, or the last one's words. */
async function firstAnswer(around: EngineSurroundings): Promise<Engine | { readonly silent: string }> {
  let silent = '';
  for (const { host, origin } of candidates(around)) {
    const docker = around.dockerAt(host);
    const answer = await askEngine(docker);
    if (!('silent' in answer)) return { docker, facts: answer, origin };
    silent = answer.silent;
  }
  return { silent };
}

/** The client may find its engine through a context that the user made for another machine. */
async function requireThisMachine(docker: Docker): Promise<void> {
  if (docker.host !== undefined) return;
  const context = await docker.tryDocker(['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}']);
  const host = context.stdout.trim();
  if (context.code === 0 && host !== '' && !isLocal(host))
    throw notOnThisMachine("docker's current context", host);
}

const isLocal = (host: string): boolean => host.startsWith('unix://');

async function startEngine(around: EngineSurroundings, progress: Progress): Promise<Engine> {
  const installing = !around.has('docker') || !around.has('dockerd');
  // Without root this ends in the one message that lists what is missing.
  await around.ensurePackages([client, server], progress);
  if (around.runsSystemd && !wantsPrivate(around)) {
    const service = await progress.step('systemctl start docker', () => tryStartService(around), {
      why: 'no Docker engine runs on this machine',
    });
    if (service) return service;
    progress.note('the docker service does not come up; an engine of our own is started instead');
  } else if (installing) {
    // The package may have started its engine through an init script.
    const started = await tryWaitFor(around, undefined, 3_000);
    if (started) return { ...started, origin: 'found' };
  }
  return progress.step(
    'start dockerd',
    async () => {
      await around.ensurePrivateEngine(around.layout, { note: (text) => progress.note(text) });
      const started = await tryWaitFor(around, around.layout.host, 5_000);
      if (started) return { ...started, origin: 'private' as const };
      throw new Failure({
        what: `the engine at ${around.layout.host} answered once and then no more`,
        next: `read ${join(around.layout.folder, 'dockerd.log')}, then run this again`,
      });
    },
    { why: `no Docker engine runs on this machine; this one keeps its data in ${around.layout.dataRoot}` },
  );
}

async function tryStartService(around: EngineSurroundings): Promise<Engine | undefined> {
  const output = await around.run({ argv: ['systemctl', 'start', 'docker.service'], deadline: 120_000 });
  if (output.code !== 0) return undefined;
  const started = await tryWaitFor(around, undefined, 30_000);
  return started && { ...started, origin: 'service' };
}

async function tryWaitFor(
  around: EngineSurroundings,
  host: string | undefined,
  wait: number,
): Promise<Omit<Engine, 'origin'> | undefined> {
  const docker = around.dockerAt(host);
  const until = around.clock.monotonic() + wait;
  for (;;) {
    const answer = await askEngine(docker);
    if (!('silent' in answer)) return { docker, facts: answer };
    if (around.clock.monotonic() >= until) return undefined;
    await around.clock.sleep(250);
  }
}

const notOnThisMachine = (setting: string, host: string): Failure =>
  new Failure({
    what: `${setting} is ${host}; the sandbox mounts folders of this machine and talks to its containers directly`,
    next: 'set DOCKER_HOST to an engine on this machine (unix:///var/run/docker.sock), then run this again',
  });

const mayNotUse = (silence: string): Failure =>
  /permission denied/i.test(silence)
    ? new Failure({
        what: 'a Docker engine is there, and this user may not use it',
        output: silence,
        next: 'sudo usermod --append --groups docker "$USER", log in again, then run this again',
      })
    : new Failure({
        what: 'Docker is installed, no engine answers, and only root may start one',
        output: silence,
        next: 'sudo systemctl start docker, then run this again',
      });
