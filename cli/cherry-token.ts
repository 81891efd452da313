import type { SettingName, SettingsSource } from '../services';

const names: readonly SettingName[] = ['CHERRY_AUTH_KEY', 'CHERRY_AUTH_TOKEN'];

/**
 * The token of the Cherry API among these settings. It has two names, and of both the provider takes `CHERRY_AUTH_KEY` (its configuration,
 * v1.5.3); where we ask in its place, export or send, it is the same one.
 */
export const cherryToken = (variables: SettingsSource): string | undefined =>
  variables['CHERRY_AUTH_KEY'] || variables['CHERRY_AUTH_TOKEN'];

/** What the token is called where it stands among these already; the name that workflows read where it does not. */
export function tokenNamesIn(variables: SettingsSource): readonly SettingName[] {
  const used = names.filter((name) => variables[name]);
  return used.length > 0 ? used : ['CHERRY_AUTH_TOKEN'];
}

/** What these say that a setting is: of the token, under either name. */
export const valueIn = (name: SettingName, variables: SettingsSource): string | undefined =>
  names.includes(name) ? cherryToken(variables) : variables[name];

/** Settings over others, of which they take the place: of the token as one, whatever it is called where. */
export const settingsOver = (over: SettingsSource, under: SettingsSource): SettingsSource => ({
  ...under,
  ...(cherryToken(over) ? { CHERRY_AUTH_KEY: undefined, CHERRY_AUTH_TOKEN: undefined } : {}),
  ...over,
});
