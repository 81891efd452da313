import type { ImageDigest } from '../../compose';
import type { Secret } from '../../foundation/secret';
import { settingNames, declarationOf, type SettingName } from '../settings/catalogue';
import { databaseUrl } from '../settings/database-url';
import type { Settings } from '../settings/settings';
import { database } from '../database/server';

/** What is being deployed: the application and the migrator of one build, by digest. */
export interface Release {
  readonly app: ImageDigest;
  readonly migrator: ImageDigest;
}

/**
 * Everything that the runtime's `.env` holds: the settings that its services read, the release, and the connection
 * URLs, which are composed here and stored nowhere else.
 *
 * @param settings read for the purpose `deploy`
 * @returns name to value, in the catalogue's order; write it with `renderDotEnv`
 */
export function runtimeVariables(
  settings: Settings,
  release: Release,
): ReadonlyMap<SettingName, string | Secret> {
  // Inside one Docker network of one host there is nobody to encrypt against.
  const url = (name: 'DATABASE_URL' | 'OWNER_DATABASE_URL', role: 'APP' | 'OWNER'): Secret =>
    databaseUrl(name, {
      ...database,
      user: settings.plain(`${role}_DB_USER`),
      password: settings.secret(`${role}_DB_PASSWORD`),
      database: settings.plain('APP_DB_NAME'),
      sslmode: 'disable',
    });
  const values = new Map<SettingName, string | Secret>([
    ...settings.entries(),
    ['APP_IMAGE', release.app],
    ['MIGRATOR_IMAGE', release.migrator],
    ['DATABASE_URL', url('DATABASE_URL', 'APP')],
    ['OWNER_DATABASE_URL', url('OWNER_DATABASE_URL', 'OWNER')],
  ]);
  return new Map(
    settingNames.flatMap((name) => {
      const value = values.get(name);
      const read = declarationOf(name).consumers.some((consumer) => consumer.startsWith('runtime/'));
      return value === undefined || !read ? [] : [[name, value] as const];
    }),
  );
}
