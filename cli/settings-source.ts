import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../foundation/failure';
import { tryReadFile } from '../foundation/files';
import { isSettingName, parseDotEnv, type SettingsSource } from '../services';
import { environmentFolder } from '../stacks/here';
import { rehearsedName } from '../stacks/rehearsal';
import { settingsOver } from './cherry-token';

/** Word for the variables of this process alone, where a file could be named. */
const environmentWord = 'environment';

/** The environment's own file: what `./cogni settings generate` makes, and a deploy reads. A rehearsal has those of the living one. */
export const settingsFile = (environment: string): string =>
  join(environmentFolder(rehearsedName(environment) ?? environment), 'settings.env');

/** Settings, and the part of them that came out of a file: only a file is held against names that are unknown. */
export interface ReadSource {
  readonly settings: SettingsSource;
  readonly file: SettingsSource;
  /** Those of the process, whatever file there is. */
  readonly variables: SettingsSource;
}

/**
 * Where the settings of an environment come from: a file that is named (`-` for standard input, `environment` for no
 * file); else the environment's own file, where there is one. Variables of the process win over a file that was not
 * named, and lose against one that was.
 *
 * @throws Failure for a named file that is missing or is not one of settings
 */
export function readSource(environment: string, named: string | undefined): ReadSource {
  const variables = settingsOfProcess(process.env);
  if (named === environmentWord) return { settings: variables, file: {}, variables };
  if (named !== undefined) {
    const file = parse(named);
    return { settings: settingsOver(file, variables), file, variables };
  }
  const usual = settingsFile(environment);
  const file = existsSync(usual) ? parse(usual) : {};
  return { settings: settingsOver(variables, file), file, variables };
}

/** The settings of {@link readSource}, for those who only use them. */
export const settingsSource = (environment: string, named: string | undefined): SettingsSource =>
  readSource(environment, named).settings;

/** One side of a comparison: a file alone, or the process alone. */
export function oneSource(named: string): SettingsSource {
  return named === environmentWord ? settingsOfProcess(process.env) : parse(named);
}

/**
 * The variables of a process. In GitHub Actions a secret that is not set arrives as an empty string (its documentation,
 * "Using secrets in GitHub Actions"): there, and only there, empty means absent.
 */
function settingsOfProcess(variables: Readonly<Record<string, string | undefined>>): SettingsSource {
  if (variables['GITHUB_ACTIONS'] !== 'true') return { ...variables };
  return Object.fromEntries(
    Object.entries(variables).filter(([name, value]) => value !== '' || !isSettingName(name)),
  );
}

function parse(path: string): SettingsSource {
  const text = path === '-' ? readFileSync(0, 'utf8') : tryReadFile(path);
  if (text !== undefined) return parseDotEnv(text, path === '-' ? 'standard input' : path);
  throw new Failure({
    what: `there is no settings file ${path}`,
    next: 'name a file that is there, - for standard input, or environment for the variables of this shell',
  });
}
