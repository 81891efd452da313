import type { Sensitive } from '../foundation/secret';
import type { RemoteCommand } from './transport';

/**
 * A deploy as data. A plan is a list of steps, a step a list of actions; `--dry-run` prints it, tests compare it, and
 * `runPlan` carries it out without knowing what any of it is for. Nothing in it is a function.
 */
export interface Plan {
  /** What is done and where, for progress and failures: `deploy preview-… to preview`. */
  readonly title: string;
  readonly steps: readonly Step[];
}

/** What the time of a deploy goes to that is not the engine's own. */
export type Spending = 'pull' | 'migration' | 'start' | 'drain';

export interface Step {
  /** Short and stable: journals and tests name steps by it. */
  readonly id: string;
  /** What it does, imperative: `migrate the database`. Failures read "could not <name>". */
  readonly name: string;
  /** Why it is done, and why here. */
  readonly why: string;
  /**
   * Its work is there already when all of these come out as expected; the step is then skipped.
   * @default - it is done again on every run, and must come to the same
   */
  readonly doneWhen?: readonly RunAction[];
  readonly actions: readonly Action[];
  /** Run after it whatever happened: what must not stay on the host. */
  readonly cleanUp?: readonly RemoteCommand[];
  /** Take it back, when it or a later step failed; the undo of later steps runs first. */
  readonly undo?: readonly RemoteCommand[];
  /** Their output is shown when it fails, also where that is only noted: the logs of what it started. */
  readonly diagnose?: readonly RemoteCommand[];
  /** What state it leaves when it fails, after its undo. */
  readonly leaves: string;
  /** What may be so where it was begun, failed or not, and could not be taken back. @default - nothing to speak of */
  readonly unlessTakenBack?: string;
  /** The command to run then. */
  readonly next: string;
  /**
   * Whether a cancelled run ends its running command. Without it that command first ends by itself: a migration cut
   * in two is worse than a late Ctrl-C.
   * @default false
   */
  readonly interruptible?: boolean;
  /**
   * Once it is done the plan has reached what it is for: nothing is taken back any more, later steps are done also in a
   * cancelled run, and what goes wrong in them is only noted.
   * @default false
   */
  readonly settles?: boolean;
  /** What its time goes to, for the timeline. @default - the engine's own work */
  readonly spends?: Spending;
}

export type Action = RunAction | WriteAction | HoldAction | GateAction | JudgeAction;

/** Runs a command, until it comes out as expected where `retry` is given. */
export interface RunAction {
  readonly do: 'run';
  readonly command: RemoteCommand;
  readonly expect?: Expectation;
  readonly retry?: Retry;
  /** Exit codes by which it refuses, so that a person must decide: the run then ends as refused. @default none */
  readonly refusal?: readonly number[];
  /**
   * What another run has done where the command ends otherwise than expected, as a sentence without a full stop: this run then ends
   * as locked, since it was too late.
   * @default - it has failed
   */
  readonly overtaken?: string;
  /**
   * By which exit code the command says that another run has what it needs, and what that is, as a sentence without a full stop: the run
   * then ends as locked. `leaves`: what state there is then; a step whose first action this is was not begun, so it is not taken back.
   * @default - none: it has failed. `leaves` - as the step says
   */
  readonly taken?: { readonly exit: number; readonly says: string; readonly leaves?: string };
}

export interface Expectation {
  /** Exit codes that are success. @default [0] */
  readonly exit?: readonly number[];
  /** What standard output must be, white space around it left out. */
  readonly stdout?:
    | { readonly equals: string }
    | { readonly json: JsonFields }
    /** A JSON list, none of whose objects has these fields. */
    | { readonly listWithout: JsonFields };
}

/** Fields of a JSON object and the texts that they must be. */
export type JsonFields = Readonly<Record<string, string>>;

export interface Retry {
  /** Milliseconds between tries. */
  readonly every: number;
  /** Milliseconds in all: a try that would go on past them is ended then. */
  readonly within: number;
  /** How many tries in a row must come out as expected. @default 1 */
  readonly inARow?: number;
}

/** Writes files into a folder, which is made (mode 0755) where it is missing. Not atomic: rename them afterwards. */
export interface WriteAction {
  readonly do: 'write';
  /** Absolute. */
  readonly folder: string;
  readonly files: readonly FileToWrite[];
}

export interface FileToWrite {
  /** Relative to the folder. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly content: Sensitive;
  /**
   * The content is the text of a JSON object, and is written with what each step took until then, as `timings`:
   * `{ milliseconds, steps: [{ id, milliseconds }] }`.
   * @default false
   */
  readonly timings?: boolean;
}

/** Starts a command that stays: it ends when its input does, hence with this process and its connection. */
export interface HoldAction {
  readonly do: 'hold';
  readonly command: RemoteCommand;
  /** When it is let go. */
  readonly until: 'end of step' | 'end of plan';
  /** How it says that somebody else has it, and where it then says who. */
  readonly taken?: { readonly exit: number; readonly by: RemoteCommand };
}

/**
 * Runs a command that only reads, and has what it printed judged, or that it failed. What the judge finds wrong refuses the run (exit code 3),
 * unless a person has let it pass; what else it says is noted.
 */
export interface JudgeAction {
  readonly do: 'judge';
  readonly command: RemoteCommand;
  readonly judge: JudgeName;
  /** A person's word lets faults pass: they are noted. */
  readonly accepted: boolean;
}

/** Who can be named as a judge. */
export type JudgeName = 'migrations';

/** What a judge is given: what the command printed, or how it failed. */
export type Evidence = { readonly printed: string } | { readonly failed: string };

export interface Judgement {
  readonly faults: readonly string[];
  readonly notes: readonly string[];
}

/** Asks the site from outside, as its users do. */
export interface GateAction {
  readonly do: 'gate';
  readonly checks: readonly GateCheck[];
  readonly retry: Retry;
}

export interface GateCheck {
  /** `https:` */
  readonly url: string;
  readonly status: number;
  /** What the answer's body must hold, as JSON. */
  readonly json?: JsonFields;
  /** What the answer's body must be, white space around it left out. */
  readonly text?: string;
}
