import { join } from 'node:path';
import { Failure } from '../foundation/failure';
import { withFileLock } from '../foundation/file-lock';
import { run } from '../foundation/process';
import type { Progress } from '../foundation/progress';
import { certificateNeeds } from './certificates';
import type { Docker } from './docker';
import { engineNeeds, ensureEngine, releaseEngine, type Engine, type EngineUser } from './engine';
import { requireRoom } from './free-disk';
import { requireGo } from './go-build';
import { ensureHostImage, hostImageNeeds } from './host/image';
import { caddyImage } from './images/caddy';
import { demoImages } from './images/demo-app';
import { dnsImage } from './images/dns';
import { litellmImage } from './images/litellm';
import { modelStubImage } from './images/model-stub';
import { postgresImage } from './images/postgres';
import { pythonNeeds } from './images/python-packages';
import { registryImage } from './images/registry';
import { s3Image } from './images/s3';
import { ensurePackages, type PackageNeed } from './packages';
import { ensureSshdProgram } from './sshd-program';
import { findTerraform, type TerraformBinary } from './terraform/binary';
import { buildStandIns, product as standIns } from './terraform/stand-in';
import { worldOf } from './world';

/** What the sandbox itself calls, whatever it builds. */
const ownNeeds: readonly PackageNeed[] = [
  { program: 'ssh', package: 'openssh-client', why: 'reaches the hosts' },
  { program: 'ssh-agent', package: 'openssh-client', why: 'holds the key of the sandbox' },
  { program: 'ssh-keygen', package: 'openssh-client', why: 'makes the key of the sandbox' },
];

/** What only the tests call: the programs that read the generated files. */
const testNeeds: readonly PackageNeed[] = [
  { program: 'shellcheck', package: 'shellcheck', why: 'checks every embedded script' },
  { program: 'patch', package: 'patch', why: 'checks the differences that are shown' },
  { program: 'git', package: 'git', why: 'tests look at what is committed' },
];

/** What a machine has once the sandbox can start on it: all of it shared between sandboxes, and kept by `down`. */
export interface PreparedMachine {
  readonly engine: Engine;
  /** Reference of the image that hosts boot from. */
  readonly hostImage: string;
  readonly terraform: TerraformBinary;
}

/**
 * Makes this machine able to run a sandbox: packages of the distribution, a Docker engine, images, Terraform and its
 * providers. Everything that was made before is found again; the first time takes minutes, later ones a second.
 *
 * @param user who will use the engine, if it is one that will say when it no longer does
 * @param furtherNeeds what the caller itself will call: asked for together with all the rest
 * @throws Failure that lists everything missing at once where it may not be installed
 */
export async function prepareMachine(
  progress: Progress,
  user?: EngineUser,
  furtherNeeds: readonly PackageNeed[] = [],
): Promise<PreparedMachine> {
  await ensurePrograms(
    [
      ...certificateNeeds,
      ...ownNeeds,
      ...hostImageNeeds,
      ...pythonNeeds,
      ...(await engineNeeds()),
      ...furtherNeeds,
    ],
    progress,
  );
  const engine = await ensureEngine(progress, user);
  requireRoom(engine.facts.dataRoot);
  const { docker } = engine;
  // Two lanes, since half of the time is waiting for the network or for one processor: Go's compiler on one, packages on
  // the other.
  const [terraform, hostImage] = await Promise.all([
    buildPrograms(docker, progress),
    packImages(docker, progress),
  ]);
  return { engine, hostImage, terraform };
}

/** What {@link ensurePrograms} asks of the machine; a test hands in its own. */
const programsHere = {
  isRoot: process.getuid?.() === 0,
  requireGo: () => requireGo(standIns, run),
  ensurePackages,
};

/**
 * Packages of the distribution, and Go, which the distribution has too old: looked at first, since it would be missed
 * only after minutes, and nothing is installed for a run that cannot go on.
 *
 * @throws Failure with everything that is missing, where only root may install it
 */
export async function ensurePrograms(
  needs: readonly PackageNeed[],
  progress: Progress,
  machine = programsHere,
): Promise<void> {
  const noGo = await failureOf(machine.requireGo);
  if (noGo === undefined) return machine.ensurePackages(needs, progress);
  if (machine.isRoot) throw noGo;
  try {
    await machine.ensurePackages(needs, progress);
  } catch (missing) {
    if (!(missing instanceof Failure)) throw missing;
    throw new Failure({
      what: missing.what,
      faults: [...missing.faults, noGo.what],
      next: `install a current Go toolchain (https://go.dev/dl) and put its bin folder on PATH; ${missing.next}`,
      cause: missing,
    });
  }
  throw noGo;
}

async function failureOf(work: () => Promise<unknown>): Promise<Failure | undefined> {
  try {
    await work();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
}

/** What is compiled, the longest first, and the images of it. */
async function buildPrograms(docker: Docker, progress: Progress): Promise<TerraformBinary> {
  const terraform = await findTerraform(progress);
  await buildStandIns(progress);
  await caddyImage(docker, progress);
  await registryImage(docker, progress);
  await s3Image(docker, progress);
  return terraform;
}

/** What is made of packages; gives the reference of the image that hosts boot from. */
async function packImages(docker: Docker, progress: Progress): Promise<string> {
  const hostImage = await ensureHostImage(docker, progress);
  await dnsImage(docker, progress);
  await postgresImage(docker, progress);
  await demoImages(docker, progress);
  await modelStubImage(docker, progress);
  await litellmImage(docker, progress);
  return hostImage;
}

/** What preparing and releasing do to the machine; a test hands in its own. */
const thisMachine = { ensureSshdProgram, prepareMachine, releaseEngine };

/**
 * The same for the tests of a checkout, which use the engine until {@link releaseAfterTests}: sandboxes that go down
 * meanwhile leave it running. One run at a time: two would share a sandbox, and the first to end would end both.
 *
 * @returns variables for their processes
 * @throws Failure with `ExitCode.locked`, naming the other run, while tests of this checkout run already
 */
export async function prepareForTests(
  progress: Progress,
  checkout: string,
  machine = thisMachine,
): Promise<Readonly<Record<string, string>>> {
  await holdTests(checkout);
  const { engine, terraform } = await machine.prepareMachine(progress, testsOf(checkout), testNeeds);
  await machine.ensureSshdProgram(progress);
  return {
    ...(engine.docker.host === undefined ? {} : { DOCKER_HOST: engine.docker.host }),
    TERRAFORM_BINARY_NAME: terraform.path,
  };
}

/**
 * Stops the engine when nobody else uses it and it was started by this software. Does nothing for a checkout that
 * {@link prepareForTests} was refused for: what is there is the other run's.
 */
export async function releaseAfterTests(
  progress: Progress,
  checkout: string,
  machine = thisMachine,
): Promise<void> {
  const end = heldTests.get(checkout);
  if (end === undefined) return;
  heldTests.delete(checkout);
  try {
    await machine.releaseEngine(testsOf(checkout), progress);
  } finally {
    await end();
  }
}

/** What ends the hold of a checkout's lock, for those that this process holds. */
const heldTests = new Map<string, () => Promise<void>>();

/** Milliseconds: a sandbox that goes down looks whether tests run, and holds their lock for that moment. */
const lockWait = 1_000;

/** Holds the lock of a checkout's tests until its entry in {@link heldTests} is called, or this process ends. */
const holdTests = (checkout: string): Promise<void> =>
  new Promise((held, refused) => {
    const whole = withFileLock(testsOf(checkout).lock, { purpose: 'cogni test', wait: lockWait }, () => {
      held();
      return new Promise<void>((end) => {
        heldTests.set(checkout, () => {
          end();
          return whole;
        });
      });
    });
    whole.catch(refused);
  });

/** The tests as a user of the engine: for as long as they run, however they end. */
const testsOf = (checkout: string): EngineUser & { readonly lock: string } => ({
  id: worldOf(checkout, 'tests').id,
  folder: checkout,
  lock: join(checkout, '.cogni', 'test.lock'),
});
