import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, messageOf } from '../foundation/failure';
import { capture, commandFailure, run as runCommand, type Command, type Run } from '../foundation/process';
import { isNewEnough, oldestTerraform } from './terraform-version';

/** The program that CDKTF runs, and so do we: `TERRAFORM_BINARY_NAME`, a name on PATH or a path. */
export const terraformBinary = (
  variables: Readonly<Record<string, string | undefined>> = process.env,
): string => variables['TERRAFORM_BINARY_NAME'] || 'terraform';

export interface TerraformOptions {
  /** @default - real processes */
  readonly run?: Run;
  /** Milliseconds for each command. @default 2 minutes */
  readonly deadline?: number;
  /** Added to the environment: credentials of a backend, say. @default - nothing */
  readonly env?: Readonly<Record<string, string>>;
}

const binaryFor = (options: TerraformOptions): string => terraformBinary({ ...process.env, ...options.env });

const quiet = { CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };
const installIt =
  'install Terraform (https://developer.hashicorp.com/terraform/install) or OpenTofu with TERRAFORM_BINARY_NAME=tofu';

/**
 * The version of the Terraform (or OpenTofu) at hand.
 *
 * @throws Failure when it is missing or older than {@link oldestTerraform}
 */
export async function requireTerraform(options: TerraformOptions = {}): Promise<string> {
  const binary = binaryFor(options);
  const argv = [binary, 'version', '-json'] as const;
  let text: string;
  try {
    text = await capture(
      { argv: [...argv], env: { ...quiet, ...options.env }, deadline: options.deadline ?? 30_000 },
      withRun(options),
    );
  } catch (cause) {
    throw new Failure({
      what: `Terraform is needed, but "${binary}" does not run: ${cause instanceof Failure ? cause.what : messageOf(cause)}`,
      next: `${installIt}, ${oldestTerraform} or newer, then run this again`,
      cause,
    });
  }
  const version = versionIn(text);
  if (version === undefined) {
    throw new Failure({
      what: `"${argv.join(' ')}" did not say its version, so it is neither Terraform nor OpenTofu`,
      next: `set TERRAFORM_BINARY_NAME to one of them, ${oldestTerraform} or newer`,
      output: text,
    });
  }
  if (isNewEnough(version)) return version;
  throw new Failure({
    what: `"${binary}" is version ${version}; ${oldestTerraform} or newer is needed`,
    next: `${installIt}, then run this again`,
  });
}

function versionIn(text: string): string | undefined {
  try {
    // OpenTofu prints its warnings before it, on the same stream.
    const parsed = JSON.parse(text.slice(Math.max(0, text.indexOf('{')))) as {
      readonly terraform_version?: unknown;
    };
    return typeof parsed.terraform_version === 'string' ? parsed.terraform_version : undefined;
  } catch {
    return undefined;
  }
}

/** What `cdktf deploy <env>` made. */
export interface HostOutputs {
  /** Primary IPv4 address. */
  readonly address: string;
  /** Number at Cherry. It stays the same over a reinstall, and even when the machine behind it was replaced. */
  readonly serverId: number;
  readonly hostName: string;
  /** `<type> <base64>`, as pinned at provisioning; undefined before that. */
  readonly hostKey: string | undefined;
  /** IPv4 address that outlives the host, where the environment has one. */
  readonly floatingAddress: string | undefined;
}

/**
 * The outputs of an environment's stack, out of its state, wherever that is.
 *
 * @param environment for messages
 * @param stackFolder the synthesized stack: `cdktf.out/stacks/<env>`; Terraform is initialised there when it was not
 * @throws Failure when nothing was synthesized there, Terraform fails, or there is no host yet
 */
export async function readHostOutputs(
  environment: string,
  stackFolder: string,
  options: TerraformOptions = {},
): Promise<HostOutputs> {
  if (!existsSync(join(stackFolder, 'cdk.tf.json'))) {
    throw new Failure({
      what: `there is no synthesized stack for ${environment} in ${stackFolder}`,
      next: `npx cdktf diff ${environment}`,
    });
  }
  if (!existsSync(join(stackFolder, '.terraform'))) {
    await terraform(['init', '-input=false', '-no-color'], stackFolder, options);
  }
  return parseHostOutputs(
    environment,
    await terraform(['output', '-json', '-no-color'], stackFolder, options),
  );
}

async function terraform(args: readonly string[], cwd: string, options: TerraformOptions): Promise<string> {
  const command: Command = {
    argv: [binaryFor(options), ...args],
    cwd,
    env: { ...quiet, ...options.env },
    deadline: options.deadline ?? 120_000,
  };
  const output = await (options.run ?? runCommand)(command);
  if (output.code === 0) return output.stdout;
  throw commandFailure(command, output, {
    what: `the state in ${cwd} could not be read`,
    state: 'nothing was changed',
    next: 'read its output above; are the credentials of the state backend set?',
  });
}

/**
 * Reads the document of `terraform output -json`.
 *
 * @throws Failure when the outputs of a host are not (all) there: it was never deployed, or the deploy did not end
 */
export function parseHostOutputs(environment: string, json: string): HostOutputs {
  const outputs = outputsIn(environment, json);
  const text = (name: string): string | undefined => {
    const value = outputs[name]?.value;
    return value === undefined || value === null || value === '' ? undefined : String(value);
  };
  const [address, serverId, hostName] = [text('address'), text('server_id'), text('host_name')];
  if (address === undefined || serverId === undefined || hostName === undefined) {
    const missing = Object.entries({ address, server_id: serverId, host_name: hostName })
      .filter(([, value]) => value === undefined)
      .map(([name]) => name);
    throw new Failure({
      what: `${environment} has no host yet: its state has no ${missing.join(', ')}`,
      next: `npx cdktf deploy ${environment}`,
    });
  }
  return {
    address,
    serverId: Number(serverId),
    hostName,
    hostKey: text('host_key'),
    floatingAddress: text('floating_address'),
  };
}

type Outputs = Readonly<Record<string, { readonly value?: string | number | null }>>;

function outputsIn(environment: string, json: string): Outputs {
  try {
    return JSON.parse(json) as Outputs;
  } catch (cause) {
    throw new Failure({
      what: `Terraform's outputs of ${environment} are not JSON: ${messageOf(cause)}`,
      next: `npx cdktf output ${environment}`,
      output: json,
    });
  }
}

const withRun = (options: TerraformOptions): { readonly run?: Run } =>
  options.run ? { run: options.run } : {};
