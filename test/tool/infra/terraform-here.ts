import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { run, type Output } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { findTerraform } from '../../../sandbox/terraform/binary';
import { ensureMirror } from '../../../sandbox/terraform/mirror';

/** Milliseconds: the first run on a machine compiles the stand-in providers. */
export const build = 10 * 60_000;

/** The real Terraform (or OpenTofu), with providers from a mirror of our own, in folders of the test. */
export interface TerraformHere {
  /** Absolute path of the program. */
  readonly binary: string;
  /** What the program needs in its environment to find the providers. */
  readonly env: Readonly<Record<string, string>>;
  /** The same with more in its environment. */
  readonly with: (more: Readonly<Record<string, string>>) => TerraformHere;
  /** Runs it in a folder; whatever the outcome, gives it. */
  readonly in: (folder: string, ...args: readonly string[]) => Promise<Output>;
}

/** @param scratch a folder of the test's own, for mirror and configuration */
export async function terraformHere(scratch: string): Promise<TerraformHere> {
  const { path } = await findTerraform(silent);
  const { cliConfig } = await ensureMirror({
    folder: join(scratch, 'mirror'),
    progress: silent,
    choice: 'stand-in',
  });
  const env = {
    TERRAFORM_BINARY_NAME: path,
    TF_CLI_CONFIG_FILE: cliConfig,
    TF_IN_AUTOMATION: '1',
    CHECKPOINT_DISABLE: '1',
    TF_PLUGIN_CACHE_DIR: '',
    // A token that is worth nothing, and nothing at the other end: no test may reach a real account.
    CHERRY_AUTH_KEY: 'test',
    HTTPS_PROXY: 'http://127.0.0.1:9',
    NO_PROXY: '',
  };
  return program(path, env);
}

const program = (binary: string, env: Readonly<Record<string, string>>): TerraformHere => ({
  binary,
  env,
  with: (more) => program(binary, { ...env, ...more }),
  in: (folder, ...args) => run({ argv: [binary, ...args], cwd: folder, env, deadline: 60_000 }),
});

/** Makes a folder look as if another checkout had the same state: nothing of Terraform's own is left in it. */
export const asFreshCheckout = (folder: string): void => {
  for (const left of ['.terraform', '.terraform.lock.hcl'])
    rmSync(join(folder, left), { recursive: true, force: true });
};
