import { identitiesIn } from '../foundation/age';
import { ExitCode, Failure } from '../foundation/failure';
import { tryReadFile } from '../foundation/files';
import type { Secret } from '../foundation/secret';

/**
 * Private halves in a key file of age.
 *
 * @throws Failure (wrong usage) for a file that is none
 */
export function identitiesOf(file: string, again: string): readonly Secret[] {
  const text = tryReadFile(file);
  const identities = identitiesIn(text ?? '');
  if (identities.length > 0 && identities.every((each) => each.reveal().startsWith('AGE-SECRET-KEY-')))
    return identities;
  throw new Failure({
    what:
      text === undefined
        ? `there is no file ${file}`
        : `${file} is no key file of age: a line AGE-SECRET-KEY-1…, as age-keygen writes it`,
    next: `name the file with the private half of one of the recipients, then ${again}`,
    exitCode: ExitCode.usage,
  });
}
