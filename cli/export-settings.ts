import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { armorHead, recipientFault, seal } from '../foundation/age';
import { ExitCode, Failure, messageOf } from '../foundation/failure';
import { tryReadFile, writeAtomically } from '../foundation/files';
import { faultText, renderExport, type SettingName, type SettingsSource } from '../services';
import { otherStateCredentials } from '../services/settings/state-credentials';
import type { EnvironmentRecord } from '../stacks/environment';
import { environmentFolder, findRecord } from '../stacks/here';
import { examineFor, purposesOf } from '../stacks/purposes';
import { cherryToken } from './cherry-token';
import { handedIn } from './diff-settings';
import { deployKeyName, localFiles } from './local-files';
import { readableSource } from './settings-source';

export interface ExportAsked {
  /** Recipients of age. */
  readonly to: readonly string[];
  /** Where it is written; `-` for standard output. @default .cogni/<env>/settings.age */
  readonly out?: string;
  /** File with the private half of the deploy key. */
  readonly deployKey?: string;
  /** Export it although something is missing that a rebuild needs. */
  readonly incomplete?: boolean;
  readonly dryRun?: boolean;
}

export interface ExportResult {
  /** Where it was written, or would be. */
  readonly file: string;
  readonly written: boolean;
  readonly settings: readonly string[];
  readonly files: readonly string[];
  /** What a rebuild needs and is not in it. */
  readonly missing: readonly string[];
  /** SHA-256 of what was written, in hex: whoever imports it compares it. */
  readonly sha256?: string;
}

/** Names that say where the host of today is: one that is built anew is elsewhere. */
const ofTheHost: readonly SettingName[] = ['VM_HOST', 'VM_HOST_KEY'];

export const exportedNames: readonly SettingName[] = handedIn.filter((name) => !ofTheHost.includes(name));

/**
 * Writes everything of an environment that stands in no repository and no backup into one file that only the recipients can
 * open. Nothing is on a disk in clear at any moment.
 *
 * @returns what is in it, and the text for standard output where that was asked for
 * @throws Failure for a recipient that is none, and (exit code 3) where a rebuild would lack something
 */
export async function exportSettings(
  name: string,
  asked: ExportAsked,
  now: Date,
): Promise<{ readonly result: ExportResult; readonly sealed?: string }> {
  const record = findRecord(name);
  await requireRecipients(asked.to);
  const { settings: given, file: own } = readableSource(name, undefined);
  const source: SettingsSource = {
    ...given,
    // Of its two names, an export has this one.
    CHERRY_AUTH_TOKEN: cherryToken(given),
  };
  // A shell may have credentials of something else under the names of a state that is not this one's.
  const ofOthers = otherStateCredentials(record.state.kind);
  const settings = present(
    exportedNames.map((each) => [each, (ofOthers.includes(each) ? own.values : source)[each]]),
  );
  const files = present(
    localFiles(record).map(({ name: each, path }) => [
      each,
      each === deployKeyName && asked.deployKey !== undefined
        ? privateKey(asked.deployKey)
        : tryReadFile(path),
    ]),
  );
  const missing = [
    ...missingSettings(record, settings),
    ...(files[deployKeyName] === undefined
      ? [`the private half of the deploy key is not in it: --deploy-key <file>`]
      : []),
  ];
  const file = asked.out ?? join(environmentFolder(name), 'settings.age');
  const parts = { file, settings: Object.keys(settings), files: Object.keys(files), missing };
  if (missing.length > 0 && !asked.incomplete) throw incomplete(name, missing);
  if (asked.dryRun) return { result: { ...parts, written: false } };
  if (file !== '-') requireOwn(file);
  const text = renderExport({ environment: name, madeAt: now.toISOString(), settings, files });
  const sealed = await seal(Buffer.from(text), asked.to);
  if (file !== '-') writeAtomically(file, sealed, 0o600);
  const sha256 = createHash('sha256').update(sealed).digest('hex');
  return { result: { ...parts, written: true, sha256 }, sealed };
}

const present = (
  parts: readonly (readonly [string, string | undefined])[],
): Readonly<Record<string, string>> =>
  Object.fromEntries(parts.filter((part): part is [string, string] => Boolean(part[1])));

async function requireRecipients(recipients: readonly string[]): Promise<void> {
  const faults = await Promise.all(recipients.map(recipientFault));
  const found = faults.filter((fault) => fault !== undefined);
  if (found.length === 0) return;
  throw new Failure({
    what: 'the settings cannot be encrypted',
    faults: found,
    next: 'name public halves as age-keygen prints them ("Public key: age1…"); the private ones stay with their owners',
    exitCode: ExitCode.usage,
  });
}

/** Faults of everything that a rebuild reads: order the host, deploy to it, and run what else its record has. */
export function missingSettings(record: EnvironmentRecord, settings: SettingsSource): readonly string[] {
  const faults = purposesOf(record).flatMap((purpose) => examineFor(record, purpose, settings).faults);
  return [...new Set(faults.map(faultText))];
}

const incomplete = (name: string, missing: readonly string[]): Failure =>
  new Failure({
    what: `the settings of ${name} are not exported: a rebuild from that file alone would not get to its end`,
    faults: missing,
    next: `set them in .cogni/${name}/settings.env or in this shell (./cogni settings check ${name}), or export what there is: --incomplete`,
    exitCode: ExitCode.refused,
  });

function privateKey(file: string): string {
  const text = tryReadFile(file);
  if (text?.includes('PRIVATE KEY-----')) return text;
  throw new Failure({
    what: text === undefined ? `there is no file ${file}` : `${file} is no private key`,
    next: '--deploy-key names the private half of the deploy key, with its passphrase still on it',
    exitCode: ExitCode.usage,
  });
}

/** An export takes the place of an older one, and of nothing else. */
function requireOwn(file: string): void {
  let text: string | undefined;
  try {
    text = tryReadFile(file);
  } catch (cause) {
    throw new Failure({
      what: `${file} cannot be written: ${messageOf(cause)}`,
      next: 'name another file with --out',
      cause,
    });
  }
  if (text === undefined || text.startsWith(armorHead)) return;
  throw new Failure({
    what: `${file} is there already, and is no export`,
    next: 'name another file with --out',
    exitCode: ExitCode.refused,
  });
}

export const exportText = (
  name: string,
  { file, written, settings, files, missing, sha256 }: ExportResult,
): string =>
  [
    `${written ? 'wrote' : 'would write'} ${file}: ${settings.length} settings of ${name}${files.length === 0 ? '' : `, and ${files.join(', ')}`}`,
    `  ${settings.join(', ')}`,
    ...missing.map((each) => `! ${each}`),
    ...(sha256 === undefined
      ? []
      : [
          `sha256 ${sha256}`,
          'keep it away from this machine and from the host, and the key to it away from it',
        ]),
  ].join('\n');
