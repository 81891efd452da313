/** What `terraformEnvironment` makes the variables from. */
export interface TerraformEnvironmentProps {
  /** CLI configuration file that names the provider mirror. */
  readonly cliConfig: string;
  /** The emulator's proxy on loopback: `http://127.0.0.1:8443`. */
  readonly proxyUrl: string;
  /** PEM file with the sandbox's certificate authority. */
  readonly caFile: string;
  /** Token that the emulator knows; worth nothing anywhere else. */
  readonly token: string;
  /** Path of the program that runs the stacks. */
  readonly binary: string;
}

/**
 * The variables with which a plain `npx cdktf deploy preview` talks to the sandbox, in a fixed order.
 *
 * - Both token variables are set: the provider prefers CHERRY_AUTH_KEY, and a real one that the shell holds must not
 *   reach the emulator, nor the emulator's token a real account.
 * - NO_PROXY is set, lest one of the user's own lead around the emulator. Terraform, OpenTofu and their providers read
 *   the upper-case names first.
 * - No provider is looked up at a registry, and no plugin cache is shared with other mirrors: cdktf would fill one with
 *   links into this mirror, and a later run with another mirror would silently use the old one.
 */
export function terraformEnvironment(props: TerraformEnvironmentProps): Record<string, string> {
  return {
    TERRAFORM_BINARY_NAME: props.binary,
    TF_CLI_CONFIG_FILE: props.cliConfig,
    TF_PLUGIN_CACHE_DIR: '',
    HTTPS_PROXY: props.proxyUrl,
    NO_PROXY: 'localhost,127.0.0.1,::1,.cogni.test',
    SSL_CERT_FILE: props.caFile,
    CHERRY_AUTH_KEY: props.token,
    CHERRY_AUTH_TOKEN: props.token,
    CHECKPOINT_DISABLE: '1',
    CDKTF_SKIP_PROVIDER_LOCK: 'true',
    CDKTF_DISABLE_PLUGIN_CACHE_ENV: '1',
    DISABLE_VERSION_CHECK: '1',
  };
}

/**
 * An environment for programs that are to reach the real world although the shell has taken over the sandbox's variables
 * (`eval "$(./cogni sandbox env)"`): those are taken out where they are the sandbox's, and a user's own stay.
 *
 * @param cliConfig the sandbox's CLI configuration file, by which its variables are recognised
 * @returns values to merge into the environment: undefined takes a name out
 */
export function outsideTheSandbox(
  environment: Readonly<Record<string, string | undefined>>,
  cliConfig: string,
): Record<string, undefined> {
  if (environment['TF_CLI_CONFIG_FILE'] !== cliConfig) return {};
  const names = Object.keys(
    terraformEnvironment({ cliConfig: '', proxyUrl: '', caFile: '', token: '', binary: '' }),
  );
  return Object.fromEntries(names.map((name) => [name, undefined]));
}
