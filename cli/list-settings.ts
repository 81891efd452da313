import {
  declarationOf,
  requirementText,
  settingNames,
  type Setting,
  type SettingName,
  type SettingsSource,
} from '../services';
import { findRecord } from '../stacks/here';
import { settingsSource } from './settings-source';

/** One line of the list. `set` is there when an environment was named: whether it has a value, never which. */
export interface ListedSetting extends Pick<
  Setting,
  'kind' | 'required' | 'scope' | 'consumers' | 'description'
> {
  readonly name: SettingName;
  /** What is allowed, in words. */
  readonly format: string;
  readonly set?: boolean;
}

/** The whole catalogue, in its order. */
export function listSettings(environment: string | undefined): readonly ListedSetting[] {
  const source: SettingsSource | undefined =
    environment === undefined
      ? undefined
      : { ...settingsSource(environment, undefined), DOMAIN: findRecord(environment).domain };
  return settingNames.map((name) => {
    const { kind, required, scope, consumers, description, format } = declarationOf(name);
    const listed = {
      name,
      kind,
      required,
      scope,
      format: format.description ?? 'text',
      consumers,
      description,
    };
    return source === undefined ? listed : { ...listed, set: Boolean(source[name]) };
  });
}

/** Aligned columns: name, whether it is set, kind, requirement, scope, meaning. */
export function listText(rows: readonly ListedSetting[]): string {
  const cells = rows.map(({ name, set, kind, required, scope, description }) => [
    name,
    ...(set === undefined ? [] : [made.includes(scope) ? 'made' : set ? 'set' : 'unset']),
    kind,
    typeof required === 'boolean' ? (required ? 'required' : 'optional') : requirementText(required),
    scope,
    description,
  ]);
  const columns = cells[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Nobody sets these: a deploy makes them. */
const made: readonly string[] = ['derived', 'release'];
