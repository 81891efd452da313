import type { Consumer, Purpose, Requirement, Setting, UnlessSet, WhenSet } from '../setting';
import { alloySettings } from './alloy';
import { appSettings } from './app';
import { archiveSettings } from './archive';
import { ciSettings } from './ci';
import { databaseSettings } from './database';
import { edgeSettings } from './edge';
import { hostSettings } from './host';
import { litellmSettings } from './litellm';
import { operatorSettings } from './operator';
import { registrySettings } from './registry';
import { repositorySettings } from './repository';
import { sourcecredSettings } from './sourcecred';

/** Every setting of the system. A name that is not here cannot be referenced, and one that nobody reads fails a test. */
const catalogue = {
  ...repositorySettings,
  ...hostSettings,
  ...registrySettings,
  ...databaseSettings,
  ...archiveSettings,
  ...appSettings,
  ...litellmSettings,
  ...edgeSettings,
  ...alloySettings,
  ...sourcecredSettings,
  ...operatorSettings,
  ...ciSettings,
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingName = keyof typeof catalogue;
/** Names in a condition are settings: one that is not does not compile. */
type Conditions = { readonly [Name in SettingName]: { readonly required: Requirement<SettingName> } };
catalogue satisfies Conditions;

type Named<Shape> = {
  [Name in SettingName]: (typeof catalogue)[Name] extends Shape ? Name : never;
}[SettingName];
export type SecretName = Named<{ readonly kind: 'secret' }>;
export type PlainName = Named<{ readonly kind: 'plain' }>;
export type OptionalName = Named<{ readonly required: false | WhenSet | UnlessSet }>;

/** The catalogue's parts, by what they are about, in its order: one file each. */
export const settingAreas: Readonly<Record<string, Readonly<Record<string, Setting>>>> = {
  Hosting: repositorySettings,
  'A host, for workflows': hostSettings,
  Registry: registrySettings,
  Database: databaseSettings,
  Archive: archiveSettings,
  Application: appSettings,
  LiteLLM: litellmSettings,
  Edge: edgeSettings,
  Alloy: alloySettings,
  SourceCred: sourcecredSettings,
  'The machine that commands run on': operatorSettings,
  'GitHub Actions': ciSettings,
};

export const settingNames = Object.keys(catalogue) as readonly SettingName[];

/** A setting's declaration, in its general shape. */
export const declarationOf = (name: SettingName): Setting => catalogue[name];

export const isSettingName = (name: string): name is SettingName => Object.hasOwn(catalogue, name);

const purposes: Readonly<Record<Consumer, Purpose | readonly Purpose[]>> = {
  'cherry-provider': 'provision',
  'terraform-state': 'provision',
  records: ['provision', 'command'],
  'ssh-agent': 'command',
  stacks: 'command',
  infra: 'command',
  cli: 'command',
  deploy: 'command',
  foundation: 'command',
  sandbox: 'command',
  'registry-login': ['deploy', 'sourcecred'],
  'database-url': 'deploy',
  'runtime/app': 'deploy',
  'runtime/postgres': 'deploy',
  'runtime/backup': 'deploy',
  'runtime/copies': 'deploy',
  'runtime/db-provision': 'deploy',
  'runtime/db-migrate': 'deploy',
  'runtime/litellm': 'deploy',
  'runtime/alloy': 'deploy',
  'edge/caddy': 'edge',
  'sourcecred/sourcecred': 'sourcecred',
};

/**
 * The settings that must be handed in for a purpose. Those of the release are not: they are resolved after the
 * settings were found sound; and the derived ones are made from the others.
 */
export const settingsFor = (purpose: Purpose): readonly SettingName[] =>
  settingNames.filter((name) => {
    const { scope, consumers } = declarationOf(name);
    if (scope === 'release' || scope === 'derived') return false;
    return consumers.some((consumer) => [purposes[consumer]].flat().includes(purpose));
  });

/** Whether a setting is read from the shell alone, so that it would do nothing in a file of settings: what a file is not asked for. */
export const isOfShellAlone = (name: SettingName): boolean =>
  Object.hasOwn(hostSettings, name) ||
  (['operator', 'ci'].includes(declarationOf(name).scope) && !settingsFor('provision').includes(name));

/** The settings that a consumer reads. */
export const settingsOf = (consumer: Consumer): readonly SettingName[] =>
  settingNames.filter((name) => declarationOf(name).consumers.includes(consumer));

/** Roles that must all be different ones: a shared one would have the rights of both. */
export const distinctRoles = [
  'POSTGRES_ROOT_USER',
  'OWNER_DB_USER',
  'APP_DB_USER',
  'LITELLM_DB_USER',
  'READONLY_DB_USER',
] as const;
