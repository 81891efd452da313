/** One thing wrong with a project. */
export interface Fault {
  /** Stable: `COMPOSE-101`. Documented with the rule that finds it. */
  readonly code: string;
  /** Construct path: `shop/services/web`. */
  readonly path: string;
  /** What is wrong, the value, and what is allowed. */
  readonly message: string;
}

/** A project that cannot be rendered; its message lists every fault. */
export class CompositionError extends Error {
  override readonly name = 'CompositionError';

  constructor(readonly faults: readonly Fault[]) {
    super(
      [
        `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'} in the composition:`,
        ...faults.map((fault) => `  - ${fault.code} [${fault.path}] ${fault.message}`),
      ].join('\n'),
    );
  }
}
