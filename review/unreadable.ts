/** A file that cannot be reviewed. Nothing is said of what it would do: that is never the same as "safe". */
export class UnreadablePlan extends Error {
  override readonly name = 'UnreadablePlan';

  /**
   * @param what what is wrong with the file
   * @param next what to do about it
   * @param faults every single fault, when there are several
   */
  constructor(
    readonly what: string,
    readonly next: string,
    readonly faults: readonly string[] = [],
  ) {
    super([what, ...faults.map((fault) => `  - ${fault}`), `next: ${next}`].join('\n'));
  }
}
