import type { Progress } from '../foundation/progress';
import { certificateNeeds } from './certificates';
import type { Docker } from './docker';
import { engineNeeds, ensureEngine, releaseEngine, type Engine } from './engine';
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
import { worldOf, type World } from './world';

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
 * @param world the sandbox that will use the engine, if it is one
 * @throws Failure that lists everything missing at once where it may not be installed
 */
export async function prepareMachine(progress: Progress, world?: World): Promise<PreparedMachine> {
  await ensurePackages(
    [...certificateNeeds, ...ownNeeds, ...hostImageNeeds, ...(await engineNeeds())],
    progress,
  );
  const engine = await ensureEngine(progress, world);
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

/**
 * The same for the tests of a checkout, which use the engine until {@link releaseAfterTests}: sandboxes that go down
 * meanwhile leave it running.
 *
 * @returns variables for their processes
 */
export async function prepareForTests(
  progress: Progress,
  checkout: string,
): Promise<Readonly<Record<string, string>>> {
  await ensurePackages(testNeeds, progress);
  await ensureSshdProgram(progress);
  const { engine, terraform } = await prepareMachine(progress, testsOf(checkout));
  return {
    ...(engine.docker.host === undefined ? {} : { DOCKER_HOST: engine.docker.host }),
    TERRAFORM_BINARY_NAME: terraform.path,
  };
}

/** Stops the engine when nobody else uses it and it was started by this software. */
export async function releaseAfterTests(progress: Progress, checkout: string): Promise<void> {
  await releaseEngine(testsOf(checkout), progress);
}

/** The tests as a user of the engine, for as long as the checkout is there. */
const testsOf = (checkout: string): World => ({ ...worldOf(checkout, 'tests'), folder: checkout });
