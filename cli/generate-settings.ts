import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, rmSync } from 'node:fs';
import { ExitCode, Failure } from '../foundation/failure';
import { withFileLock } from '../foundation/file-lock';
import { writeAtomically } from '../foundation/files';
import type { Secret } from '../foundation/secret';
import {
  generateSettings,
  mergeDotEnv,
  renderDotEnv,
  type SettingName,
  type SettingsSource,
} from '../services';
import { findRecord, settingsFile } from '../stacks/here';
import { isForOthers, readableSource, tryReadSettings } from './settings-source';

type Made = readonly (readonly [SettingName, string | Secret])[];

/** What can be made and is not among the given settings; an empty one is not. */
export const missingFrom = (given: SettingsSource): Made =>
  [...generateSettings((count) => randomBytes(count))].filter(([name]) => !given[name]);

/** What making settings for an environment comes to. */
export interface Generation {
  /** In neither its file nor this process. */
  readonly missing: Made;
  /** In this process, and not in its file: a second value would be another one. */
  readonly inShell: readonly SettingName[];
}

/** Decides what is made for an environment: for the run, and for the one that only says so. */
export function generationFor(environment: string): Generation {
  findRecord(environment);
  const { file, variables } = readableSource(environment, undefined);
  const lacking = missingFrom(file.values);
  return {
    missing: lacking.filter(([name]) => !variables[name]),
    inShell: lacking.flatMap(([name]) => (variables[name] ? [name] : [])),
  };
}

export interface Generated {
  readonly file: string;
  readonly made: readonly SettingName[];
  readonly inShell: readonly SettingName[];
}

/** Milliseconds to wait for another run that changes the same file: reading and writing it takes a moment. */
const patience = 10_000;

/** Does something with the settings file of an environment that nobody else may do at the same time. @throws Failure (exit code 4) when another run does not come to an end */
export const whileSettingsAreOurs = <Result>(
  environment: string,
  purpose: string,
  work: () => Promise<Result>,
): Promise<Result> => withFileLock(`${settingsFile(environment)}.lock`, { purpose, wait: patience }, work);

/**
 * Puts what can be generated and is not there yet into an environment's settings file, mode 0600: a line that is empty is
 * filled in where it stands, the rest comes at the end, and what a person wrote there, comments included, stays as it is.
 */
export function generateMissing(environment: string): Promise<Generated> {
  const file = settingsFile(environment);
  return whileSettingsAreOurs(environment, `settings generate ${environment}`, () => {
    const { missing, inShell } = generationFor(environment);
    if (missing.length > 0)
      writeAtomically(file, mergeDotEnv(tryReadSettings(file), new Map(missing)).reveal(), 0o600);
    else if (isForOthers(file)) chmodSync(file, 0o600);
    return Promise.resolve({ file, made: missing.map(([name]) => name), inShell });
  });
}

/** What came of it, or would: for people. */
export function generationText(said: string, inShell: readonly SettingName[]): string {
  if (inShell.length === 0) return said;
  return `${said}\nleft to this shell, which has them and the file has not: ${inShell.join(', ')}`;
}

/**
 * Writes what was made into a file that must not be there yet, mode 0600: all of it or, where that fails, no file at all, which
 * would be in the way of the next run.
 *
 * @throws Failure when there is one: a password in it may be the only copy
 */
export function writeNewSettings(file: string, made: Made): void {
  const whole = `${file}.${randomBytes(4).toString('hex')}.new`;
  writeAtomically(whole, renderDotEnv(made).reveal(), 0o600);
  try {
    // Unlike a rename, a link never takes the place of another file.
    linkSync(whole, file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw new Failure({
      what: `${file} is there already, and is never overwritten`,
      next: 'name a file that is not there, or move that one away',
      exitCode: ExitCode.refused,
      cause,
    });
  } finally {
    rmSync(whole, { force: true });
  }
}
