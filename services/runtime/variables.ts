import { variables, type ImageDigest } from '../../compose';
import { Failure } from '../../foundation/failure';
import type { Secret } from '../../foundation/secret';
import {
  settingNames,
  declarationOf,
  type PlainName,
  type SecretName,
  type SettingName,
} from '../settings/catalogue';
import { app, type AppSlot } from '../app-contract';
import { databaseUrl } from '../settings/database-url';
import type { Settings } from '../settings/settings';
import { database } from '../database/server';
import { runtimeProject, type RuntimeProps } from './runtime';

/** What is being deployed: the application and the migrator of one build, by digest. */
export interface Release {
  readonly app: ImageDigest;
  readonly migrator: ImageDigest;
}

/**
 * Everything that the runtime's `.env` holds, and nothing that none of its services reads: settings, the release, and
 * the connection URLs, which are composed here and stored nowhere else.
 *
 * @param settings read for the purpose `deploy`
 * @param props what the runtime is rendered from: decides which services there are, and which login the application has
 * @returns name to value, in the catalogue's order; write it with `renderDotEnv`
 * @throws Failure that lists every setting which a service needs and which was not given
 */
export function runtimeVariables(
  settings: Settings,
  release: Release,
  props: RuntimeProps,
): ReadonlyMap<SettingName, string | Secret> {
  const given = new Map<string, string | Secret>([
    ...settings.entries(),
    ['APP_IMAGE', release.app],
    ['MIGRATOR_IMAGE', release.migrator],
    ...connectionUrls(settings, props.slot ?? 'a'),
  ]);
  const uses = [...variables(runtimeProject(props)).values()].flat();
  requireAll(uses.filter(({ variable, required }) => required && !given.has(variable)));
  const read = new Set(uses.map(({ variable }) => variable));
  return new Map(
    settingNames.flatMap((name) => {
      const value = given.get(name);
      return value === undefined || !read.has(name) ? [] : [[name, value] as const];
    }),
  );
}

/**
 * What has to be handed in for the services of a runtime: everything that one of them requires, a connection URL by its
 * parts. Neither the release nor the host name, which others give.
 *
 * @param props decides which services there are; nothing of it is rendered
 */
export function settingsNeededBy(props: RuntimeProps): readonly SettingName[] {
  const uses = [...variables(runtimeProject(props)).values()].flat();
  const needed = new Set<string>(
    uses.flatMap(({ variable, required }) => (required ? partsOf(variable) : [])),
  );
  return settingNames.filter(
    (name) => needed.has(name) && !['release', 'environment-record'].includes(declarationOf(name).scope),
  );
}

interface Login {
  readonly url: SecretName;
  readonly user: PlainName;
  readonly password: SecretName;
  readonly database: PlainName;
}

const logins: readonly Login[] = [
  { url: 'DATABASE_URL', user: 'APP_DB_USER', password: 'APP_DB_PASSWORD', database: 'APP_DB_NAME' },
  {
    url: 'OWNER_DATABASE_URL',
    user: 'OWNER_DB_USER',
    password: 'OWNER_DB_PASSWORD',
    database: 'APP_DB_NAME',
  },
  {
    url: 'LITELLM_DATABASE_URL',
    user: 'LITELLM_DB_USER',
    password: 'LITELLM_DB_PASSWORD',
    database: 'LITELLM_DB_NAME',
  },
];

/** The settings that connection URLs are composed from. */
export const connectionParts: readonly SettingName[] = [
  ...new Set(logins.flatMap(({ user, password, database: name }) => [user, password, name])),
];

/** The role that the application logs in as from a slot. @param user APP_DB_USER */
export const appLogin = (user: string, slot: AppSlot): string => `${user}${app.slots[slot].loginSuffix}`;

/** Of every role whose parts are all there. */
const connectionUrls = (settings: Settings, slot: AppSlot): readonly (readonly [string, Secret])[] =>
  logins.flatMap((login) => {
    const named = settings.tryPlain(login.user);
    const user = login.url === 'DATABASE_URL' && named !== undefined ? appLogin(named, slot) : named;
    const password = settings.trySecret(login.password);
    const name = settings.tryPlain(login.database);
    if (user === undefined || password === undefined || name === undefined) return [];
    // Inside one Docker network of one host there is nobody to encrypt against.
    const parts = { ...database, user, password, database: name, sslmode: 'disable' } as const;
    return [[login.url, databaseUrl(login.url, parts)] as const];
  });

function requireAll(missing: readonly { readonly variable: string }[]): void {
  const names = settingNames.filter((name) => missing.some(({ variable }) => variable === name));
  if (names.length === 0) return;
  throw new Failure({
    what: 'the settings do not hold what the services of this environment need',
    faults: names.flatMap(explain),
    state: 'nothing was changed',
    next: 'set them in the environment, then run this again',
  });
}

const explain = (name: SettingName): readonly string[] =>
  partsOf(name).map((each) => `${each} is missing: ${declarationOf(each).description}`);

/** A derived setting is missing because its parts are. */
function partsOf<Name extends string>(name: Name): readonly (Name | SettingName)[] {
  const parts = logins.find(({ url }) => url === name);
  return parts ? [parts.user, parts.password, parts.database] : [name];
}
