import { ExitCode, Failure } from '../foundation/failure';
import {
  declarationOf,
  faultText,
  fileFaults,
  isSettingName,
  lineFaultText,
  settingNames,
  type SettingFault,
  type SettingName,
} from '../services';
import type { EnvironmentRecord } from '../stacks/environment';
import { findRecord } from '../stacks/here';
import { examineFor, purposesOf, type EnvironmentPurpose } from '../stacks/purposes';
import { valueIn } from './cherry-token';
import { isForOthers, readSource, type ReadSource } from './settings-source';

export interface CheckedSettings {
  /** What they were held against. */
  readonly purposes: readonly EnvironmentPurpose[];
  /** Names of what is set. */
  readonly complete: readonly SettingName[];
  /** What this shell sets otherwise than the environment's file: the shell's is what was looked at, and what commands use. */
  readonly overruled: readonly SettingName[];
}

/**
 * Holds an environment's settings against what it needs: to be provisioned, to be deployed to, and for SourceCred where its
 * record has that; and the file that they came from against the catalogue.
 *
 * @param from where they are read from: {@link readSource}
 * @param asked for this alone, as a job that has no other settings. @default everything that the record has
 * @throws Failure with every fault, by name and without a value; or (exit code 2) for a purpose that the environment has not
 */
export function checkSettings(
  name: string,
  from: string | undefined,
  asked?: EnvironmentPurpose,
): CheckedSettings {
  const record = findRecord(name);
  const source = readSource(name, from);
  const purposes = asked === undefined ? purposesOf(record) : [requirePurpose(record, asked)];
  const examined = purposes.map((purpose) => examineFor(record, purpose, sourceOf(purpose, source, from)));
  const { file } = source;
  const found = [...examined.flatMap(({ faults }) => faults), ...fileFaults(file.values, file.lines)];
  // What two purposes need, and stands in the file, is one fault; and so is what cannot be read, and is missing or empty for that.
  const of = found.filter(
    (fault, index) =>
      !(isUnset(fault) && file.faults.some(({ name: unread }) => unread === fault.setting)) &&
      found.findIndex((other) => isSame(other, fault)) === index,
  );
  const overruled = from === undefined ? overruledIn(source) : [];
  const all = [
    ...(file.own !== undefined && isForOthers(file.own)
      ? [`${file.own} may be read or written by others than its owner: chmod 600 ${file.own}`]
      : []),
    ...file.faults.map((fault) => `${file.where}, ${lineFaultText(fault)}`),
    ...of.map((fault) => placed(fault, source)),
  ];
  if (all.length === 0)
    return {
      purposes,
      complete: [...new Set(examined.flatMap(({ values }) => [...values.keys()]))],
      overruled,
    };
  throw new Failure({
    what: `the settings of ${name} cannot be used to ${purposesText(purposes)}: ${all.length} ${all.length === 1 ? 'fault' : 'faults'}`,
    faults: all,
    ...(overruled.length > 0
      ? { state: ['nothing was changed', ...overruledNotes(overruled)].join('; ') }
      : {}),
    next: `./cogni settings generate ${name} makes passwords and keys; write the rest into its file or the environment, then check again`,
  });
}

const overruledIn = ({ file, variables }: ReadSource): readonly SettingName[] =>
  settingNames.filter((name) => {
    const [inFile, inShell] = [file.values[name], valueIn(name, variables)];
    return Boolean(inFile) && Boolean(inShell) && inFile !== inShell;
  });

/** What is to be said of settings that file and shell have differently; nothing where there are none. */
export const overruledNotes = (names: readonly SettingName[]): readonly string[] =>
  names.length === 0
    ? []
    : [
        `this shell sets ${names.join(', ')} otherwise than the environment's file, and commands take the shell's`,
      ];

const words: Readonly<Record<EnvironmentPurpose, string>> = {
  provision: 'provision',
  deploy: 'deploy',
  sourcecred: 'run SourceCred',
};

/** `provision and deploy`, `provision, deploy and run SourceCred`. */
export function purposesText(purposes: readonly EnvironmentPurpose[]): string {
  const said = purposes.map((purpose) => words[purpose]);
  return said.length < 2 ? said.join('') : `${said.slice(0, -1).join(', ')} and ${said.at(-1) ?? ''}`;
}

function requirePurpose(record: EnvironmentRecord, asked: EnvironmentPurpose): EnvironmentPurpose {
  const purposes = purposesOf(record);
  if (purposes.includes(asked)) return asked;
  throw new Failure({
    what: `nobody will ${words[asked]} for ${record.name}: its record in stacks/environments.ts has nothing of it`,
    next: `./cogni settings check ${record.name}    (for ${purposesText(purposes)})`,
    exitCode: ExitCode.usage,
  });
}

/**
 * `cdktf` and Terraform read their environment and no file of settings, so what stands in the usual file alone does not help them to provision. A source that
 * was named is meant as it is.
 */
const sourceOf = (purpose: EnvironmentPurpose, source: ReadSource, from: string | undefined) =>
  purpose === 'provision' && from === undefined ? source.variables : source.settings;

const isSame = (one: SettingFault, other: SettingFault): boolean =>
  one.setting === other.setting &&
  ((one.kind === other.kind && one.problem === other.problem) || (isUnset(one) && isUnset(other)));

/** One that is missing for one purpose may stand in the file as an empty line. */
const isUnset = ({ kind }: SettingFault): boolean => kind === 'missing' || kind === 'empty';

/** A fault, with where it is mended where that is not the file of settings. */
function placed(fault: SettingFault, { file }: ReadSource): string {
  const { setting, kind } = fault;
  if (isSettingName(setting) && declarationOf(setting).scope === 'environment-record')
    return `${faultText(fault)}, in stacks/environments.ts`;
  if (kind === 'missing' && isSettingName(setting) && file.values[setting])
    return `${setting} stands in the file alone, and cdktf reads the variables of this shell: export it`;
  return faultText(fault);
}
