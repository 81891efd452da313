import { existsSync } from 'node:fs';
import { delimiter, join, relative, resolve } from 'node:path';
import { Failure } from '../foundation/failure';
import { tryReadFile, tryReadNamed } from '../foundation/files';
import { checkout } from '../infra/checkout';
import { providerLockFaults, providerLockFile, readProviderLock } from '../infra/provider-lock';
import { terraformBinary } from '../infra/terraform';
import { oldestTerraform } from '../infra/terraform-version';
import { committedImageLock, hostImageNames, imageReference } from '../services/images';
import { readDotEnv } from '../services/settings/dot-env';
import type { Environment, EnvironmentRecord } from './environment';
import { environments } from './environments';
import { loadEnvironment, loadRecord, type Surroundings } from './load';
import { rehearsalMarker, rehearsalName, rehearsedName } from './rehearsal';
import { parseSandboxOverrides } from './sandbox-overrides';

/** The edge of this folder: what surrounds the records on this machine. Everything else takes it as a parameter. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The surroundings on this machine. `COGNI_SANDBOX`, the sandbox's folder, makes its overrides part of them.
 *
 * @throws Failure when that variable names a folder without (sound) overrides
 */
export function surroundingsHere(variables: Variables = process.env): Surroundings {
  const sandbox = variables['COGNI_SANDBOX'];
  return {
    variables,
    settingsOf: (name) => settingsIn(settingsFile(name, variables)),
    checkout,
    readFile: tryReadFile,
    lockFaults: sandbox ? [] : lockFaultsHere(),
    source: tryReadFile(join(checkout, 'stacks', 'environments.ts')) ?? '',
    rehearsed: environments
      .map(({ name }) => name)
      .filter((name) => existsSync(join(environmentFolder(rehearsalName(name), variables), rehearsalMarker))),
    ...(sandbox ? { sandbox: sandboxIn(sandbox) } : {}),
  };
}

/** What can be read of a file of settings: what is wrong with it is told by those who use the settings, and here a value is not set. */
function settingsIn(file: string): ReturnType<NonNullable<Surroundings['settingsOf']>> {
  const text = tryReadNamed(file, 1_048_576);
  return typeof text === 'string' ? readDotEnv(text).values : {};
}

function lockFaultsHere(): Surroundings['lockFaults'] {
  const providers = providerLockFaults(readProviderLock(checkout)).map((problem) => ({
    file: providerLockFile,
    problem: `${problem}; run ./cogni providers lock where the Terraform registry can be reached, and commit it`,
    ofRentedHosts: true,
  }));
  const lock = committedImageLock();
  const images = hostImageNames.flatMap((name) => {
    try {
      imageReference(lock, name);
      return [];
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      const problem = `${thrown.what}; run ${thrown.next}`;
      return [{ file: 'services/images.lock.json', problem, ofRentedHosts: false }];
    }
  });
  return [...providers, ...images];
}

function sandboxIn(folder: string): NonNullable<Surroundings['sandbox']> {
  const path = join(folder, 'sandbox.json');
  const inside = relative(process.cwd(), path);
  const file = inside.startsWith('..') ? path : inside;
  const text = tryReadFile(path);
  if (text === undefined) {
    throw new Failure({
      what: `COGNI_SANDBOX is ${folder}, but there is no sandbox: ${file} is missing`,
      next: './cogni sandbox up    (or, for a real account: unset COGNI_SANDBOX)',
    });
  }
  return { overrides: parseSandboxOverrides(text, file), file };
}

/**
 * One environment as it is on this machine.
 *
 * @throws Failure when there is none of that name, or with every fault of it
 */
export const findEnvironment = (name: string, variables: Variables = process.env): Environment =>
  loadEnvironment(name, environments, surroundingsHere(variables));

/**
 * What is written down of one environment, whether or not it is ready to be provisioned: settings are looked after long
 * before digests, keys and the account are there.
 *
 * @throws Failure when there is none of that name
 */
export const findRecord = (name: string, variables: Variables = process.env): EnvironmentRecord =>
  loadRecord(name, environments, surroundingsHere(variables));

/**
 * Where an environment's local files live, host key pin and enrollment token: under the sandbox's folder when its
 * variables are set, in `.cogni/<env>` of the checkout otherwise.
 */
export const environmentFolder = (name: string, variables: Variables = process.env): string =>
  resolve(variables['COGNI_SANDBOX'] || join(checkout, '.cogni'), name);

/** The environment's own file: what `./cogni settings generate` makes, and a deploy reads. A rehearsal has those of the living one. */
export const settingsFile = (name: string, variables: Variables = process.env): string =>
  join(environmentFolder(rehearsedName(name) ?? name, variables), 'settings.env');

/** The folder that CDKTF writes to: its own choice, or what it would choose by itself. */
export const outputFolder = (variables: Variables = process.env): string =>
  resolve(checkout, variables['CDKTF_OUTDIR'] || variables['CDKTF_OUTPUT'] || 'cdktf.out');

/** What will make Terraform fail, said in our words before it does in its own. */
export function warningsFor(variables: Variables = process.env): readonly string[] {
  const terraform = terraformBinary(variables);
  return [
    ...(variables['CHERRY_AUTH_KEY'] || variables['CHERRY_AUTH_TOKEN'] ? [] : [missingToken]),
    ...(isOnPath(terraform, variables) ? [] : [missingTerraform(terraform)]),
  ];
}

const missingToken = [
  'no Cherry token: neither CHERRY_AUTH_TOKEN nor CHERRY_AUTH_KEY is set, so plan, deploy and destroy will be refused',
  'next:  export CHERRY_AUTH_TOKEN=<token>   (Cherry portal, API keys)',
  '       or, to try it out without an account: eval "$(./cogni sandbox env)"',
].join('\n');

const missingTerraform = (binary: string): string =>
  [
    `no Terraform: "${binary}" is not on PATH, so nothing but the synthesized files can be had`,
    `next:  install Terraform ${oldestTerraform} or newer (https://developer.hashicorp.com/terraform/install)`,
    '       or OpenTofu, with TERRAFORM_BINARY_NAME=tofu',
  ].join('\n');

function isOnPath(program: string, variables: Variables): boolean {
  if (program.includes('/')) return existsSync(program);
  return (variables['PATH'] ?? '')
    .split(delimiter)
    .some((folder) => folder !== '' && existsSync(join(folder, program)));
}
