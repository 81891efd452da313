import { readFileSync, statSync } from 'node:fs';
import { Failure, messageOf } from '../foundation/failure';
import { utf8Text } from '../review/encoding';
import { isSettingName, readDotEnv, unreadable, type ReadDotEnv, type SettingsSource } from '../services';
import { settingsFile } from '../stacks/here';
import { settingsOver } from './cherry-token';

/** Word for the variables of this process alone, where a file could be named. */
const environmentWord = 'environment';

/** Settings, and the part of them that came out of a file: only a file is held against names that are unknown. */
export interface ReadSource {
  readonly settings: SettingsSource;
  readonly file: ReadFile;
  /** Those of the process, whatever file there is. */
  readonly variables: SettingsSource;
}

export interface ReadFile extends Omit<ReadDotEnv, 'values'> {
  readonly values: SettingsSource;
  /** What messages call it. */
  readonly where: string;
  /** Its path, where it is the environment's own: who may read another is the matter of whoever named it, such as a mounted one. */
  readonly own?: string;
}

/**
 * Where the settings of an environment come from: a file that is named (`-` for standard input, `environment` for no
 * file); else the environment's own file, where there is one. Variables of the process win over a file that was not
 * named, and lose against one that was.
 *
 * @throws Failure for a named file that is missing, and one that is no text; lines that cannot be read are in the result
 */
export function readSource(environment: string, named: string | undefined): ReadSource {
  const variables = settingsOfProcess(process.env);
  if (named === environmentWord) return { settings: variables, file: noFile, variables };
  if (named !== undefined) {
    const file = readNamed(named);
    return { settings: settingsOver(file.values, variables), file, variables };
  }
  const where = settingsFile(environment);
  const text = tryReadSettings(where);
  const file = text === undefined ? noFile : { ...readDotEnv(text), where, own: where };
  return { settings: settingsOver(variables, file.values), file, variables };
}

const noFile: ReadFile = { where: 'no file', values: {}, lines: new Map(), faults: [] };

/** The same for those who use them. @throws Failure for a file of which not every line can be read */
export function readableSource(environment: string, named: string | undefined): ReadSource {
  const source = readSource(environment, named);
  requireReadable(source.file);
  return source;
}

/** The settings of {@link readableSource}. */
export const settingsSource = (environment: string, named: string | undefined): SettingsSource =>
  readableSource(environment, named).settings;

/** Whether others than its owner may read or write a file of settings. One that is no file, such as a pipe, keeps nothing. */
export function isForOthers(path: string): boolean {
  const status = statSync(path, { throwIfNoEntry: false });
  return status?.isFile() === true && (status.mode & 0o077) !== 0;
}

/** One side of a comparison: a file alone, or the process alone. @throws Failure as {@link settingsSource} does */
export function oneSource(named: string): SettingsSource {
  if (named === environmentWord) return settingsOfProcess(process.env);
  const file = readNamed(named);
  requireReadable(file);
  return file.values;
}

function requireReadable({ where, faults }: ReadFile): void {
  if (faults.length > 0) throw unreadable(where, faults);
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

function readNamed(path: string): ReadFile {
  const text = path === '-' ? textOf(standardInput(), 'standard input') : tryReadSettings(path);
  if (text !== undefined) return { ...readDotEnv(text), where: path === '-' ? 'standard input' : path };
  throw new Failure({ what: `there is no settings file ${path}`, next: nameAnother });
}

/** It can be read once only, and a command looks for settings in several places. */
let read: Buffer | undefined;
const standardInput = (): Buffer => (read ??= readFileSync(0));

const nameAnother =
  'name a file that is there, - for standard input, or environment for the variables of this shell';

/**
 * The text of a file of settings; undefined where there is none.
 *
 * @throws Failure for what is there and cannot be read (a folder, somebody else's), and for what is no UTF-8: a value would
 *   come out as another one
 */
export function tryReadSettings(path: string): string | undefined {
  try {
    return textOf(readFileSync(path), path);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    const why = code === 'EISDIR' ? 'it is a folder' : messageOf(cause);
    throw new Failure({ what: `the settings cannot be read from ${path}: ${why}`, next: nameAnother, cause });
  }
}

function textOf(bytes: Buffer, where: string): string {
  const text = utf8Text(bytes);
  if (text !== undefined) return text;
  throw new Failure({
    what: `the settings cannot be read from ${where}: it is no text in UTF-8`,
    next: 'save it in UTF-8, and look at every value that is not of plain ASCII; then run this again',
  });
}
