import type { z } from 'zod';
import type { SettingName } from './catalogue';
import { clashes, kindOf, settingsFileSchema, settingsSchema, valueOf, type FaultKind } from './schema';
import type { Purpose } from './setting';
import { shownName } from './shown-name';

/**
 * Name to value, as an environment or a parsed file gives it. It may hold anything else as well; only what the catalogue declares
 * can be asked of it: another name does not compile.
 */
export type SettingsSource = { readonly [Name in SettingName]?: string | undefined };

/** What is wrong with one setting. No part ever holds its value. */
export interface SettingFault {
  readonly setting: string;
  readonly kind: FaultKind;
  /** What follows the name: `is shorter than 16 characters`. */
  readonly problem: string;
}

/** As a sentence. */
export const faultText = ({ setting, problem }: SettingFault): string => `${setting} ${problem}`;

export interface Examined {
  /** What is set, in the catalogue's order; nothing where there are faults. */
  readonly values: ReadonlyMap<SettingName, string>;
  readonly faults: readonly SettingFault[];
}

/**
 * Holds a source against the schema of what a purpose needs: {@link settingsSchema}. Everything else that the source has is passed over.
 *
 * @returns faults in the catalogue's order
 */
export function examine(
  source: SettingsSource,
  purpose: Purpose,
  needed: readonly SettingName[] = [],
  unused: readonly SettingName[] = [],
): Examined {
  const schema = settingsSchema(purpose, needed, unused);
  const read = schema.safeParse(source);
  if (!read.success) return { values: new Map(), faults: faultsOf(read.error, Object.keys(schema.shape)) };
  const set = Object.entries(read.data).filter(
    (entry): entry is [SettingName, string] => entry[1] !== undefined,
  );
  return { values: new Map(set), faults: [] };
}

/**
 * What a settings file holds that has no place in one, is empty or is malformed, however complete it may be: in its own order.
 *
 * @param lines where its names stand: told instead of a name that may be a part of a secret ({@link shownName})
 */
export function fileFaults(
  file: SettingsSource,
  lines: ReadonlyMap<string, number> = new Map(),
): readonly SettingFault[] {
  const read = settingsFileSchema().safeParse(file);
  if (read.success) return [];
  return faultsOf(read.error, Object.keys(file)).map((fault) => ({
    ...fault,
    setting: shownName(fault.setting, lines.get(fault.setting)),
  }));
}

/** What is wrong with a value of one setting, whatever the others are. */
export function valueFaults(name: SettingName, value: string): readonly SettingFault[] {
  const read = valueOf(name).safeParse(value);
  return read.success ? [] : read.error.issues.map((issue) => faultAt(name, issue));
}

/** What is wrong between settings that are sound by themselves: one role for two, say. */
export const jointFaults = (values: SettingsSource): readonly SettingFault[] => [
  ...clashes((name) => values[name]),
];

const faultsOf = ({ issues }: z.ZodError, order: readonly string[]): readonly SettingFault[] =>
  issues
    .flatMap((issue) => settingsOfIssue(issue).map((setting) => faultAt(setting, issue)))
    .sort((one, other) => order.indexOf(one.setting) - order.indexOf(other.setting));

const settingsOfIssue = (issue: z.core.$ZodIssue): readonly string[] =>
  issue.code === 'unrecognized_keys' ? issue.keys : [String(issue.path[0])];

const faultAt = (setting: string, issue: z.core.$ZodIssue): SettingFault => ({
  setting,
  kind: kindOf(issue),
  problem: issue.message,
});
