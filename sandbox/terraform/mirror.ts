import { copyFileSync, existsSync, linkSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ExitCode, Failure } from '../../foundation/failure';
import { tryReadFile, writeAtomically } from '../../foundation/files';
import type { Progress } from '../../foundation/progress';
import { findTerraform, type TerraformBinary } from './binary';
import { binaryName, platformOf, providers, registries, type ProviderBinaries } from './providers';
import { installFromRegistry, probeRegistry, registryOf, type Probe } from './registry';
import { buildStandIns } from './stand-in';

/**
 * Values of `COGNI_SANDBOX_PROVIDER`. `auto` takes the registry where it can be reached, and then stays with what it
 * took for as long as the sandbox's folder is there: a network that comes and goes must not change providers.
 */
const providerChoices = ['auto', 'stand-in', 'registry'] as const;
export type ProviderChoice = (typeof providerChoices)[number];

export interface MirrorProps {
  /** Folder of the sandbox that takes the mirror and the CLI configuration; made when it is missing. */
  readonly folder: string;
  readonly progress: Progress;
  /** @default COGNI_SANDBOX_PROVIDER, else auto */
  readonly choice?: ProviderChoice;
  /** The program that will use the mirror: decides which registry is asked. @default findTerraform() */
  readonly terraform?: TerraformBinary;
  /** Where binaries come from; a test hands in its own. */
  readonly sources?: Partial<MirrorSources>;
}

interface MirrorSources {
  readonly probe: Probe;
  readonly fromRegistry: typeof installFromRegistry;
  readonly standIns: (progress: Progress) => Promise<ProviderBinaries>;
}

export interface Mirror {
  /** Path of the CLI configuration file: the value of TF_CLI_CONFIG_FILE. */
  readonly cliConfig: string;
  readonly provider: Origin;
  readonly nullProvider: 'stand-in' | 'real';
  /**
   * Whether the binaries are others than those that were there: dependency lock files (`.terraform.lock.hcl`) made with
   * the old ones are then refused by `init` and have to go.
   */
  readonly changed: boolean;
}

type Origin = 'stand-in' | 'registry';

/**
 * Puts both providers into a filesystem mirror and writes the CLI configuration that leads there: nothing else than this
 * file tells Terraform or OpenTofu that the providers do not come from a registry. Nothing to do: nothing is touched.
 *
 * @throws Failure for an unknown COGNI_SANDBOX_PROVIDER, for `registry` where the registry cannot be reached, and when
 *   the providers can neither be built nor installed.
 */
export async function ensureMirror(props: MirrorProps): Promise<Mirror> {
  const choice = props.choice ?? providerChoice(process.env);
  const cliConfig = join(props.folder, 'terraform.rc');
  const mirror = join(props.folder, 'providers');
  const configuration = cliConfiguration(mirror);

  const record = join(props.folder, 'providers.json');
  const before = readRecord(record);
  const provider = await chooseOrigin(choice, before?.provider, props);
  const [origin, binaries] = await binariesOf(provider, choice, cliConfig, props);
  const changed = layMirror(mirror, record, before, origin, binaries);
  if (tryReadFile(cliConfig) !== configuration) writeAtomically(cliConfig, configuration);
  return { cliConfig, provider: origin, nullProvider: origin === 'registry' ? 'real' : 'stand-in', changed };
}

/** Reads COGNI_SANDBOX_PROVIDER. */
export function providerChoice(environment: Readonly<Record<string, string | undefined>>): ProviderChoice {
  const value = environment['COGNI_SANDBOX_PROVIDER'] || 'auto';
  const choice = providerChoices.find((name) => name === value);
  if (choice) return choice;
  throw new Failure({
    what: `COGNI_SANDBOX_PROVIDER is "${value}"; allowed are ${providerChoices.join(', ')}`,
    next: 'set it to one of these, or unset it, then run this again',
    exitCode: ExitCode.usage,
  });
}

async function chooseOrigin(
  choice: ProviderChoice,
  before: Origin | undefined,
  props: MirrorProps,
): Promise<Origin> {
  if (choice === 'stand-in') return 'stand-in';
  if (before === 'registry' || (before !== undefined && choice === 'auto')) return before;
  const registry = registryOf(await terraformOf(props));
  const unreachable = await (props.sources?.probe ?? probeRegistry)(registry);
  if (unreachable === undefined) return 'registry';
  if (choice === 'registry') {
    throw new Failure({
      what: `COGNI_SANDBOX_PROVIDER is "registry", and ${registry} cannot be reached: ${unreachable}`,
      next: 'set COGNI_SANDBOX_PROVIDER=stand-in, or make the registry reachable, then run this again',
    });
  }
  props.progress.note(`${registry} cannot be reached (${unreachable}): the stand-in provider is used`);
  return 'stand-in';
}

const terraformOf = async (props: MirrorProps): Promise<TerraformBinary> =>
  props.terraform ?? findTerraform(props.progress);

/** The binaries, and where they really come from: an installation that fails is made up for where nobody insists. */
async function binariesOf(
  origin: Origin,
  choice: ProviderChoice,
  cliConfig: string,
  props: MirrorProps,
): Promise<readonly [Origin, ProviderBinaries]> {
  const { progress } = props;
  if (origin === 'registry') {
    const install = props.sources?.fromRegistry ?? installFromRegistry;
    try {
      return ['registry', await install({ terraform: await terraformOf(props), cliConfig }, progress)];
    } catch (thrown) {
      if (choice === 'registry' || !(thrown instanceof Failure)) throw thrown;
      progress.note(`${thrown.what}; the stand-in takes its place`);
    }
  }
  return ['stand-in', await (props.sources?.standIns ?? ((to) => buildStandIns(to)))(progress)];
}

/** Path of each provider's binary below a mirror, in the unpacked layout, under both registries' names. */
export function mirrorLayout(
  platform: string,
): readonly { readonly path: string; readonly of: (typeof providers)[number] }[] {
  return registries.flatMap((registry) =>
    providers.map((provider) => ({
      path: join(
        registry,
        provider.namespace,
        provider.type,
        provider.version,
        platform,
        binaryName(provider),
      ),
      of: provider,
    })),
  );
}

/** What a mirror was laid from; written last, so that one that was cut short is laid again. */
interface MirrorRecord {
  readonly provider: Origin;
  /** Path in the mirror, path of the source, bytes. A source lies in the cache under a name made from its contents. */
  readonly files: readonly (readonly [string, string, number])[];
}

function readRecord(path: string): MirrorRecord | undefined {
  try {
    return JSON.parse(tryReadFile(path) ?? '') as MirrorRecord;
  } catch {
    return undefined;
  }
}

/**
 * Lays the mirror anew beside the old one and changes them over, unless it holds the very files already. Terraform hashes
 * a leaf folder as a whole, so nothing but the binary may be in it.
 *
 * @returns whether it was laid anew from other files than before
 */
function layMirror(
  mirror: string,
  recordPath: string,
  before: MirrorRecord | undefined,
  provider: Origin,
  binaries: ProviderBinaries,
): boolean {
  const files = mirrorLayout(platformOf()).map(({ path, of }) => {
    const source = binaries.get(of)!;
    return [path, source, statSync(source).size] as const;
  });
  const record: MirrorRecord = { provider, files };
  const same = before !== undefined && JSON.stringify(before) === JSON.stringify(record);
  if (same && files.every(([path]) => existsSync(join(mirror, path)))) return false;

  const fresh = `${mirror}.new`;
  rmSync(fresh, { recursive: true, force: true });
  for (const [path, source] of files) {
    mkdirSync(dirname(join(fresh, path)), { recursive: true });
    linkOrCopy(source, join(fresh, path));
  }
  rmSync(mirror, { recursive: true, force: true });
  renameSync(fresh, mirror);
  writeAtomically(recordPath, `${JSON.stringify(record, undefined, 2)}\n`);
  return before !== undefined && !same;
}

/** The cache may lie on another file system than the checkout. */
function linkOrCopy(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'EXDEV' && code !== 'EPERM' && code !== 'EMLINK') throw cause;
    copyFileSync(source, target);
  }
}

/**
 * The CLI configuration: our providers from the mirror only, all others from their registries as ever.
 *
 * @throws Failure for a path that the file's language cannot carry as it stands.
 */
export function cliConfiguration(mirror: string): string {
  if (/["\\\n\r]|[$%]\{/.test(mirror)) {
    throw new Failure({
      what: `the sandbox's folder ${JSON.stringify(mirror)} holds a character that Terraform's CLI configuration cannot carry (a quote, a backslash, a line break, "\${" or "%{")`,
      next: 'move the checkout to another path, then run this again',
    });
  }
  const addresses = registries.flatMap((registry) =>
    providers.map(({ namespace, type }) => `"${registry}/${namespace}/${type}"`),
  );
  const list = (name: string): string => `    ${name} = [${addresses.join(', ')}]`;
  return [
    '# Written by `cogni sandbox up`: the providers of the stacks come from this mirror.',
    'provider_installation {',
    '  filesystem_mirror {',
    `    path    = "${mirror}"`,
    list('include'),
    '  }',
    '  direct {',
    list('exclude'),
    '  }',
    '}',
    '',
  ].join('\n');
}
