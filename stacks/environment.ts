import type { StateBackend } from '../infra/backend';
import type { PublicKey } from '../infra/public-key';
import type { Archive } from '../services/archive/archive';
import type { Hooks } from '../services/deploy-hooks';
import type { MemoryLimits } from '../services/memory-limits';
import type { PlainName } from '../services/settings/catalogue';
import type { SourcecredInstance } from '../services/sourcecred/instance';

/** How a release reaches the host: rolling, by Compose over SSH (docs/deploy.md). One that is not built has no word here, and is refused. */
export const strategies = ['rolling'] as const;
type Strategy = (typeof strategies)[number];

/** What happens by itself when a deploy's gate fails after the switch: a rolling deploy always goes back. */
export const failurePolicies = ['rollback'] as const;
type FailurePolicy = (typeof failurePolicies)[number];

/** Whether LiteLLM runs, and whether it keeps keys and spending in a database of its own. */
export const litellmModes = ['with-database', 'without-database', 'off'] as const;
type LitellmMode = (typeof litellmModes)[number];

/** What a push to the branch of an environment does (docs/workflows.md). */
export const deliveries = ['test', 'serve'] as const;
type DeliveryKind = (typeof deliveries)[number];

/** One environment, as it is written down. Everything that differs between environments is here, and nowhere else. */
export interface EnvironmentRecord {
  /** Short name: the word in every command, the id of the stack, part of the state's key. Letters, digits, dashes. */
  readonly name: string;
  /** Host name of the site, whose DNS record you control. */
  readonly domain: string;
  /** Whether `www.<domain>` redirects to it. Only where DNS has that name too: Caddy asks for its certificate. */
  readonly www: boolean;
  readonly host: CherryHost | ExistingHost;
  readonly strategy: Strategy;
  /** Where our own images are pushed to, without a tag: `ghcr.io/<owner>/<name>`. */
  readonly imageRepository: string;
  /** First part of an image's tag: `preview` for `preview-<sha>`. */
  readonly imageTagPrefix: string;
  /**
   * Public keys of which one must have signed our images (cosign; docs/deploy.md, "Signatures"). The sandbox's images are
   * not signed, and it asks for none.
   * @default - signatures are not looked at
   */
  readonly signing?: {
    /** PEM files relative to the checkout: `keys/cosign.pub`. Two while one replaces the other. */
    readonly keyFiles: readonly string[];
  };
  /**
   * Where the migrator's image keeps its SQL files: a deploy reads them before they are run (docs/deploy.md,
   * "Migrations"). A change costs nothing.
   * @default /app/migrations
   */
  readonly migrationsFolder?: string;
  readonly acme: {
    /** URL of the certificate authority's directory. */
    readonly directory: string;
    /** Where the authority may write to. @default - none is given */
    readonly email?: string;
  };
  /**
   * Address ranges (CIDR) of the proxies in front of the host, such as those that a content network publishes: only what comes from
   * them is believed about who asks (docs/edge.md). A change of them changes the edge, which is a command of its own.
   * @default - none: whoever connects is the client
   */
  readonly trustedProxies?: readonly string[];
  /** Where Terraform keeps what it made. Only a host that Terraform makes has it. */
  readonly state: StateBackend;
  /**
   * Whose plans are applied, and who can open them (docs/plan.md, "Keys"). A change costs nothing; plans that were made
   * before it are refused, or cannot be opened.
   * @default - one checkout alone: it signs, encrypts and opens with keys that it makes for itself
   */
  readonly plans?: {
    /** Public Ed25519 keys, PEM files relative to the checkout: `keys/planner.pub`. */
    readonly signers: readonly string[];
    /** Recipients of age (`age1…`). */
    readonly recipients: readonly string[];
  };
  /** What runs beside the application and its database. */
  readonly runtime: {
    /** The proxy to language models. Without it the application is told of none. */
    readonly litellm: LitellmMode;
    /** Whether logs and metrics are collected and sent to Grafana Cloud. */
    readonly alloy: boolean;
    /**
     * Most memory of a service, in MiB. All of them, both versions of the application that a deploy has side by side, and
     * 512 MiB for the system must fit into the host's plan. A changed one makes that service anew at the next deploy; the
     * database's also decides how it is tuned, and restarts it.
     * @default app 512, postgres a quarter of the host's, litellm 1024, alloy 256, sourcecred 1024
     */
    readonly memory?: MemoryLimits;
  };
  /**
   * Where the database is archived, off its host (docs/backup.md). Adding, changing or removing it restarts the database once,
   * at the next deploy.
   * @default - nowhere: what the host loses is lost, and every deploy says so
   */
  readonly archive?: Archive;
  /**
   * What SourceCred looks at, as a project of its own with a route of the edge (docs/sourcecred.md). A changed route
   * changes the edge, which is a command of its own.
   * @default - it does not run
   */
  readonly sourcecred?: SourcecredInstance;
  /**
   * Programs that are run on the machine that deploys, at named moments of a deploy or rollback (docs/operations.md). One that
   * fails before the deploy refuses it; a change costs nothing.
   * @default - none
   */
  readonly hooks?: Hooks;
  /**
   * How workflows bring releases here (docs/workflows.md). A change costs nothing but `npm run workflows`.
   * @default - not at all: a person starts every deploy
   */
  readonly delivery?: {
    /** Branch whose pushes are delivered: `staging`. */
    readonly branch: string;
    /**
     * `test`: what is pushed is built, deployed and tested here, and its images are then marked as tested. `serve`: the
     * images that were tested for the same tree are deployed here.
     */
    readonly kind: DeliveryKind;
    /**
     * Whether the team is told of each release, by the webhook TEAM_WEBHOOK_URL; only where `serve`.
     * @default true
     */
    readonly announce?: boolean;
  };
  readonly policies: {
    /** Whether a person starts every deploy; workflows are refused. */
    readonly manual: boolean;
    /** Whether Terraform refuses to delete host and address, and every destructive change needs an explicit word. */
    readonly protected: boolean;
    readonly onFailure: FailurePolicy;
  };
}

/** A server that is rented from Cherry Servers by `cdktf deploy`. What a change costs: `infra/host.ts`, `HostProps`. */
export interface CherryHost {
  readonly kind: 'cherry';
  /** Name in the portal and host name. */
  readonly name: string;
  /** Number of the Cherry project, or the setting that holds it. */
  readonly project: number | { readonly fromEnvironment: PlainName };
  /** Slug of the plan. */
  readonly plan: string;
  /** Slug of the region. */
  readonly region: string;
  /** Slug of the operating system's image. */
  readonly image: string;
  /** Public key of whoever deploys, relative to the checkout. */
  readonly deployKeyFile: string;
  /** Size of the swap file, in MiB; 0 for none. */
  readonly swapMebibytes: number;
  /**
   * Whether an address that outlives the host is kept in a stack of its own. It is attached to the server at Cherry
   * Servers; the guest does not carry it on its interface yet, so DNS names the server's own address
   * (docs/architecture.md, "Limits").
   */
  readonly floatingAddress: boolean;
}

/** A host that somebody else made, reached as it is: nothing is provisioned. */
interface ExistingHost {
  readonly kind: 'existing';
  readonly name: string;
  /** IPv4 address or host name. */
  readonly address: string;
}

/** An environment that was found sound: what everything else works with. */
export interface Environment extends Omit<EnvironmentRecord, 'host'> {
  readonly host: ResolvedCherryHost | ExistingHost;
  /** Present where the sandbox stands in for the world. */
  readonly sandbox?: {
    /** Lock of the images that the sandbox's own registry has. */
    readonly imageLockFile: string;
  };
  /** Present where this is a rehearsal beside a living environment (`stacks/rehearsal.ts`). */
  readonly rehearses?: {
    /** Name of the living one. */
    readonly environment: string;
    /** Where its data are backed up: read, and never written to. */
    readonly archive?: Archive;
  };
}

/** A {@link CherryHost} with everything looked up that it only names. */
export interface ResolvedCherryHost extends CherryHost {
  readonly projectId: number;
  readonly deployKey: PublicKey;
}
