import { app } from '../app-contract';
import { received } from '../archive/receiver';
import type { PlainName, SecretName } from '../settings/catalogue';
import { keptRoles } from './kept-roles';

/** What privileges are given on. `TABLE` is everything that rows can be read from, views included. */
export type ObjectKind = 'DATABASE' | 'SCHEMA' | 'TABLE' | 'SEQUENCE' | 'ROUTINE';

/** Privileges by kind of object; on all objects of a database, those that come later included. */
export type Privileges = Readonly<Partial<Record<ObjectKind, readonly string[]>>>;

/** A role that somebody logs in with. */
export interface Login {
  /** Setting with its name. */
  readonly user: PlainName;
  /** Put after the name: tells the login roles of one access role apart. @default '' */
  readonly suffix?: string;
  readonly password: SecretName;
  /** Most connections at once (`CONNECTION LIMIT`). All of the model together must leave the administrator some. */
  readonly connections: number;
}

/** Rights, and who logs in to use them. */
export interface AccessRole {
  /** How the model, messages and marks call it; a change of it makes another role of it. */
  readonly key: string;
  /**
   * The role that holds the rights and that nobody logs in as; the login roles are members of it. Its name is fixed, so
   * that a renamed user loses no right. Without one, the only login role holds the rights itself.
   */
  readonly group?: string;
  /**
   * The roles that log in, all with the same rights. With two, a password can change in one while what serves uses the
   * other.
   */
  readonly logins: readonly [Login, ...Login[]];
  /** Session defaults (`ALTER ROLE … SET`). Convenience, not protection: a session may change them. */
  readonly settings?: Readonly<Record<string, string>>;
  /** There only where its settings are. @default false */
  readonly optional?: boolean;
}

export interface ModelDatabase {
  /** Setting with its name. */
  readonly name: PlainName;
  /** Key of the role that owns it and everything in it. It has a single login role, and no group. */
  readonly owner: string;
  /** What others may, by their keys. Whoever is not here cannot even connect. */
  readonly access: Readonly<Record<string, Privileges>>;
  /** There only where its settings are. @default false */
  readonly optional?: boolean;
}

/** A role that fetches the log, and that the server knows by its system's user: it has no password. */
export interface ReplicationRole {
  readonly key: string;
  readonly name: string;
  /** Most connections at once: the one before may not have been given up yet. */
  readonly connections: number;
}

export interface DatabaseModel {
  readonly roles: readonly AccessRole[];
  /** @default - replication is let to nobody */
  readonly replication?: ReplicationRole;
  readonly databases: readonly ModelDatabase[];
}

/**
 * Who is who on the database server. `db-provision` makes it so on every run; a change here is something new, and reaches a
 * host with the next deploy. Taking a role away disables it, taking a database away leaves its data to the administrator.
 */
export const databaseModel: DatabaseModel = {
  roles: [
    {
      key: 'owner',
      logins: [{ user: 'OWNER_DB_USER', password: 'OWNER_DB_PASSWORD', connections: 5 }],
      // A migrator that was ended leaves no statement behind that goes on, or waits, with its locks held (PostgreSQL 15, 20.3).
      settings: { client_connection_check_interval: '2s' },
    },
    {
      key: 'app',
      group: keptRoles.app,
      logins: [
        {
          user: 'APP_DB_USER',
          suffix: app.slots.a.loginSuffix,
          password: 'APP_DB_PASSWORD',
          connections: 30,
        },
        {
          user: 'APP_DB_USER',
          suffix: app.slots.b.loginSuffix,
          password: 'APP_DB_PASSWORD',
          connections: 30,
        },
      ],
    },
    {
      key: 'litellm',
      logins: [{ user: 'LITELLM_DB_USER', password: 'LITELLM_DB_PASSWORD', connections: 25 }],
      optional: true,
    },
    {
      key: 'readonly',
      group: keptRoles.readonly,
      logins: [{ user: 'READONLY_DB_USER', password: 'READONLY_DB_PASSWORD', connections: 5 }],
      settings: { default_transaction_read_only: 'on' },
    },
  ],
  databases: [
    {
      name: 'APP_DB_NAME',
      owner: 'owner',
      access: {
        app: {
          DATABASE: ['CONNECT', 'TEMPORARY'],
          SCHEMA: ['USAGE'],
          TABLE: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
          SEQUENCE: ['USAGE', 'SELECT', 'UPDATE'],
          ROUTINE: ['EXECUTE'],
        },
        // No EXECUTE: a function may write with its owner's rights (SECURITY DEFINER).
        readonly: { DATABASE: ['CONNECT'], SCHEMA: ['USAGE'], TABLE: ['SELECT'], SEQUENCE: ['SELECT'] },
      },
    },
    { name: 'LITELLM_DB_NAME', owner: 'litellm', access: {}, optional: true },
  ],
};

/** The same where a receiver fetches the log. */
export const receivedModel: DatabaseModel = {
  ...databaseModel,
  replication: { key: 'receiver', name: received.role, connections: 4 },
};

/** A variable of the environment that the model takes a name or a password from. */
export type ModelVariable = { readonly optional: boolean } & (
  | { readonly kind: 'plain'; readonly name: PlainName }
  | { readonly kind: 'secret'; readonly name: SecretName }
);

/** Every variable that the model needs, each once, in its order. */
export function variablesOf({ roles, databases }: DatabaseModel): readonly ModelVariable[] {
  const all: ModelVariable[] = [
    ...roles.flatMap(({ logins, optional = false }) =>
      logins.flatMap(({ user, password }): ModelVariable[] => [
        { kind: 'plain', name: user, optional },
        { kind: 'secret', name: password, optional },
      ]),
    ),
    ...databases.map(({ name, optional = false }): ModelVariable => ({ kind: 'plain', name, optional })),
  ];
  return [...new Map(all.map((variable) => [variable.name, variable])).values()];
}
