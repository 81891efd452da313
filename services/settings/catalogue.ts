import * as formats from './formats';
import type { Consumer, Purpose, Random, Setting } from './setting';

const hex = (random: Random, bytes: number): string => Buffer.from(random(bytes)).toString('hex');

/** 256 bits, in digits that need no escaping anywhere. */
const generatedSecret = (random: Random): string => hex(random, 32);

/** Every setting of the system. A name that is not here cannot be referenced, and one that nobody reads fails a test. */
const catalogue = {
  CHERRY_AUTH_TOKEN: {
    description: 'Token of the Cherry Servers API, from its portal under "API keys"',
    kind: 'secret',
    required: true,
    scope: 'repository-secret',
    format: formats.secret(8),
    consumers: ['cherry-provider'],
  },
  DOMAIN: {
    description: 'Host name of the site',
    kind: 'plain',
    required: true,
    scope: 'environment-record',
    format: formats.hostName,
    consumers: ['runtime/app'],
  },
  GHCR_USERNAME: {
    description: 'Account that may pull our images, such as a bot of the organisation',
    kind: 'plain',
    required: true,
    scope: 'repository-variable',
    format: formats.accountName,
    consumers: ['registry-login'],
  },
  GHCR_DEPLOY_TOKEN: {
    description: "That account's personal access token with read:packages and nothing else",
    kind: 'secret',
    required: true,
    scope: 'repository-secret',
    format: formats.secret(8),
    consumers: ['registry-login'],
  },
  POSTGRES_ROOT_USER: {
    description: 'Administrator of the database server; no application uses it',
    kind: 'plain',
    required: true,
    scope: 'environment-secret',
    format: formats.databaseRole,
    consumers: ['runtime/postgres', 'runtime/db-provision'],
    generate: () => 'cogni_root',
  },
  POSTGRES_ROOT_PASSWORD: {
    description: "The administrator's password; a deploy corrects it in the database, which keeps running",
    kind: 'secret',
    required: true,
    scope: 'environment-secret',
    format: formats.secret(16),
    consumers: ['runtime/postgres', 'runtime/db-provision'],
    generate: generatedSecret,
  },
  OWNER_DB_USER: {
    description: 'Role that owns the database and its tables; migrations run as it',
    kind: 'plain',
    required: true,
    scope: 'environment-secret',
    format: formats.databaseRole,
    consumers: ['runtime/db-provision', 'database-url'],
    generate: () => 'cogni_owner',
  },
  OWNER_DB_PASSWORD: {
    description: "The owner's password",
    kind: 'secret',
    required: true,
    scope: 'environment-secret',
    format: formats.secret(16),
    consumers: ['runtime/db-provision', 'database-url'],
    generate: generatedSecret,
  },
  APP_DB_USER: {
    description: 'Role that the application logs in with: reads and writes rows, and nothing else',
    kind: 'plain',
    required: true,
    scope: 'environment-secret',
    format: formats.databaseRole,
    consumers: ['runtime/db-provision', 'database-url'],
    generate: () => 'cogni_app',
  },
  APP_DB_PASSWORD: {
    description: "The application role's password",
    kind: 'secret',
    required: true,
    scope: 'environment-secret',
    format: formats.secret(16),
    consumers: ['runtime/db-provision', 'database-url'],
    generate: generatedSecret,
  },
  APP_DB_NAME: {
    description: "The application's database",
    kind: 'plain',
    required: true,
    scope: 'environment-secret',
    format: formats.databaseName,
    consumers: ['runtime/db-provision', 'database-url'],
    generate: () => 'cogni',
  },
  AUTH_SECRET: {
    description: 'Key with which the application signs its sessions; a new one logs everybody out',
    kind: 'secret',
    required: true,
    scope: 'environment-secret',
    format: formats.secret(32),
    consumers: ['runtime/app'],
    generate: generatedSecret,
  },
  METRICS_TOKEN: {
    description: "Token of the application's metrics; without one it gives none",
    kind: 'secret',
    required: false,
    scope: 'environment-secret',
    format: formats.secret(32),
    consumers: ['runtime/app'],
    generate: generatedSecret,
  },
  APP_IMAGE: {
    description: 'Image of the application, by digest',
    kind: 'plain',
    required: true,
    scope: 'release',
    format: formats.imageDigest,
    consumers: ['runtime/app'],
  },
  MIGRATOR_IMAGE: {
    description: 'Image with the migrations of the same build, by digest',
    kind: 'plain',
    required: true,
    scope: 'release',
    format: formats.imageDigest,
    consumers: ['runtime/db-migrate'],
  },
  DATABASE_URL: {
    description: 'Where and as whom the application reaches its database',
    kind: 'secret',
    required: true,
    scope: 'derived',
    format: formats.postgresUrl,
    consumers: ['runtime/app'],
  },
  OWNER_DATABASE_URL: {
    description: 'Where and as whom the migrations reach the database',
    kind: 'secret',
    required: true,
    scope: 'derived',
    format: formats.postgresUrl,
    consumers: ['runtime/db-migrate'],
  },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingName = keyof typeof catalogue;
type Named<Shape> = {
  [Name in SettingName]: (typeof catalogue)[Name] extends Shape ? Name : never;
}[SettingName];
export type SecretName = Named<{ readonly kind: 'secret' }>;
export type PlainName = Named<{ readonly kind: 'plain' }>;
export type OptionalName = Named<{ readonly required: false }>;

export const settingNames = Object.keys(catalogue) as readonly SettingName[];

/** A setting's declaration, in its general shape. */
export const declarationOf = (name: SettingName): Setting => catalogue[name];

const purposes: Readonly<Record<Consumer, Purpose>> = {
  'cherry-provider': 'provision',
  'registry-login': 'deploy',
  'database-url': 'deploy',
  'runtime/app': 'deploy',
  'runtime/postgres': 'deploy',
  'runtime/db-provision': 'deploy',
  'runtime/db-migrate': 'deploy',
};

/**
 * The settings that must be handed in for a purpose. Those of the release are not: they are resolved after the
 * settings were found sound; and the derived ones are made from the others.
 */
export const settingsFor = (purpose: Purpose): readonly SettingName[] =>
  settingNames.filter((name) => {
    const { scope, consumers } = declarationOf(name);
    if (scope === 'release' || scope === 'derived') return false;
    return consumers.some((consumer) => purposes[consumer] === purpose);
  });

/** The settings that a consumer reads. */
export const settingsOf = (consumer: Consumer): readonly SettingName[] =>
  settingNames.filter((name) => declarationOf(name).consumers.includes(consumer));

/** Roles that must be three different ones: a shared one would have the rights of both. */
export const distinctRoles = ['POSTGRES_ROOT_USER', 'OWNER_DB_USER', 'APP_DB_USER'] as const;
