import { redactor } from '../deploy/redact';
import { Secret } from '../foundation/secret';
import { declarationOf, isSettingName } from '../services';
import { settingsSource } from './settings-source';

/** Takes the secrets out of a text that this checkout knows of an environment: those that are not known stay in it. */
export function withoutKnownSecrets(
  name: string,
  settingsFile: string | undefined,
): (text: string) => string {
  const settings = Object.entries(settingsSource(name, settingsFile));
  return redactor(
    settings.flatMap(([setting, value]) =>
      value !== undefined && isSettingName(setting) && declarationOf(setting).kind === 'secret'
        ? [Secret.of(setting, value)]
        : [],
    ),
  );
}
