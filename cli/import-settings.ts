import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { identitiesIn, open } from '../foundation/age';
import { ExitCode, Failure, messageOf } from '../foundation/failure';
import { tryReadFile, writeAtomically } from '../foundation/files';
import {
  importRows,
  isSettingName,
  mergeDotEnv,
  parseDotEnv,
  parseExport,
  type ExportedSettings,
  type ImportRow,
  type SettingsSource,
} from '../services';
import type { EnvironmentRecord } from '../stacks/environment';
import { findRecord, settingsFile } from '../stacks/here';
import { cherryToken, tokenNamesIn } from './cherry-token';
import { exportedNames } from './export-settings';
import { whileSettingsAreOurs } from './generate-settings';
import { deployKeyName, localFiles } from './local-files';
import { tryReadSettings } from './settings-source';

export interface ImportAsked {
  /** File with identities of age, as age-keygen writes it; `-` for standard input. */
  readonly identity: string;
  /** Put the export's values in the place of others that are here. */
  readonly replace?: boolean;
  readonly dryRun?: boolean;
}

export interface ImportResult {
  /** Where the settings are. */
  readonly file: string;
  readonly madeAt: string;
  readonly sha256: string;
  readonly rows: readonly ImportRow[];
  readonly written: boolean;
}

/** An export is some kilobytes, a state some hundred. */
const mostBytes = 64 * 1024 * 1024;

/**
 * Brings what an export holds into this checkout. What is here already stays, unless told otherwise; a state is never
 * replaced.
 *
 * @throws Failure (exit code 3) for a file that is no export of this environment, is cut off or changed, or is not for this
 *   key; nothing was written then
 */
export async function importSettings(name: string, file: string, asked: ImportAsked): Promise<ImportResult> {
  const record = findRecord(name);
  const sealed = readBounded(file);
  const exported = parseExport(await decrypted(sealed, file, asked.identity), name, file);
  const bring = (): Promise<ImportResult> => Promise.resolve(importExported(record, sealed, exported, asked));
  return asked.dryRun ? bring() : whileSettingsAreOurs(name, `settings import ${name}`, bring);
}

/** @param sealed the export as it was read, for its hash */
function importExported(
  record: EnvironmentRecord,
  sealed: string,
  exported: ExportedSettings,
  asked: ImportAsked,
): ImportResult {
  const local = localFiles(record);
  const target = settingsFile(record.name);
  const before = tryReadSettings(target);
  // A line that is not filled in is none.
  const filled: SettingsSource = Object.fromEntries(
    Object.entries(parseDotEnv(before ?? '', target)).filter(([, value]) => value !== ''),
  );
  // An export calls the token by one of its two names, whatever it is called here.
  const here = { ...filled, CHERRY_AUTH_TOKEN: cherryToken(filled) };
  const replace = asked.replace ?? false;
  const settings = importRows('setting', exported.settings, here, {
    known: (each) => isSettingName(each) && exportedNames.includes(each),
    replaced: () => replace,
  });
  const files = importRows(
    'file',
    exported.files,
    Object.fromEntries(local.map(({ name: each, path }) => [each, tryReadFile(path)])),
    {
      known: (each) => local.some((one) => one.name === each),
      replaced: (each) => replace && local.some((one) => one.name === each && one.replaceable),
    },
  );
  const wanted = new Map(
    written(settings).flatMap((each) => {
      const names = each === 'CHERRY_AUTH_TOKEN' ? tokenNamesIn(filled) : [each];
      return names.map((name) => [name, exported.settings[each] ?? '']);
    }),
  );
  const merged = mergeDotEnv(before, wanted);
  const rows = [...settings, ...files];
  const result = {
    file: target,
    madeAt: exported.madeAt,
    sha256: createHash('sha256').update(sealed).digest('hex'),
    rows,
  };
  if (asked.dryRun) return { ...result, written: false };
  // Each whole or not at all; a second run does what a first one did not come to.
  for (const each of written(files)) {
    const path = local.find((one) => one.name === each)?.path;
    if (path !== undefined) writeAtomically(path, exported.files[each] ?? '', 0o600);
  }
  if (wanted.size > 0) writeAtomically(target, merged.reveal(), 0o600);
  return { ...result, written: rows.some(({ will }) => will === 'be written') };
}

const written = (rows: readonly ImportRow[]): readonly string[] =>
  rows.filter(({ will }) => will === 'be written').map(({ name }) => name);

function readBounded(path: string): string {
  try {
    if (path !== '-' && statSync(path).size > mostBytes)
      throw new Error(`it has more than ${mostBytes} bytes`);
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (cause) {
    throw new Failure({
      what: `the export cannot be read from ${path}: ${messageOf(cause)}`,
      next: './cogni settings import --help',
      exitCode: ExitCode.usage,
      cause,
    });
  }
}

async function decrypted(sealed: string, file: string, identity: string): Promise<string> {
  if (file === '-' && identity === '-') {
    throw new Failure({
      what: 'standard input can be read once only, and both export and key are -',
      next: './cogni settings import --help',
      exitCode: ExitCode.usage,
    });
  }
  const identities = identitiesIn(readBounded(identity));
  if (identities.length === 0 || identities.some((each) => !each.reveal().startsWith('AGE-SECRET-KEY-'))) {
    throw new Failure({
      what: `${identity} is no key file of age: a line AGE-SECRET-KEY-1…, as age-keygen writes it`,
      next: 'name the file with the private half of one of the recipients of the export',
      exitCode: ExitCode.usage,
    });
  }
  try {
    return Buffer.from(await open(sealed, identities)).toString();
  } catch (cause) {
    const why = messageOf(cause);
    const foreign = why.includes('no identity matched');
    throw new Failure({
      what: foreign
        ? `${file} was not encrypted for the key in ${identity}`
        : `${file} is no age file, or it was cut off or changed: ${why}`,
      next: foreign
        ? 'name the key of one of its recipients'
        : 'take another copy of it; sha256 of the whole one was printed when it was made',
      exitCode: ExitCode.refused,
      cause,
    });
  }
}

export const importText = (
  name: string,
  { file, madeAt, sha256, rows, written: done }: ImportResult,
  dryRun: boolean,
): string =>
  [
    `an export of ${name} from ${madeAt} (sha256 ${sha256.slice(0, 16)}…)`,
    ...rows.map(
      ({ name: each, is, will }) => `${is.padEnd(10)}  ${each}${will === 'stay' ? '' : `: will ${will}`}`,
    ),
    dryRun
      ? 'nothing was changed'
      : done
        ? `written: ${file} and what stands above; next: ./cogni settings check ${name}`
        : 'nothing to write',
    ...(rows.some(({ is, will }) => is === 'different' && will !== 'be written')
      ? ['what differs stays as it is here; --replace takes it from the export (a state never is)']
      : []),
    ...(rows.some(({ name: each, will }) => each === deployKeyName && will === 'be written')
      ? [`then: ssh-add .cogni/${name}/${deployKeyName}`]
      : []),
  ].join('\n');
