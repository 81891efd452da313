import { join } from 'node:path';
import { withFileLock } from '../foundation/file-lock';
import type { Progress } from '../foundation/progress';
import { certificateNeeds } from './certificates';
import type { Docker } from './docker';
import { engineNeeds, ensureEngine, releaseEngine, type Engine, type EngineUser } from './engine';
import { requireRoom } from './free-disk';
import { ensureHostImage, hostImageNeeds } from './host/image';
import { caddyImage } from './images/caddy';
import { demoImages } from './images/demo-app';
import { dnsImage } from './images/dns';
import { litellmImage } from './images/litellm';
import { modelStubImage } from './images/model-stub';
import { postgresImage } from './images/postgres';
import { registryImage } from './images/registry';
import { s3Image } from './images/s3';
import { ensurePackages, type PackageNeed } from './packages';
import { ensureSshdProgram } from './sshd-program';
import { findTerraform, type TerraformBinary } from './terraform/binary';
import { buildStandIns } from './terraform/stand-in';
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
 * @throws Failure that lists everything missing at once where it may not be installed
 */
export async function prepareMachine(progress: Progress, user?: EngineUser): Promise<PreparedMachine> {
  await ensurePackages(
    [...certificateNeeds, ...ownNeeds, ...hostImageNeeds, ...(await engineNeeds())],
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
const thisMachine = { ensurePackages, ensureSshdProgram, prepareMachine, releaseEngine };

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
  await machine.ensurePackages(testNeeds, progress);
  await machine.ensureSshdProgram(progress);
  const { engine, terraform } = await machine.prepareMachine(progress, testsOf(checkout));
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
