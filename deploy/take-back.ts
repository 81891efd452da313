import { messageOf } from '../foundation/failure';
import { firstLine } from './action-failed';
import { unmet } from './expectation';
import { lockLost, type Holding } from './holding';
import type { PlanAdapters } from './plan-adapters';
import { endOf, isKeptOut } from './behind-a-lock';
import { displayedCommandLine } from './quote';
import type { Step } from './step';
import type { RemoteCommand } from './transport';

/** An error says what could not be taken back, and why. */
export type TakenBack = 'nothing to do' | 'done' | Error;

type Observed = PlanAdapters & Required<Pick<PlanAdapters, 'observe'>>;

/**
 * Takes steps back, last first, whatever becomes of each.
 *
 * @param begun steps whose work was begun, in order
 * @param outOfReach the connection is gone: nothing can be
 */
export async function takeBack(
  begun: readonly Step[],
  outOfReach: boolean,
  adapters: Observed,
  holding: Holding,
): Promise<TakenBack> {
  const steps = [...begun].reverse().filter(({ undo = [] }) => undo.length > 0);
  if (steps.length === 0) return 'nothing to do';
  if (outOfReach) return new Error('the host is out of reach, so nothing was taken back');
  if (!holding.holds()) return new Error(`${lockLost}, so nothing was taken back`);
  const problems: string[] = [];
  for (const { id, undo } of steps) {
    const problem = await allOf(undo ?? [], adapters, holding);
    adapters.observe({ kind: 'step-taken-back', step: id, ...(problem === undefined ? {} : { problem }) });
    if (problem !== undefined) problems.push(problem);
    // What is left undone is told by the next step, where there is one.
    if (problem !== undefined && !holding.holds()) break;
  }
  return problems.length === 0 ? 'done' : new Error(problems.join('; '));
}

/** Runs all of them, whatever becomes of each, for as long as what is held is held. @returns what went wrong, redacted */
export async function allOf(
  commands: readonly RemoteCommand[],
  { transport, redact }: PlanAdapters,
  holding: Holding,
): Promise<string | undefined> {
  const problems: string[] = [];
  for (const command of commands) {
    if (!holding.holds()) {
      problems.push(lockLost);
      break;
    }
    const problem = await transport.run(command).then(
      (output) =>
        isKeptOut(command, output)
          ? 'was not begun: another run is at work there, and has not ended'
          : unmet(endOf(command, output)),
      (thrown: unknown) => firstLine(messageOf(thrown)),
    );
    if (problem !== undefined) problems.push(`"${displayedCommandLine(command.argv)}" ${problem}`);
  }
  return problems.length === 0 ? undefined : redact(problems.join('; '));
}

/** What state is left when a step failed. */
export function stateLeft({ leaves }: Step, begun: readonly Step[], taking: TakenBack): string {
  if (taking instanceof Error)
    return `${leaves} - but taking back what was begun failed: ${taking.message}${maybe(begun)}`;
  return taking === 'done' ? `${leaves} (what was begun was taken back)` : leaves;
}

/** The same where the connection is gone: nobody knows whether the last command was carried out. */
export function stateUnknown(begun: readonly Step[], taking: TakenBack): string {
  const what =
    taking instanceof Error ? taking.message : 'the host is out of reach; there was nothing to take back';
  return `${what}${maybe(begun)}; the same command again converges from whatever is there`;
}

/** What may be so as nothing, or not all, was taken back: of the steps that were begun. */
function maybe(begun: readonly Step[]): string {
  const told = begun.flatMap(({ unlessTakenBack }) => unlessTakenBack ?? []);
  return told.length === 0 ? '' : `: ${told.join('; ')}`;
}
