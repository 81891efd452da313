import { isAbsolute, resolve } from 'node:path';
import { Failure, messageOf } from '../../foundation/failure';
import { run, type Run } from '../../foundation/process';
import type { Progress } from '../../foundation/progress';
import { goBuild } from '../go-build';
import { tryFindProgram } from '../packages';
import { openTofu } from './opentofu';
import { isUsable, oldestVersion, parseVersion, productName, type Product } from './version';

/** The program that runs the stacks. */
export interface TerraformBinary {
  /** Absolute path. */
  readonly path: string;
  readonly product: Product;
  /** Without a leading v: `1.11.4`. */
  readonly version: string;
}

/** What finding it needs of the machine; a test hands in its own. */
export interface TerraformMachine {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly find: (program: string) => string | undefined;
  readonly run: Run;
  /** Builds OpenTofu and gives the binary's path. */
  readonly buildOpenTofu: (progress: Progress) => Promise<string>;
}

const thisMachine: TerraformMachine = {
  environment: process.env,
  find: tryFindProgram,
  run,
  buildOpenTofu: (progress) => goBuild(openTofu, progress),
};

/** Milliseconds that a binary may take to say its version. */
const versionDeadline = 30_000;

const needed = `needed: Terraform ${oldestVersion.terraform} or OpenTofu ${oldestVersion.opentofu}, or newer`;

/**
 * The program that runs the stacks: the one that `TERRAFORM_BINARY_NAME` names (a path, or a name on PATH; the variable
 * is cdktf's own), else `terraform` or `tofu` on PATH, else OpenTofu built from its Go module and kept in the cache.
 *
 * @throws Failure when the named one is missing, too old or no such program; when something is on PATH but nothing of it
 *   is usable (it names each with its version, and builds nothing behind your back); when nothing is there and it cannot
 *   be built either, with what to install.
 */
export async function findTerraform(
  progress: Progress,
  machine: TerraformMachine = thisMachine,
): Promise<TerraformBinary> {
  const named = machine.environment['TERRAFORM_BINARY_NAME'];
  if (named) return namedBinary(named, machine);

  const present = ['terraform', 'tofu'].flatMap((name) => machine.find(name) ?? []);
  const faults: string[] = [];
  for (const path of present) {
    const found = await examine(path, machine);
    if (typeof found !== 'string') return found;
    faults.push(found);
  }
  if (faults.length > 0) {
    throw new Failure({
      what: `no usable Terraform or OpenTofu is on PATH (${needed})`,
      faults,
      next: 'install a current one, or name another with TERRAFORM_BINARY_NAME=/path/to/it, then run this again',
    });
  }
  const built = await examine(await machine.buildOpenTofu(progress), machine);
  if (typeof built !== 'string') return built;
  throw new Failure({ what: `the OpenTofu that was built here is not usable: ${built}`, next: installIt });
}

const installIt = 'install terraform or tofu and put it on PATH, then run this again';

async function namedBinary(named: string, machine: TerraformMachine): Promise<TerraformBinary> {
  const path = machine.find(named.includes('/') && !isAbsolute(named) ? resolve(named) : named);
  const next = `unset TERRAFORM_BINARY_NAME, or set it to a Terraform or OpenTofu of today, then run this again`;
  if (path === undefined) {
    throw new Failure({ what: `TERRAFORM_BINARY_NAME is "${named}", and there is no such program`, next });
  }
  const found = await examine(path, machine);
  if (typeof found !== 'string') return found;
  throw new Failure({
    what: `TERRAFORM_BINARY_NAME is "${named}", which cannot be used (${needed})`,
    faults: [found],
    next,
  });
}

/** What a binary is; or what is wrong with it, in words. */
async function examine(path: string, machine: TerraformMachine): Promise<TerraformBinary | string> {
  let output;
  try {
    output = await machine.run({
      argv: [path, 'version'],
      // A configuration file that is broken or missing would be complained about; the update check goes to the network.
      env: { TF_CLI_CONFIG_FILE: '/dev/null', CHECKPOINT_DISABLE: '1' },
      deadline: versionDeadline,
    });
  } catch (cause) {
    return `${path}: ${messageOf(cause).split('\n')[0]}`;
  }
  if (output.timedOut) return `${path}: did not say its version within ${versionDeadline / 1000} s`;
  const version = output.code === 0 ? parseVersion(output.stdout) : undefined;
  if (!version) {
    const said = (output.stdout.trim() || output.stderr.trim()).split('\n')[0] ?? '';
    return `${path}: is neither Terraform nor OpenTofu; "version" ended with ${output.code ?? output.signal} and said "${said.slice(0, 120)}"`;
  }
  if (isUsable(version)) return { path, ...version };
  return `${path}: is ${productName[version.product]} ${version.version}`;
}
