import { Failure } from '../foundation/failure';
import { examine, faultText, fileFaults, type SettingFault, type SettingName } from '../services';
import { findEnvironment } from '../stacks/here';
import { readSource } from './settings-source';

/**
 * Holds an environment's settings against what a deploy needs, and the file that they came from against the catalogue.
 *
 * @param from where they are read from: {@link readSource}
 * @returns names of what is set
 * @throws Failure with every fault, by name and without a value
 */
export function checkSettings(
  name: string,
  from: string | undefined,
): { readonly complete: readonly SettingName[] } {
  const { domain } = findEnvironment(name);
  const { settings, file } = readSource(name, from);
  const { values, faults } = examine({ ...settings, DOMAIN: domain }, 'deploy');
  const all: readonly SettingFault[] = [...faults, ...fileFaults(file)];
  if (all.length === 0) return { complete: [...values.keys()] };
  throw new Failure({
    what: `the settings of ${name} cannot be used to deploy: ${all.length} ${all.length === 1 ? 'fault' : 'faults'}`,
    faults: all.map(faultText),
    next: `./cogni settings generate ${name} makes passwords and keys; write the rest into its file or the environment, then check again`,
  });
}
