import { copyFileSync, chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, messageOf } from '../../foundation/failure';
import { commandFailure, run, type Command, type Run } from '../../foundation/process';
import type { Progress } from '../../foundation/progress';
import { cached } from '../cache';
import type { TerraformBinary } from './binary';
import { outsideTheSandbox } from './environment';
import {
  binaryName,
  platformOf,
  providers,
  type Provider,
  type ProviderBinaries,
  type Registry,
} from './providers';

/** Milliseconds that the registry may take to answer at all. */
const probeDeadline = 5_000;
/** Milliseconds that downloading and verifying both providers may take. */
const installDeadline = 5 * 60_000;

/** The registry by which a program completes a provider's source. */
export const registryOf = (terraform: TerraformBinary): Registry =>
  terraform.product === 'terraform' ? 'registry.terraform.io' : 'registry.opentofu.org';

/** Says why a registry cannot be reached; undefined when it answers. */
export type Probe = (registry: Registry) => Promise<string | undefined>;

/** Asks a registry for its service discovery document, which every Terraform registry has. */
export const probeRegistry: Probe = async (registry) => {
  try {
    const answer = await fetch(`https://${registry}/.well-known/terraform.json`, {
      signal: AbortSignal.timeout(probeDeadline),
    });
    await answer.body?.cancel();
    return answer.ok ? undefined : `it answered with status ${answer.status}`;
  } catch (cause) {
    const reason = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
    return messageOf(reason);
  }
};

export interface RegistryInstallProps {
  readonly terraform: TerraformBinary;
  /** The sandbox's CLI configuration file: variables that belong to it are kept from the installation. */
  readonly cliConfig: string;
  readonly run?: Run;
  /** CLI configuration for the installation. @default straight from the registry */
  readonly installationConfig?: string;
}

/**
 * The real providers, installed by `terraform init` in a throw-away folder: it picks the platform's package, verifies
 * checksum and signature, and lays it out unpacked. Kept in the cache, a version once.
 *
 * @returns the binaries' paths in the cache
 * @throws Failure with the program's output when they cannot be installed
 */
export async function installFromRegistry(
  props: RegistryInstallProps,
  progress: Progress,
): Promise<ProviderBinaries> {
  const registry = registryOf(props.terraform);
  const configuration = props.installationConfig ?? directly;
  const versions = providers.map((provider) => `${provider.namespace}/${provider.type} ${provider.version}`);
  const folder = await cached(
    {
      name: 'providers-of-registry',
      key: [registry, platformOf(), configuration, ...versions],
      why: `${registry} can be reached: the real providers are used`,
      build: async (unfinished) => {
        const scratch = join(unfinished, 'scratch');
        mkdirSync(scratch);
        writeFileSync(join(scratch, 'terraform.rc'), configuration);
        writeFileSync(join(scratch, 'main.tf.json'), JSON.stringify(requirements, undefined, 2));
        const command = initCommand(props, scratch);
        const output = await (props.run ?? run)(command, { tied: true });
        if (output.code !== 0) {
          throw commandFailure(command, output, {
            what: `installing the providers from ${registry}`,
            state: 'nothing of it was kept',
            next: 'COGNI_SANDBOX_PROVIDER=stand-in does without the registry; or mend what is said above, then run this again',
          });
        }
        for (const provider of providers) takeBinary(provider, registry, scratch, unfinished);
        rmSync(scratch, { recursive: true, force: true });
      },
    },
    progress,
  );
  return new Map(providers.map((provider) => [provider, join(folder, binaryName(provider))]));
}

const directly = 'provider_installation {\n  direct {}\n}\n';

/** A configuration that needs both providers and nothing else. */
export const requirements = {
  terraform: {
    required_providers: Object.fromEntries(
      providers.map((provider) => [
        provider.type,
        { source: `${provider.namespace}/${provider.type}`, version: provider.version },
      ]),
    ),
  },
};

function initCommand(props: RegistryInstallProps, scratch: string): Command {
  return {
    argv: [props.terraform.path, 'init', '-input=false', '-no-color', '-backend=false'],
    cwd: scratch,
    env: {
      ...outsideTheSandbox(process.env, props.cliConfig),
      TF_CLI_CONFIG_FILE: join(scratch, 'terraform.rc'),
      TF_DATA_DIR: undefined,
      TF_PLUGIN_CACHE_DIR: '',
      CHECKPOINT_DISABLE: '1',
    },
    deadline: installDeadline,
  };
}

/** A package holds more than the binary (a licence, a change log); a mirror of ours holds nothing else. */
function takeBinary(provider: Provider, registry: Registry, scratch: string, target: string): void {
  const { namespace, type, version } = provider;
  const unpacked = join(scratch, '.terraform', 'providers', registry, namespace, type, version, platformOf());
  const found = readdirSync(unpacked).filter((name) => name.startsWith(`terraform-provider-${type}`));
  if (found.length !== 1) {
    throw new Failure({
      what: `the package ${namespace}/${type} ${version} of ${registry} holds ${found.length} binaries, not one`,
      faults: found,
      state: 'nothing of it was kept',
      next: 'COGNI_SANDBOX_PROVIDER=stand-in does without the registry',
    });
  }
  copyFileSync(join(unpacked, found[0]!), join(target, binaryName(provider)));
  chmodSync(join(target, binaryName(provider)), 0o755);
}
