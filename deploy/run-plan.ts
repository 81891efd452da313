import { ExitCode, Failure, messageOf } from '../foundation/failure';
import { ActionFailed, firstLine, transcript } from './action-failed';
import { Actions } from './actions';
import { unmet } from './expectation';
import { Holding } from './holding';
import type { PlanAdapters, StepResult } from './plan-adapters';
import type { Plan, Step } from './step';
import { allOf, stateLeft, stateUnknown, takeBack } from './take-back';
import { ConnectionLost } from './transport';

/**
 * Carries a plan out, step by step, and takes it back when a step fails: the undo of the step that failed, then of
 * those before it, last first. It knows nothing of what the steps are for.
 *
 * Whatever happens, commands that are held are let go. Before every step it is checked that they still hold.
 *
 * @throws Failure that says which step failed and why, with the programs' output, the state that is left, and what to
 *   run next: exit code 4 when somebody else has what the plan needs to hold, or was there in between, 5 when taking back failed as well, or was
 *   left undone because the lock or the connection was lost.
 */
export async function runPlan(plan: Plan, adapters: PlanAdapters): Promise<readonly StepResult[]> {
  const { clock, progress, observe = () => undefined } = adapters;
  const run = new PlanRun(plan, { ...adapters, observe });
  try {
    for (const step of plan.steps) {
      const started = clock.monotonic();
      observe({ kind: 'step-begun', step: step.id });
      const outcome = await progress.step(step.name, () => run.step(step), {
        why: step.why,
        describe: (how) => (how === 'done' ? undefined : how),
      });
      const milliseconds = clock.monotonic() - started;
      observe({ kind: 'step-done', step: step.id, outcome, milliseconds });
      run.results.push({ id: step.id, outcome, milliseconds });
    }
    return run.results;
  } finally {
    await run.end();
  }
}

class PlanRun {
  /** Of the steps that are done. */
  readonly results: StepResult[] = [];
  private readonly holding = new Holding();
  private readonly actions: Actions;
  /** Steps whose work was begun, in order: what there is to take back. */
  private readonly begun: Step[] = [];
  /** A step that settles the plan is done. */
  private settled = false;

  constructor(
    private readonly plan: Plan,
    private readonly adapters: PlanAdapters & Required<Pick<PlanAdapters, 'observe'>>,
  ) {
    this.actions = new Actions(adapters, this.holding, this.results);
  }

  /** To be called at the end, whatever that is. */
  end(): Promise<void> {
    return this.holding.letGo('end of plan');
  }

  async step(step: Step): Promise<StepResult['outcome']> {
    if (this.settled) return this.afterwards(step);
    let acted = false;
    try {
      this.adapters.signal?.throwIfAborted();
      this.holding.check();
      if (await this.isDone(step)) return 'was done already';
      if (!step.interruptible) await this.adapters.recorded;
      this.begun.push(step);
      const { signal } = this.adapters;
      const late = (): void => this.adapters.progress.note(`cancelled: "${step.name}" ends by itself first`);
      if (!step.interruptible) signal?.addEventListener('abort', late, { once: true });
      try {
        for (const action of step.actions) {
          this.adapters.signal?.throwIfAborted();
          // A step that must not be cut in two hears of a cancelled run only between its actions.
          await this.actions.act(action, step.interruptible ? this.adapters.signal : undefined);
          acted = true;
        }
      } finally {
        signal?.removeEventListener('abort', late);
        await this.holding.letGo('end of step');
        await this.cleanUp(step);
      }
      this.settled = step.settles === true;
      return 'done';
    } catch (thrown) {
      const notBegun = acted || !(thrown instanceof ActionFailed) ? undefined : thrown.notBegun;
      // Taken back, it would undo what the other run does.
      if (notBegun !== undefined) this.begun.pop();
      throw await this.failure({ ...step, leaves: notBegun ?? step.leaves }, thrown);
    }
  }

  /** A step after the one that settled the plan: no reason to fail, nor to leave it out. */
  private async afterwards(step: Step): Promise<StepResult['outcome']> {
    const { progress, redact, observe } = this.adapters;
    try {
      this.holding.check();
      if (await this.isDone(step)) return 'was done already';
      for (const action of step.actions) await this.actions.act(action, undefined);
    } catch (thrown) {
      const problem = redact(firstLine(messageOf(thrown)));
      const shown = await this.diagnosis(step, thrown);
      progress.note(`could not ${step.name}: ${problem}${shown && `\n${redact(shown)}`}`);
      observe({ kind: 'step-problem', step: step.id, problem });
    }
    await this.holding.letGo('end of step');
    await this.cleanUp(step);
    return 'done';
  }

  private async isDone({ doneWhen }: Step): Promise<boolean> {
    if (doneWhen === undefined) return false;
    for (const { command, expect } of doneWhen) {
      if (unmet(await this.adapters.transport.run(command), expect) !== undefined) return false;
    }
    return true;
  }

  /** Never hides how the step ended: what goes wrong here is a note. */
  private async cleanUp({ id, name, cleanUp = [] }: Step): Promise<void> {
    const problem = await allOf(cleanUp, this.adapters, this.holding);
    if (problem === undefined) return;
    this.adapters.progress.note(`after "${name}", cleaning up failed: ${problem}`);
    this.adapters.observe({ kind: 'step-problem', step: id, problem: `cleaning up failed: ${problem}` });
  }

  private async failure(step: Step, thrown: unknown): Promise<Failure> {
    const { redact, signal, transport } = this.adapters;
    const { begun } = this;
    const cancelled = signal?.aborted === true && thrown === signal.reason;
    const outOfReach = thrown instanceof ConnectionLost;
    const why = thrown instanceof Failure || thrown instanceof ActionFailed ? thrown : undefined;
    const reason = cancelled ? 'cancelled' : (why?.what ?? messageOf(thrown));
    this.adapters.observe({ kind: 'step-failed', step: step.id, why: redact(reason) });
    const diagnosis = cancelled ? '' : await this.diagnosis(step, thrown);
    const taking = await takeBack(begun, outOfReach, this.adapters, this.holding);
    const what = cancelled
      ? `cancelled at "${step.name}"`
      : `could not ${step.name} (${transport.describe()}): ${reason}`;
    return new Failure({
      what: redact(`${this.plan.title}: ${what}`),
      faults: (why?.faults ?? []).map(redact),
      output: redact([why?.output, diagnosis].filter(Boolean).join('\n')),
      state: redact(outOfReach ? stateUnknown(begun, taking) : stateLeft(step, begun, taking)),
      next: step.next,
      exitCode: taking instanceof Error ? ExitCode.degraded : (why?.exitCode ?? ExitCode.failed),
      cause: thrown,
    });
  }

  /** What is to be shown when a step fails, where the host can still be asked. */
  private async diagnosis({ diagnose = [] }: Step, thrown: unknown): Promise<string> {
    if (thrown instanceof ConnectionLost || !this.holding.holds()) return '';
    const texts: string[] = [];
    for (const command of diagnose) {
      const output = await this.adapters.transport.run(command).catch(() => undefined);
      if (output) texts.push(transcript(command, output));
    }
    return texts.join('\n');
  }
}
