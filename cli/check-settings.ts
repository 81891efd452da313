import { Failure } from '../foundation/failure';
import {
  declarationOf,
  examine,
  faultText,
  fileFaults,
  isSettingName,
  type SettingFault,
  type SettingName,
} from '../services';
import { findRecord } from '../stacks/here';
import { settingsNeededFor } from '../stacks/runtime';
import { readSource } from './settings-source';

/**
 * Holds an environment's settings against what a deploy needs, and the file that they came from against the catalogue.
 *
 * @param from where they are read from: {@link readSource}
 * @returns names of what is set
 * @throws Failure with every fault, by name and without a value
 */
export function checkSettings(
  name: string,
  from: string | undefined,
): { readonly complete: readonly SettingName[] } {
  const record = findRecord(name);
  const { settings, file } = readSource(name, from);
  const source = { ...settings, DOMAIN: record.domain };
  const purposes =
    record.sourcecred === undefined ? (['deploy'] as const) : (['deploy', 'sourcecred'] as const);
  const examined = purposes.map((purpose) => examine(source, purpose, settingsNeededFor(record)));
  const found = [...examined.flatMap(({ faults }) => faults), ...fileFaults(file)];
  // What both purposes need, and stands in the file, is one fault.
  const all = found.filter((fault, index) => found.findIndex((other) => isSame(other, fault)) === index);
  if (all.length === 0)
    return { complete: [...new Set(examined.flatMap(({ values }) => [...values.keys()]))] };
  throw new Failure({
    what: `the settings of ${name} cannot be used to deploy: ${all.length} ${all.length === 1 ? 'fault' : 'faults'}`,
    faults: all.map(placed),
    next: `./cogni settings generate ${name} makes passwords and keys; write the rest into its file or the environment, then check again`,
  });
}

const isSame = (one: SettingFault, other: SettingFault): boolean =>
  one.setting === other.setting &&
  one.kind === other.kind &&
  (one.kind === 'empty' || one.problem === other.problem);

/** A fault, with the file to mend where that is not the one of settings. */
const placed = (fault: SettingFault): string =>
  isSettingName(fault.setting) && declarationOf(fault.setting).scope === 'environment-record'
    ? `${faultText(fault)}, in stacks/environments.ts`
    : faultText(fault);
