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
  | 'derived'
  /** The shell of whoever runs a command, person or workflow: about that machine, and kept nowhere. */
  | 'operator'
  /** Set by GitHub Actions in every job by itself. */
  | 'ci';

/** Who reads a setting: a service, as `project/service`, or a step of ours. */
export type Consumer =
  | 'runtime/app'
  | 'runtime/postgres'
  | 'runtime/backup'
  | 'runtime/copies'
  | 'runtime/db-provision'
  | 'runtime/db-migrate'
  | 'runtime/litellm'
  | 'runtime/alloy'
  | 'edge/caddy'
  | 'sourcecred/sourcecred'
  /** Terraform's Cherry provider. */
  | 'cherry-provider'
  /** A record of `stacks/environments.ts` that names it. */
  | 'records'
  /** `docker login` on the host, for our own images. */
  | 'registry-login'
  /** Terraform's own backend of the state. */
  | 'terraform-state'
  /** The SSH agent of a workflow. */
  | 'ssh-agent'
  /** Goes into a derived setting. */
  | 'database-url'
  /** Code of ours that runs on the machine of whoever calls it, by its folder. */
  | 'cli'
  | 'stacks'
  | 'infra'
  | 'deploy'
  | 'foundation'
  | 'sandbox';

/** What settings are read for; decides which of them must be there. */
export type Purpose = 'provision' | 'edge' | 'deploy' | 'sourcecred' | 'command';

/** A source of randomness: that many bytes. `crypto.randomBytes` in production. */
export type Random = (bytes: number) => Uint8Array;

/** Required as soon as one of these others is set, optional otherwise: what is of no use without its counterpart. */
export interface WhenSet<Name extends string = string> {
  readonly whenSet: readonly [Name, ...Name[]];
}

/** Required unless one of these others is set: another way to say the same. */
export interface UnlessSet<Name extends string = string> {
  readonly unlessSet: readonly [Name, ...Name[]];
}

export type Requirement<Name extends string = string> = boolean | WhenSet<Name> | UnlessSet<Name>;

/** What a value may be, described in a few words (`describe`); its messages say what is wrong without the value. */
export type Format = z.ZodType<string, string>;

/** One setting, declared once: everything that names it comes from here. */
export interface Setting {
  readonly description: string;
  /** A secret is never shown, not even in part. */
  readonly kind: 'plain' | 'secret';
  /** An optional setting that is unset is absent: never an empty string. */
  readonly required: Requirement;
  readonly scope: Scope;
  readonly format: Format;
  readonly consumers: readonly Consumer[];
  /** Makes a value, where one can be made. */
  readonly generate?: (random: Random) => string;
}
