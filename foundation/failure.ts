/**
 * How a command ends when it cannot do what it was asked to.
 *
 * Every failure that reaches a person says three things: what failed and where, what state it left, and which
 * command to run next (docs/architecture.md, "Failures"). Throw a {@link Failure}; anything else that escapes is
 * treated as our own bug and printed with its stack.
 */

/** Exit codes of `cogni` (docs/architecture.md, "Command line"); `plan` and `review` have their own. */
export const ExitCode = {
  /** Done, or nothing to do. */
  done: 0,
  /** Failed; the system is as it was, or as `state` says. */
  failed: 1,
  /** Wrong usage: unknown command, option or environment. */
  usage: 2,
  /** Refused by a guard: a person must decide. */
  refused: 3,
  /** Another run holds the lock. */
  locked: 4,
  /** Failed, and the system is degraded. */
  degraded: 5,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export interface FailureProps {
  /** What failed and where, in the caller's terms; names the value (never a secret) and what is allowed. */
  readonly what: string;
  /** What state is left behind. @default 'nothing was changed' */
  readonly state?: string;
  /** The command to run next, or what to do by hand. */
  readonly next: string;
  /** All single faults, when there is more than one: nobody mends them one run at a time. */
  readonly faults?: readonly string[];
  /** Output of the tool that failed, or a host's own log: printed verbatim below the three lines. */
  readonly output?: string;
  /** @default ExitCode.failed */
  readonly exitCode?: ExitCode;
  readonly cause?: unknown;
}

/** A failure in the user's terms. Its message is the complete text, so that a test or a log shows all of it. */
export class Failure extends Error {
  override readonly name: string = 'Failure';
  readonly what: string;
  readonly state: string;
  readonly next: string;
  readonly faults: readonly string[];
  readonly output: string;
  readonly exitCode: ExitCode;

  constructor(props: FailureProps) {
    const faults = props.faults ?? [];
    const state = props.state ?? 'nothing was changed';
    super(
      [
        props.what,
        ...faults.map((fault) => `  - ${fault}`),
        ...(props.output ? [indent(props.output)] : []),
        `state: ${state}`,
        `next:  ${props.next}`,
      ].join('\n'),
      props.cause === undefined ? undefined : { cause: props.cause },
    );
    this.what = props.what;
    this.state = state;
    this.next = props.next;
    this.faults = faults;
    this.output = props.output ?? '';
    this.exitCode = props.exitCode ?? ExitCode.failed;
  }
}

const indent = (text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `  | ${line}`)
    .join('\n');

/**
 * The text of anything that was thrown, for putting into a {@link Failure}. Told by its shape: an error that Node itself
 * makes is no instance of the `Error` of a test's own global scope.
 */
export const messageOf = (thrown: unknown): string =>
  typeof thrown === 'object' && thrown !== null && 'message' in thrown && typeof thrown.message === 'string'
    ? thrown.message
    : String(thrown);
