import { redactor } from '../deploy/redact';
import { Secret } from '../foundation/secret';
import { declarationOf, settingNames } from '../services';
import { readableSource } from './settings-source';

/**
 * The secrets that this machine knows of an environment: of its file and of this shell both, for what loses against the other is
 * a secret all the same.
 *
 * @throws Failure for a file of which not every line can be read
 */
export function knownSecrets(name: string, settingsFile: string | undefined): readonly Secret[] {
  const { file, variables } = readableSource(name, settingsFile);
  return settingNames
    .filter((setting) => declarationOf(setting).kind === 'secret')
    .flatMap((setting) =>
      [...new Set([file.values[setting], variables[setting]])].flatMap((value) =>
        value ? [Secret.of(setting, value)] : [],
      ),
    );
}

/** Takes the secrets out of a text that this checkout knows of an environment: those that are not known stay in it. */
export const withoutKnownSecrets = (
  name: string,
  settingsFile: string | undefined,
): ((text: string) => string) => redactor(knownSecrets(name, settingsFile));
