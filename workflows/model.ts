/**
 * Workflows of GitHub Actions as typed objects: what they hold is checked before a line of YAML is written
 * (`workflows/rules`). Names are those of GitHub's own documentation, "Workflow syntax for GitHub Actions".
 */

/** What a job is for; decides what it may do (`workflows/rules`). */
export type Role =
  /** Looks at the sources, or at a site as anybody may. */
  | 'check'
  /** Makes images, and pushes or renames them in the registry. */
  | 'build'
  /** Asks the hosting provider what a change would do. */
  | 'plan'
  /** Makes that change. */
  | 'apply'
  /** Asks a host over SSH what it has and runs; changes nothing. */
  | 'look'
  /** Brings a release to a host, or takes one back. */
  | 'deploy'
  /** Writes what another job has found to a pull request or an issue. */
  | 'report'
  /** Tells the team. */
  | 'announce'
  /** Starts another workflow. */
  | 'start'
  /** Says whether all the others have succeeded. */
  | 'gate';

type Access = 'read' | 'write';

/** Rights of a job's token; whatever is not named it does not have. */
export type Permissions = Readonly<
  Partial<Record<'contents' | 'packages' | 'pull-requests' | 'issues' | 'actions', Access>>
>;

/** What a person types or chooses when starting a workflow by hand. */
export interface Input {
  readonly description: string;
  readonly required: boolean;
  /** One of these. @default - any text */
  readonly options?: readonly string[];
}

export interface Triggers {
  readonly pullRequest?: { readonly branches: readonly string[] };
  readonly push?: {
    readonly branches: readonly string[];
    /** Only where one of these files is changed, or one below a folder: `docs/**`. @default - whatever is changed */
    readonly paths?: readonly string[];
  };
  /** Cron expression, in UTC. */
  readonly schedule?: string;
  /** By hand, and by other workflows through the API. */
  readonly dispatch?: { readonly inputs: Readonly<Record<string, Input>> };
  /** Anything else that GitHub knows: none of ours needs one, and the rules say which are refused. */
  readonly other?: readonly string[];
}

export interface Concurrency {
  readonly group: string;
  readonly cancelInProgress: boolean;
}

export interface Workflow {
  /** Name of its file in `.github/workflows`. */
  readonly file: string;
  readonly name: string;
  /** Why it is there, in a few lines: written at the top of the file. */
  readonly about: readonly string[];
  readonly on: Triggers;
  readonly concurrency?: Concurrency;
  readonly jobs: Readonly<Record<string, Job>>;
}

export interface Job {
  readonly role: Role;
  readonly name: string;
  readonly needs?: readonly string[];
  /** Expression, without its braces. */
  readonly when?: string;
  /** Name of the GitHub environment, or the expression that gives it. */
  readonly environment?: string;
  readonly permissions: Permissions;
  readonly concurrency?: Concurrency;
  /** Minutes; GitHub's own limit is six hours. */
  readonly timeout: number;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

interface StepBase {
  readonly name: string;
  readonly id?: string;
  /** Expression, without its braces. */
  readonly when?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A published action, pinned: `actions/checkout@<sha>`. */
export interface ActionStep extends StepBase {
  readonly uses: string;
  readonly with?: Readonly<Record<string, string | number | boolean>>;
}

/** One command of ours. */
export interface CogniStep extends StepBase {
  readonly cogni: readonly Word[];
  /** Exit codes that are a result and no failure. @default - only 0 is success */
  readonly alsoGood?: readonly number[];
}

/** Programs of others, a line each. Values come in through `env`, never through an expression in the text. */
export interface ShellStep extends StepBase {
  readonly run: readonly string[];
}

export type Step = ActionStep | CogniStep | ShellStep;

/**
 * A word of a command line: as it stands, or made from a variable of the step's `env`. A word with an option is left out
 * together with it while the variable is empty.
 */
export type Word = string | Variable;

export interface Variable {
  readonly variable: string;
  /** Put before its value: `prod-`. */
  readonly prefix?: string;
  /** Left out with it: `--wipe`. */
  readonly option?: string;
  /** What the value looks like, for the rehearsal of the command. */
  readonly example: string;
}

/** `${{ … }}` */
export const expression = (text: string): string => `\${{ ${text} }}`;

/**
 * Minutes of a job that applies. When GitHub ends it, Terraform ends in the middle of an order, so `./cogni apply` has to come to
 * its own end before: the time that it gives Terraform (infra/plan/terraform-run.ts; a test compares them), and half an hour.
 */
export const applyMinutes = 170;
