import { connect } from '../deploy/ssh';
import type { Transport } from '../deploy/transport';
import { ExitCode, Failure } from '../foundation/failure';
import {
  declarationOf,
  hostLayout,
  parseDotEnv,
  settingNames,
  type SettingName,
  type SettingsSource,
} from '../services';
import type { Environment } from '../stacks/environment';
import { findEnvironment, settingsFile } from '../stacks/here';
import { findHost } from './host-access';
import { oneSource } from './settings-source';

/** How two sources stand to each other in one setting. Values stay where they are. */
export interface SettingDifference {
  readonly name: string;
  readonly is: 'equal' | 'different' | 'only in the first' | 'only in the second';
}

/** Word for what the host's runtime has today. */
const hostWord = 'host';
/** Milliseconds for reading one small file. */
const deadline = 30_000;

/**
 * Compares two sources, name by name: a file, `-` for standard input, `environment` for this shell, `host` for what the
 * runtime on the host was given.
 *
 * @param open the way to the host
 * @returns every setting that one of them has, in the catalogue's order
 */
export async function diffSettings(
  environment: string,
  from: string | undefined,
  against: string,
  open: OpenHost = overSsh,
): Promise<readonly SettingDifference[]> {
  const first = from ?? settingsFile(environment);
  if (first === '-' && against === '-') {
    throw new Failure({
      what: 'standard input can be read once only, and both sources are -',
      next: './cogni settings diff --help',
      exitCode: ExitCode.usage,
    });
  }
  const names = [first, against].includes(hostWord) ? handedIn.filter(readByRuntime) : handedIn;
  const one = await sourceNamed(environment, first, open);
  return compareSources(one, await sourceNamed(environment, against, open), names);
}

type OpenHost = (environment: Environment) => Promise<Pick<Transport, 'run' | 'close'>>;
const overSsh: OpenHost = async (environment) => connect(await findHost(environment));

/** What a person or a workflow hands in: not the release, nor what is composed or belongs to a shell. */
export const handedIn: readonly SettingName[] = settingNames.filter((name) =>
  ['repository-secret', 'repository-variable', 'environment-secret', 'environment-variable'].includes(
    declarationOf(name).scope,
  ),
);

/** A host has only what its services read. */
const readByRuntime = (name: SettingName): boolean =>
  declarationOf(name).consumers.some((consumer) => consumer.startsWith('runtime/'));

/** The comparison itself, of those names. */
export const compareSources = (
  first: SettingsSource,
  second: SettingsSource,
  names: readonly SettingName[],
): readonly SettingDifference[] =>
  names.flatMap((name): SettingDifference[] => {
    const [one, other] = [first[name], second[name]];
    if (one === undefined && other === undefined) return [];
    if (other === undefined) return [{ name, is: 'only in the first' }];
    if (one === undefined) return [{ name, is: 'only in the second' }];
    return [{ name, is: one === other ? 'equal' : 'different' }];
  });

/** One line a setting. */
export const differencesText = (differences: readonly SettingDifference[]): string =>
  differences.length === 0
    ? 'neither of them has any setting'
    : differences.map(({ name, is }) => `${is.padEnd(18)}  ${name}`).join('\n');

async function sourceNamed(environment: string, named: string, open: OpenHost): Promise<SettingsSource> {
  if (named !== hostWord) return oneSource(named);
  const transport = await open(findEnvironment(environment));
  try {
    const file = `${hostLayout.runtime.folder}/.env`;
    const { code, stdout, stderr } = await transport.run({ argv: ['cat', file], deadline });
    if (code === 0) return parseDotEnv(stdout, `${file} on the host`);
    throw new Failure({
      what: `the settings of the host of ${environment} cannot be read`,
      output: stderr,
      next: `./cogni deploy ${environment} writes them; has there been one?`,
    });
  } finally {
    await transport.close();
  }
}
