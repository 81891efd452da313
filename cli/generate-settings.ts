import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { tryReadFile, writeAtomically } from '../foundation/files';
import { generateSettings, parseDotEnv, renderDotEnv } from '../services';
import { environmentFolder, findEnvironment } from '../stacks/here';

/** Adds what can be generated and is not there yet to an environment's settings file, mode 0600. */
export function generateMissing(environment: string): {
  readonly file: string;
  readonly made: readonly string[];
} {
  findEnvironment(environment);
  const file = join(environmentFolder(environment), 'settings.env');
  const text = tryReadFile(file);
  const there = text === undefined ? {} : parseDotEnv(text, file);
  const missing = [...generateSettings((count) => randomBytes(count))].filter(
    ([name]) => !Object.hasOwn(there, name),
  );
  // Added at the end, so that what a person wrote there, comments included, stays as it is.
  if (missing.length > 0) {
    const before = text === undefined || text === '' ? '' : `${text.trimEnd()}\n`;
    writeAtomically(file, before + renderDotEnv(missing).reveal(), 0o600);
  }
  return { file, made: missing.map(([name]) => name) };
}
