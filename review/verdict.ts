/**
 * What a change will do, worst first.
 *
 * - `WIPE`: a disk is emptied in place; the plan calls it an update
 * - `DOOMED`: the plan is approved and then fails at apply
 * - `REPLACE`: destroyed and made again
 * - `DESTROY`: destroyed
 * - `ARMED`: nothing is lost now, but from now on the next change of certain attributes empties the disk
 * - `IMPORT-WIPE`: imported without what the provider cannot read, so that a later plan will want to empty the disk
 * - `REVIEW`: not known what it does; a person must look
 * - `UPDATE`, `CREATE`: changed in place; made
 * - `NO-OP`: nothing
 */
export const verdicts = [
  'WIPE',
  'DOOMED',
  'REPLACE',
  'DESTROY',
  'ARMED',
  'IMPORT-WIPE',
  'REVIEW',
  'UPDATE',
  'CREATE',
  'NO-OP',
] as const;

export type Verdict = (typeof verdicts)[number];

/** What a verdict asks of the people around it. */
export type Severity = 'nothing' | 'safe' | 'needs-review' | 'destructive';

const severities: Readonly<Record<Verdict, Severity>> = {
  WIPE: 'destructive',
  DOOMED: 'destructive',
  REPLACE: 'destructive',
  DESTROY: 'destructive',
  ARMED: 'needs-review',
  'IMPORT-WIPE': 'needs-review',
  REVIEW: 'needs-review',
  UPDATE: 'safe',
  CREATE: 'safe',
  'NO-OP': 'nothing',
};

export const severityOf = (verdict: Verdict): Severity => severities[verdict];

/**
 * Exit codes of a review. None of them is a code by which commands fail (1 to 5), so that a wrong option or an
 * unreadable file is never taken for a safe plan.
 */
export const reviewExitCodes: Readonly<Record<Severity, number>> = {
  nothing: 0,
  safe: 10,
  'needs-review': 11,
  destructive: 12,
};

/** Place in the order: 0 is the worst. */
export const rankOf = (verdict: Verdict): number => verdicts.indexOf(verdict);

/** The worst of them; `NO-OP` of none. */
export const worstOf = (found: Iterable<Verdict>): Verdict =>
  [...found].reduce<Verdict>((worst, each) => (rankOf(each) < rankOf(worst) ? each : worst), 'NO-OP');
