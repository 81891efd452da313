import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { tryReadFile, writeAtomically } from '../foundation/files';
import { Secret } from '../foundation/secret';
import { generateSettings, mergeDotEnv, parseDotEnv } from '../services';
import type { World } from './world';

/** Where the settings of an environment are, in the form that `cogni deploy --settings` reads. */
const settingsFile = (world: World, environment: string): string =>
  join(world.folder, environment, 'settings.env');

/**
 * Settings that a person would otherwise have to think of: each made once for each environment, mode 0600. What is there
 * already is left as it is, so that a sandbox lives on when a newer checkout has more settings.
 *
 * @param known what the sandbox knows by itself, by name
 * @throws Failure when the file is there and cannot be read as settings
 */
export function ensureSettings(
  world: World,
  environment: string,
  known: Readonly<Record<string, string | Secret>>,
): void {
  const file = settingsFile(world, environment);
  const there = tryReadFile(file);
  const missing = new Map<string, string | Secret>([
    ...generateSettings((count) => randomBytes(count)),
    ['OPENROUTER_API_KEY', Secret.of('OPENROUTER_API_KEY', `sk-or-${randomBytes(24).toString('hex')}`)],
    ...Object.entries(known),
  ]);
  // A line that is not filled in is none.
  for (const [name, value] of Object.entries(parseDotEnv(there ?? '', file)))
    if (value !== '') missing.delete(name);
  if (missing.size === 0) return;
  writeAtomically(file, mergeDotEnv(there, missing).reveal(), 0o600);
}
