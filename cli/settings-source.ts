import { Failure } from '../foundation/failure';
import { tryReadFile } from '../foundation/files';
import { parseDotEnv } from '../services';
import { environmentFolder } from '../stacks/here';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type SettingsSource = Readonly<Record<string, string | undefined>>;

/**
 * Where the settings of an environment come from: a file that is named (`-` for standard input); else the environment's
 * own file, `.cogni/<env>/settings.env`, where there is one. Variables of the process win over a file that was not named,
 * and lose against one that was.
 *
 * @throws Failure for a named file that is missing or is not one of settings
 */
export function settingsSource(environment: string, named: string | undefined): SettingsSource {
  const usual = join(environmentFolder(environment), 'settings.env');
  if (named === undefined) return { ...(existsSync(usual) ? parse(usual) : {}), ...process.env };
  return { ...process.env, ...parse(named) };
}

function parse(path: string): SettingsSource {
  const text = path === '-' ? readFileSync(0, 'utf8') : tryReadFile(path);
  if (text !== undefined) return parseDotEnv(text, path === '-' ? 'standard input' : path);
  throw new Failure({
    what: `there is no settings file ${path}`,
    next: 'name a file that is there, or - for standard input',
  });
}
