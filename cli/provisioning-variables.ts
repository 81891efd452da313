import { declarationOf, settingNames } from '../services';
import { valueIn } from './cherry-token';
import { settingsSource } from './settings-source';

/**
 * Puts what provisioning needs, and what only stands in the file of the settings, into the environment of this process: Terraform and its
 * provider read that alone, and the records know no file that somebody named. What is there already stays. To be called before a record
 * is looked at.
 *
 * @param settings the file that somebody named, if any
 * @throws Failure for a file of which not every line can be read
 */
export function provisioningVariables(name: string, settings: string | undefined): void {
  const source = settingsSource(name, settings);
  const provisions = settingNames.filter((setting) =>
    declarationOf(setting).consumers.some((each) =>
      ['cherry-provider', 'records', 'terraform-state'].includes(each),
    ),
  );
  const missing = provisions.filter((setting) => source[setting] && !valueIn(setting, process.env));
  Object.assign(process.env, Object.fromEntries(missing.map((setting) => [setting, source[setting]])));
}
