/** What a command comes to: how it exits, and words that it says. */
export interface Said {
  readonly exit: number;
  /** In the order in which they are said. */
  readonly words: readonly string[];
}

/** What our commands say at one variant of a fault mode: the last columns of the table in docs/plan.md. */
export interface Answer {
  /** `<mode> <variant>`. */
  readonly at: string;
  /** Configuration that is wanted, where the outcome's own is not the one to ask our commands about. */
  readonly wanted?: object;
  /** Whether the plan that is applied was kept before the fault; only where none is kept after it. */
  readonly early?: boolean;
  /** What the questions to the account find, fault or note; undefined = nothing. */
  readonly preflight?: string;
  readonly plan: Said;
  /** Undefined = no plan was kept, so there is nothing to apply. */
  readonly apply?: Said;
  /** The plan after an apply that failed. */
  readonly after?: Said;
}

export const said = (exit: number, ...words: readonly string[]): Said => ({ exit, words });
