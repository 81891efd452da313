import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ExitCode, Failure } from '../foundation/failure';
import { tryReadFile, writeAtomically } from '../foundation/files';
import type { Secret } from '../foundation/secret';
import {
  generateSettings,
  parseDotEnv,
  renderDotEnv,
  type SettingName,
  type SettingsSource,
} from '../services';
import { findRecord } from '../stacks/here';
import { settingsFile, settingsSource } from './settings-source';

type Made = readonly (readonly [SettingName, string | Secret])[];

/** What can be made and is not among the given settings. */
export const missingFrom = (given: SettingsSource): Made =>
  [...generateSettings((count) => randomBytes(count))].filter(([name]) => given[name] === undefined);

/** What can be made for an environment and is neither in its file nor in this process. */
export function missingSettings(environment: string): Made {
  findRecord(environment);
  return missingFrom(settingsSource(environment, undefined));
}

/** Adds what can be generated and is not there yet to an environment's settings file, mode 0600. */
export function generateMissing(environment: string): {
  readonly file: string;
  readonly made: readonly string[];
} {
  findRecord(environment);
  const file = settingsFile(environment);
  const text = tryReadFile(file);
  const missing = missingFrom(text === undefined ? {} : parseDotEnv(text, file));
  // Added at the end, so that what a person wrote there, comments included, stays as it is.
  if (missing.length > 0) {
    const before = text === undefined || text === '' ? '' : `${text.trimEnd()}\n`;
    writeAtomically(file, before + renderDotEnv(missing).reveal(), 0o600);
  }
  return { file, made: missing.map(([name]) => name) };
}

/**
 * Writes what was made into a file that must not be there yet, mode 0600.
 *
 * @throws Failure when there is one: a password in it may be the only copy
 */
export function writeNewSettings(file: string, made: Made): void {
  mkdirSync(dirname(file), { recursive: true });
  try {
    const descriptor = openSync(file, 'wx', 0o600);
    try {
      writeFileSync(descriptor, renderDotEnv(made).reveal());
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw new Failure({
      what: `${file} is there already, and is never overwritten`,
      next: 'name a file that is not there, or move that one away',
      exitCode: ExitCode.refused,
      cause,
    });
  }
}
