import type { z } from 'zod';

/** Where a setting's value comes from. */
export type Scope =
  /** One secret for the whole repository. */
  | 'repository-secret'
  /** One value for the whole repository that may be seen. */
  | 'repository-variable'
  /** One secret an environment. */
  | 'environment-secret'
  /** One value an environment that may be seen. */
  | 'environment-variable'
  /** The environment's own record (stacks/environments.ts). */
  | 'environment-record'
  /** What is being deployed: resolved from the image tag. */
  | 'release'
  /** Composed from other settings, and never stored. */
  | 'derived';

/** Who reads a setting: a service, as `project/service`, or a step of ours. */
export type Consumer =
  | 'runtime/app'
  | 'runtime/postgres'
  | 'runtime/db-provision'
  | 'runtime/db-migrate'
  | 'runtime/litellm'
  | 'runtime/alloy'
  | 'edge/caddy'
  | 'sourcecred/sourcecred'
  /** Terraform's Cherry provider. */
  | 'cherry-provider'
  /** `docker login` on the host, for our own images. */
  | 'registry-login'
  /** Goes into a derived setting. */
  | 'database-url';

/** What settings are read for; decides which of them must be there. */
export type Purpose = 'provision' | 'edge' | 'deploy' | 'sourcecred';

/** A source of randomness: that many bytes. `crypto.randomBytes` in production. */
export type Random = (bytes: number) => Uint8Array;

/** Required as soon as one of these others is set, optional otherwise: what is of no use without its counterpart. */
export interface WhenSet<Name extends string = string> {
  readonly whenSet: readonly [Name, ...Name[]];
}

/** One setting, declared once: everything that names it comes from here. */
export interface Setting {
  readonly description: string;
  /** A secret is never shown, not even in part. */
  readonly kind: 'plain' | 'secret';
  /** An optional setting that is unset is absent: never an empty string. */
  readonly required: boolean | WhenSet;
  readonly scope: Scope;
  /** What is allowed; its messages say so without the value. */
  readonly format: z.ZodType<string>;
  readonly consumers: readonly Consumer[];
  /** Makes a value, where one can be made. */
  readonly generate?: (random: Random) => string;
}
