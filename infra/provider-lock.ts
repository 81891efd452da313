import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExitCode, Failure } from '../foundation/failure';
import { tryReadFile, writeAtomically } from '../foundation/files';
import { commandFailure, run as runCommand, type Run } from '../foundation/process';
import { cherryProvider, nullProvider } from './provider-schema';
import { requireTerraform, terraformBinary } from './terraform';

/** The committed lock of the providers' hashes, relative to the checkout. */
export const providerLockFile = join('infra', 'locks', 'providers.lock.hcl');

/** Where a provider may run: build machines, and the laptops of those who deploy. */
const lockedPlatforms = ['linux_amd64', 'linux_arm64', 'darwin_arm64'] as const;

/** First line of a lock that nobody has looked up yet. No hash is ever made up (invariant 3). */
const unresolvedMark = '# unresolved:';

/** Where OpenTofu looks for what has no registry in its name; the same providers have other packages there. */
const openTofuRegistry = 'registry.opentofu.org';

/** What is wrong with a lock's text; nothing when every provider is in it with hashes of its registry. */
export function providerLockFaults(text: string | undefined): readonly string[] {
  if (text === undefined) return ['is missing'];
  if (text.startsWith(unresolvedMark))
    return ['is unresolved: the hashes of the providers were not looked up yet'];
  return [
    [cherryProvider.address, cherryProvider.version],
    [nullProvider.address, nullProvider.version],
  ].flatMap(([address = '', version = '']) => {
    const block = blockOf(text, address);
    if (block === undefined) return [`has no entry for ${address}`];
    if (!block.includes(`"${version}"`)) return [`holds ${address} in another version than ${version}`];
    return /"(?:h1|zh):[^"]{20,}"/.test(block) ? [] : [`has no hash for ${address}`];
  });
}

const blockOf = (text: string, address: string): string | undefined => {
  const start = text.indexOf(`provider "${address}" {`);
  return start < 0 ? undefined : text.slice(start, text.indexOf('\n}', start));
};

/** The lock's text, or undefined where there is none. */
export const readProviderLock = (checkout: string): string | undefined =>
  tryReadFile(join(checkout, providerLockFile));

/**
 * Puts the lock into a stack's folder, where Terraform looks for it, before `init` runs there. With it, `init` takes
 * only what was looked up, and CDKTF does not ask the registry at each first run.
 */
export function placeProviderLock(stackFolder: string, text: string): void {
  const path = join(stackFolder, '.terraform.lock.hcl');
  if (tryReadFile(path) !== text) writeAtomically(path, text);
}

/**
 * Removes the lock that an earlier `init` left in a stack's folder. For the sandbox, whose providers are built on this
 * machine: built anew they have other bytes, and `init` would refuse them for the sake of the old ones.
 */
export const forgetProviderLock = (stackFolder: string): void =>
  rmSync(join(stackFolder, '.terraform.lock.hcl'), { force: true });

export interface LockProvidersProps {
  readonly checkout: string;
  /** @default - real processes */
  readonly run?: Run;
  /** Milliseconds. The packages of all platforms are fetched. @default 10 minutes */
  readonly deadline?: number;
}

/**
 * Looks the hashes of both providers up in their registry, for every platform, and writes the lock: `cogni providers
 * lock`.
 *
 * @returns the path written, relative to the checkout
 * @throws Failure when the registry cannot be reached or gave no hash; the committed lock is left as it was
 */
export async function lockProviders(props: LockProvidersProps): Promise<string> {
  const run = props.run ?? runCommand;
  await requireTerraform({ run });
  const folder = mkdtempSync(join(tmpdir(), 'cogni-lock-'));
  try {
    writeAtomically(
      join(folder, 'main.tf.json'),
      JSON.stringify({ terraform: { required_providers: required } }),
    );
    const command = {
      argv: [
        terraformBinary(),
        'providers',
        'lock',
        '-no-color',
        ...lockedPlatforms.map((platform) => `-platform=${platform}`),
      ] as [string, ...string[]],
      cwd: folder,
      env: { CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' },
      deadline: props.deadline ?? 10 * 60_000,
    };
    const output = await run(command);
    if (output.code !== 0) {
      throw commandFailure(command, output, {
        what: 'the hashes of the providers could not be looked up',
        state: `${providerLockFile} is as it was`,
        next: 'run ./cogni providers lock where the Terraform registry can be reached',
      });
    }
    const lock = `${lockHeader}${tryReadFile(join(folder, '.terraform.lock.hcl')) ?? ''}`;
    const faults = providerLockFaults(lock);
    if (faults.length > 0) {
      throw new Failure({
        what: 'Terraform wrote a lock that does not lock every provider',
        faults: faults.map((fault) => `it ${fault}`),
        state: `${providerLockFile} is as it was`,
        next: lock.includes(`provider "${openTofuRegistry}/`)
          ? 'that is the registry of OpenTofu, and the lock is that of Terraform: TERRAFORM_BINARY_NAME=terraform ./cogni providers lock'
          : 'read its text above; is another registry or mirror configured in the Terraform CLI configuration?',
        output: lock,
        exitCode: ExitCode.refused,
      });
    }
    writeAtomically(join(props.checkout, providerLockFile), lock);
    return providerLockFile;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const lockHeader =
  '# Made by "./cogni providers lock"; commit it. Terraform reads a copy in each stack\'s folder.\n';

/** The constraints that the stacks have: a lock with others would be looked up again. */
const required = {
  cherryservers: { source: cherryProvider.source, version: cherryProvider.version },
  null: { source: nullProvider.source, version: nullProvider.version },
};
