import { examine, type SettingName, type SettingsSource } from '../services';
import type { Examined } from '../services/settings/check';
import { otherStateCredentials, stateCredentials } from '../services/settings/state-credentials';
import type { EnvironmentRecord } from './environment';
import { settingsNeededFor } from './runtime';

/** What an environment's settings are for. */
export const environmentPurposes = ['provision', 'deploy', 'sourcecred'] as const;
export type EnvironmentPurpose = (typeof environmentPurposes)[number];

/** The purposes that a record has: a host that is rented is provisioned, and SourceCred runs where the record says so. */
export const purposesOf = ({ host, sourcecred }: EnvironmentRecord): readonly EnvironmentPurpose[] =>
  environmentPurposes.filter((purpose) => {
    switch (purpose) {
      case 'provision':
        return host.kind === 'cherry';
      case 'sourcecred':
        return sourcecred !== undefined;
      case 'deploy':
        return true;
    }
  });

/**
 * Holds settings against what one environment needs for a purpose: what the services of its record read, and the
 * credentials of the state that it names, not those of other kinds. What the record itself says is no setting to be handed in.
 */
export function examineFor(
  record: EnvironmentRecord,
  purpose: EnvironmentPurpose,
  settings: SettingsSource,
): Examined {
  const { host, state, domain } = record;
  const source: SettingsSource = {
    ...settings,
    DOMAIN: domain,
    ...(host.kind === 'cherry' && typeof host.project === 'number'
      ? { CHERRY_PROJECT_ID: String(host.project) }
      : {}),
  };
  const needed: readonly SettingName[] = [...settingsNeededFor(record), ...stateCredentials[state.kind]];
  return examine(source, purpose, needed, otherStateCredentials(state.kind));
}
