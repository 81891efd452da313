import { join } from 'node:path';
import { ExitCode, Failure } from '../foundation/failure';
import { withFileLock } from '../foundation/file-lock';
import { tryReadFile } from '../foundation/files';
import { capture } from '../foundation/process';
import { planKeys, type PlanKeys } from '../infra/plan/plan-keys';
import type { TerraformAt } from '../infra/plan/terraform-run';
import { addressStackId, stackFolder } from '../infra/stack-folder';
import type { SettingsSource } from '../services';
import type { Environment, ResolvedCherryHost } from '../stacks/environment';
import { environmentFolder, findEnvironment, outputFolder } from '../stacks/here';
import { cancelledBySignals } from './cancel';
import { checkout } from './context';
import { readSource, settingsSource } from './settings-source';

/** A stack that can be planned: the host of an environment, or its floating address. */
export interface PlanTarget {
  readonly environment: Environment;
  readonly host: ResolvedCherryHost;
  /** Id of the stack. */
  readonly stack: string;
  readonly kind: 'host' | 'address';
  readonly at: TerraformAt;
}

const addressSuffix = addressStackId('');

/** The environment that a stack belongs to: its own name, or that of its floating address without the end. */
export const environmentOfStack = (name: string): string =>
  name.endsWith(addressSuffix) ? name.slice(0, -addressSuffix.length) : name;

/**
 * @param name an environment, or `<env>-address` for its floating address
 * @throws Failure with every fault of the environment, or when Terraform makes nothing of it
 */
export function planTarget(name: string): PlanTarget {
  const ofAddress = name.endsWith(addressSuffix);
  const environment = findEnvironment(environmentOfStack(name));
  const { host } = environment;
  if (host.kind === 'existing' || (ofAddress && !host.floatingAddress)) {
    throw new Failure({
      what: ofAddress
        ? `${environment.name} has no floating address`
        : `the host of ${name} exists already, and Terraform makes nothing of it`,
      next: `look at its record in stacks/environments.ts`,
      exitCode: ExitCode.usage,
    });
  }
  return {
    environment,
    host,
    stack: name,
    kind: ofAddress ? 'address' : 'host',
    at: { folder: stackFolder(outputFolder(), name), signal: cancelledBySignals() },
  };
}

/**
 * Does something with the synthesized stacks, alone: every synthesis writes all of them, and Terraform reads its folder.
 *
 * @throws Failure (exit code 4) at once when another `cogni plan` or `apply` runs in this checkout
 */
export const alone = <T>(purpose: string, work: () => Promise<T>): Promise<T> =>
  withFileLock(join(outputFolder(), 'cogni.lock'), { purpose }, work);

/** Writes the stacks, by the very program that CDKTF runs and as CDKTF runs it: without variables of Terraform's. */
export async function synthesizeHere(): Promise<void> {
  const ofTerraform = Object.keys(process.env).filter((name) => name.startsWith('TF_VAR_'));
  await capture({
    argv: [process.execPath, join(checkout, 'dist', 'cdktf-app.js')],
    cwd: checkout,
    env: {
      ...Object.fromEntries(ofTerraform.map((name) => [name, undefined])),
      CDKTF_OUTDIR: outputFolder(),
    },
    deadline: 60_000,
  });
}

type OfPlans = Pick<Environment, 'name' | 'plans'>;

/**
 * The keys for plans of an environment, as its record and its settings say.
 *
 * @param settingsFile where the settings are read from, where somebody named that
 */
export const planKeysOf = (environment: OfPlans, settingsFile?: string): Promise<PlanKeys> =>
  keysAmong(environment, settingsSource(environment.name, settingsFile));

/**
 * Whose signatures are believed, for those who sign nothing: a line of the settings file that cannot be read is no reason to
 * look at nothing.
 */
export const trustedSignersOf = async (environment: OfPlans): Promise<PlanKeys['trusted']> =>
  (await keysAmong(environment, readSource(environment.name, undefined).settings)).trusted;

const keysAmong = ({ name, plans }: OfPlans, variables: SettingsSource): Promise<PlanKeys> =>
  planKeys({
    environment: name,
    folder: environmentFolder(name),
    written: plans && {
      signers: plans.signers.map((file) => ({ file, pem: tryReadFile(join(checkout, file)) })),
      recipients: plans.recipients,
    },
    signingKey: variables['COGNI_PLAN_SIGNING_KEY'],
    identity: variables['COGNI_PLAN_IDENTITY'],
  });
