import { Failure } from '../../foundation/failure';
import { waitBudgets, type RuntimeProps } from '../../services';
import { displayedCommandLine } from '../quote';
import type { SigningKey } from '../signatures';
import type { SshHost } from '../ssh';

/** Everything that a deploy needs to know, as plain data. Times are milliseconds. */
export interface DeployRequest {
  /** Name of the environment: `preview`. */
  readonly environment: string;
  /** Host name of its site. */
  readonly domain: string;
  /** What its image tags begin with: `preview`, `prod`. */
  readonly tagPrefix: string;
  readonly host: SshHost;
  /** Registry and repository of our images: `ghcr.io/cogni-dao/cogni`. */
  readonly repository: string;
  /** `<tagPrefix>-<sha>`; the migrator's image has the same with `-migrate`. */
  readonly tag: string;
  /** What the runtime's files are rendered from: third-party images by digest, memory. */
  readonly runtime: RuntimeProps;
  /** Where settings are read from: an environment, a parsed file, or both spread into one. */
  readonly settings: Readonly<Record<string, string | undefined>>;
  /** The file that they were read from, where somebody named one: for the command that runs it again. */
  readonly settingsFile?: string;
  /** Who deploys, and from which machine or workflow run: for the lock and the record. */
  readonly by: { readonly who: string; readonly from: string };
  /** The checkout that this program and the rendered files come from. @default - not known */
  readonly checkout?: { readonly commit: string; readonly dirty: boolean };
  /** File of further certificate authorities (PEM) that the registry and the site are verified with. */
  readonly extraCa?: string;
  /** DNS server to ask for the registry and the site (COGNI_DNS). @default the system's resolver */
  readonly dnsServer?: string;
  /** Address at which the site's own name is asked, whatever DNS says of it. @default - where DNS leads */
  readonly siteAddress?: string;
  readonly limits?: Partial<DeployLimits>;
  /** Keys of which one must have signed both images. @default - signatures are not looked at */
  readonly signingKeys?: readonly SigningKey[];
  /** What is to be said before it begins: what of the environment is no part of it. @default - nothing */
  readonly notes?: readonly string[];
  /** What a person has looked at and lets pass. @default - nothing */
  readonly accept?: AcceptedRisks;
  /**
   * Makes the container of the database anew, from the image and the configuration of this release: requests to it fail
   * meanwhile. Its data stay in their volume. No deploy does so otherwise, but where the archive changes.
   * @default false
   */
  readonly restartDatabase?: boolean;
  /**
   * Also where the host serves exactly this already: roles and privileges are converged, and the application is started anew beside what
   * serves. No request is lost by it.
   * @default false: then only the gate is passed again
   */
  readonly anew?: boolean;
  /** The only images that it may mean, by digest: a rebuild says at its beginning which. @default - whatever tag or record name */
  readonly pinned?: { readonly app: string; readonly migrator: string };
  /** Folder of the SQL files in the migrator's image, absolute. @default /app/migrations */
  readonly migrationsFolder?: string;
}

/** Words that let pass what a deploy refuses otherwise. They are recorded with the release. */
export interface AcceptedRisks {
  /** Digests that a moved tag may mean now. */
  readonly movedTags?: readonly string[];
  /**
   * Migrations that the version that serves cannot survive; for a rollback, that the old code meets what such a
   * migration left.
   * @default false
   */
  readonly breakingMigration?: boolean;
  /** Such a migration without a fresh verified backup, where the environment has an archive. @default false */
  readonly withoutBackup?: boolean;
}

/** How long each part of a deploy may take, in milliseconds. */
export interface DeployLimits {
  /** Each image. */
  readonly pull: number;
  /** The database server, until it is healthy. */
  readonly database: number;
  readonly provision: number;
  /** LiteLLM, until it is healthy: its first start migrates its own database. */
  readonly litellm: number;
  /** Alloy, until it is healthy. */
  readonly alloy: number;
  /** What makes backups, until it has reached its archive. */
  readonly backup: number;
  /** What makes portable copies, until it has begun. */
  readonly copies: number;
  /** Then the migrator is ended, and with it what its connection still does in the database. */
  readonly migrate: number;
  /** The application, until it is healthy. */
  readonly ready: number;
  /** The proof in the edge's network. */
  readonly proof: number;
  /** The site from outside on the first deploy to its domain, its certificate included. */
  readonly firstGate: number;
  /** The site from outside on any later one: visitors meet what does not pass it for as long as it is asked. */
  readonly gate: number;
  /** What served before has to end the requests that it has; then it is told to stop, and has its grace. */
  readonly drain: number;
}

/** Times until a service is healthy are those that its healthcheck has for a start (services/wait-budgets.ts). */
export const defaultLimits: DeployLimits = {
  pull: 15 * 60_000,
  database: waitBudgets.postgres.toMilliseconds(),
  provision: 3 * 60_000,
  litellm: waitBudgets.litellm.toMilliseconds(),
  alloy: waitBudgets.alloy.toMilliseconds(),
  backup: waitBudgets.backup.toMilliseconds(),
  copies: waitBudgets.copies.toMilliseconds(),
  migrate: 15 * 60_000,
  ready: waitBudgets.app.toMilliseconds(),
  proof: 30_000,
  firstGate: 3 * 60_000,
  gate: 15_000,
  drain: 30_000,
};

/** The tag taken apart: the commit that was built, which the site must say that it runs. */
export interface ReleaseTag {
  readonly tag: string;
  readonly buildSha: string;
}

/**
 * @throws Failure for a tag of another environment, one without a commit, and one that moves (`latest`).
 */
export function parseTag({ tag, tagPrefix, environment }: DeployRequest): ReleaseTag {
  const allowed = `${tagPrefix}-<sha>, the sha in 7 to 64 lower-case hex digits`;
  const [, prefix, buildSha] = /^([a-z][a-z0-9]*)-([0-9a-f]{7,64})$/.exec(tag) ?? [];
  if (prefix === tagPrefix && buildSha !== undefined) return { tag, buildSha };
  const reason =
    tag === 'latest'
      ? 'moves: it means another build tomorrow'
      : prefix !== undefined && prefix !== tagPrefix
        ? `is of another environment (${prefix})`
        : 'does not name a build';
  throw new Failure({
    what: `the image tag "${tag}" cannot be deployed to ${environment}: it ${reason}`,
    faults: [`allowed: ${allowed}`],
    next: `./cogni deploy ${environment} --image-tag ${tagPrefix}-<sha>`,
  });
}

/** The word by which a person lets a breaking migration pass. */
export const breakingWord = '--allow-breaking-migration';

/** The word by which a person does without a backup for it. */
export const withoutBackupWord = '--without-backup';

/** The word by which a person has the database restarted. */
export const restartDatabaseWord = '--restart-database';

/** The word by which a person has what serves already deployed once more. */
export const anewWord = '--anew';

/** The option by which a person gives migrations more time, or less. */
export const migrationLimitOption = '--migration-limit';

/** The command that runs the same deploy again. */
export const deployCommand = ({
  environment,
  tag,
  accept = {},
  restartDatabase,
  anew,
  limits = {},
  settingsFile,
}: DeployRequest): string =>
  [
    `./cogni deploy ${environment} --image-tag ${tag}`,
    ...(accept.movedTags ?? []).map((digest) => `--accept-moved-tag ${digest}`),
    ...(accept.breakingMigration ? [breakingWord] : []),
    ...(accept.withoutBackup ? [withoutBackupWord] : []),
    ...(restartDatabase ? [restartDatabaseWord] : []),
    ...(anew ? [anewWord] : []),
    ...(limits.migrate === undefined ? [] : [`${migrationLimitOption} ${limits.migrate / 60_000}`]),
    ...settingsOption(settingsFile),
  ].join(' ');

/** The command that goes back to a release, or chooses one where none is named, with the words that were said. */
export const rollbackCommand = (
  { environment, accept = {}, settingsFile }: Pick<DeployRequest, 'environment' | 'accept' | 'settingsFile'>,
  release: string | undefined,
): string =>
  [
    `./cogni rollback ${environment}`,
    ...(release === undefined ? [] : [`--to ${release}`]),
    ...(accept.breakingMigration ? [breakingWord] : []),
    ...settingsOption(settingsFile),
  ].join(' ');

const settingsOption = (file: string | undefined): readonly string[] =>
  file === undefined ? [] : [displayedCommandLine(['--settings', file])];
