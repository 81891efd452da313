import { phases, type Phase } from '../../bootstrap';

/** What `bootstrap.sh check` found in one phase. */
export interface Finding {
  readonly phase: Phase;
  /**
   * - `ok`: all is as rendered.
   * - `acts`: a run would do `what`.
   * - `differs`: `what` is a file of the running edge, which no run touches.
   * - `failed`: it could not be found out.
   */
  readonly verdict: 'ok' | 'acts' | 'differs' | 'failed';
  /** Empty for `ok`. */
  readonly what: string;
}

const verdicts: readonly Finding['verdict'][] = ['ok', 'acts', 'differs', 'failed'];

/** The lines `phase <tab> verdict <tab> what`; other lines are what programs said, and no findings. */
export function parseFindings(stdout: string): Finding[] {
  return stdout.split('\n').flatMap((line) => {
    const [first, second, ...rest] = line.split('\t');
    const phase = phases.find((name) => name === first);
    const verdict = verdicts.find((name) => name === second);
    return phase && verdict && rest.length > 0 ? [{ phase, verdict, what: rest.join('\t') }] : [];
  });
}
