import type { Clock } from '../foundation/clock';
import { ExitCode, Failure, messageOf } from '../foundation/failure';
import type { Https } from '../foundation/https';
import type { Output } from '../foundation/process';
import type { Progress } from '../foundation/progress';
import { masked } from '../foundation/secret';
import { writeCommands } from './archive';
import { Attempts, keepTrying } from './attempts';
import { unmet } from './expectation';
import { gateAttempt } from './gate';
import { displayedCommandLine } from './quote';
import type { StepEvent } from './journal/event';
import type {
  Action,
  HoldAction,
  JudgeAction,
  Judgement,
  JudgeName,
  Plan,
  Retry,
  RunAction,
  Step,
  WriteAction,
} from './step';
import { ConnectionLost, isHeld, type Held, type RemoteCommand, type Transport } from './transport';

export interface PlanAdapters {
  readonly transport: Transport;
  /** Who judges what a command printed. @default - a plan that asks for a judge fails */
  readonly judges?: Readonly<Record<JudgeName, (printed: string) => Judgement>>;
  readonly https: Https;
  readonly clock: Clock;
  readonly progress: Progress;
  /** Takes secrets out of what programs printed. */
  readonly redact: (text: string) => string;
  /**
   * That the run was begun is written down. Steps that may be cut anywhere do not wait for it; what changes something does.
   * @default it is
   */
  readonly recorded?: Promise<void>;
  /** Told of everything that becomes of a step, as it happens; must not throw. @default nobody is */
  readonly observe?: (event: StepEvent) => void;
  /** Aborted: no further step is begun, and what was done is taken back. */
  readonly signal?: AbortSignal | undefined;
}

export interface StepResult {
  readonly id: string;
  readonly outcome: 'done' | 'was done already';
  readonly milliseconds: number;
}

/** Lines shown of each program's output. */
const shownLines = 40;

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
    await run.letGo('end of plan');
  }
}

/** Why an action did not come out as expected. */
class ActionFailed extends Error {
  override readonly name = 'ActionFailed';
  readonly output: string;
  readonly faults: readonly string[];
  readonly exitCode: ExitCode;

  constructor(
    readonly what: string,
    more: { output?: string; faults?: readonly string[]; exitCode?: ExitCode } = {},
  ) {
    super(what);
    this.output = more.output ?? '';
    this.faults = more.faults ?? [];
    this.exitCode = more.exitCode ?? ExitCode.failed;
  }
}

/** What the run held on the host is gone: from here on it must not touch the host. */
class HoldLost extends ActionFailed {}

const lockLost = 'the lock on the host was lost, and may be held by another run now';

class PlanRun {
  /** Of the steps that are done. */
  readonly results: StepResult[] = [];
  private held: { readonly what: Held; readonly until: HoldAction['until'] }[] = [];
  /** Steps whose work was begun, in order: what there is to take back. */
  private readonly begun: Step[] = [];
  /** A step that settles the plan is done. */
  private settled = false;

  constructor(
    private readonly plan: Plan,
    private readonly adapters: PlanAdapters & Required<Pick<PlanAdapters, 'observe'>>,
  ) {}

  async step(step: Step): Promise<StepResult['outcome']> {
    if (this.settled) return this.afterwards(step);
    try {
      this.adapters.signal?.throwIfAborted();
      this.checkHeld();
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
          await this.act(action, step.interruptible ? this.adapters.signal : undefined);
        }
      } finally {
        signal?.removeEventListener('abort', late);
        await this.letGo('end of step');
        await this.cleanUp(step);
      }
      this.settled = step.settles === true;
      return 'done';
    } catch (thrown) {
      throw await this.failure(step, thrown);
    }
  }

  /** A step after the one that settled the plan: no reason to fail, nor to leave it out. */
  private async afterwards(step: Step): Promise<StepResult['outcome']> {
    const { progress, redact, observe } = this.adapters;
    try {
      this.checkHeld();
      if (await this.isDone(step)) return 'was done already';
      for (const action of step.actions) await this.act(action, undefined);
    } catch (thrown) {
      const problem = redact(firstLine(messageOf(thrown)));
      const shown = await this.diagnosis(step, thrown);
      progress.note(`could not ${step.name}: ${problem}${shown && `\n${redact(shown)}`}`);
      observe({ kind: 'step-problem', step: step.id, problem });
    }
    await this.letGo('end of step');
    await this.cleanUp(step);
    return 'done';
  }

  async letGo(until: HoldAction['until']): Promise<void> {
    const leaving = this.held.filter((held) => until === 'end of plan' || held.until === until);
    this.held = this.held.filter((held) => !leaving.includes(held));
    for (const { what } of leaving.reverse()) await what.release();
  }

  private holds(): boolean {
    return this.held.every(({ what }) => what.alive());
  }

  private checkHeld(): void {
    if (!this.holds()) throw new HoldLost(lockLost);
  }

  private async isDone({ doneWhen }: Step): Promise<boolean> {
    if (doneWhen === undefined) return false;
    for (const { command, expect } of doneWhen) {
      if (unmet(await this.adapters.transport.run(command), expect) !== undefined) return false;
    }
    return true;
  }

  private async act(action: Action, signal: AbortSignal | undefined): Promise<void> {
    switch (action.do) {
      case 'run':
        return this.runCommand(action, signal);
      case 'write':
        for (const command of writeCommands(this.timed(action)))
          await this.runCommand({ do: 'run', command }, signal);
        return;
      case 'hold':
        return this.hold(action, signal);
      case 'judge':
        return this.judge(action, signal);
      case 'gate': {
        const attempt = (left: () => number): Promise<string | undefined> =>
          gateAttempt(action.checks, this.adapters.https, signal, left);
        return this.trying(attempt, action.retry, signal);
      }
    }
  }

  /** Puts what was measured into the files that ask for it. */
  private timed(action: WriteAction): WriteAction {
    const { results } = this;
    const timings = {
      milliseconds: results.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
      steps: results.map(({ id, milliseconds }) => ({ id, milliseconds })),
    };
    const files = action.files.map((file) => {
      if (!file.timings) return file;
      const document = JSON.parse(masked(file.content)) as object;
      return { ...file, content: `${JSON.stringify({ ...document, timings }, null, 2)}\n` };
    });
    return { ...action, files };
  }

  private async runCommand(
    { command, expect, retry, refusal = [], overtaken }: RunAction,
    signal?: AbortSignal,
  ): Promise<void> {
    const last: { output: string; code: number | null; timedOut: boolean } = {
      ...{ output: '', code: null, timedOut: false },
    };
    const attempt = async (left: () => number): Promise<string | undefined> => {
      const bounded = { ...command, deadline: Math.min(command.deadline, left()) };
      const ended = await this.adapters.transport.run(bounded, signal ? { signal } : {});
      signal?.throwIfAborted();
      last.output = transcript(command, ended);
      last.code = ended.code;
      last.timedOut = ended.timedOut;
      const reason = unmet(ended, expect);
      return reason && `${command.argv[0]} ${reason}`;
    };
    if (retry) return this.trying(attempt, retry, signal, () => last.output);
    const reason = await attempt(() => command.deadline);
    if (reason === undefined) return;
    const { output, code } = last;
    // A command that did not come to its end says nothing of another run.
    if (overtaken !== undefined && code !== null && !last.timedOut)
      throw new ActionFailed(overtaken, { faults: [reason], exitCode: ExitCode.locked });
    const refused = code !== null && refusal.includes(code);
    throw new ActionFailed(reason, { output, ...(refused ? { exitCode: ExitCode.refused } : {}) });
  }

  private async judge({ command, judge, accepted }: JudgeAction, signal?: AbortSignal): Promise<void> {
    const { transport, judges, progress, redact } = this.adapters;
    const ended = await transport.run(command, signal ? { signal } : {});
    signal?.throwIfAborted();
    if (judges === undefined) throw new ActionFailed(`nobody judges ${judge}`);
    // A judge says itself what it makes of no answer.
    const { faults, notes } = judges[judge](unmet(ended) === undefined ? ended.stdout : '');
    for (const note of notes) progress.note(redact(note));
    if (faults.length === 0) return;
    if (!accepted) throw new ActionFailed('a person must decide', { faults, exitCode: ExitCode.refused });
    for (const fault of faults) progress.note(redact(`let pass: ${fault}`));
  }

  private async trying(
    attempt: (left: () => number) => Promise<string | undefined>,
    retry: Retry,
    signal: AbortSignal | undefined,
    output = (): string => '',
  ): Promise<void> {
    try {
      await keepTrying(attempt, retry, this.adapters.clock, signal);
    } catch (thrown) {
      if (!(thrown instanceof Attempts)) throw thrown;
      const times = retry.inARow === undefined ? '' : ` ${retry.inARow} times in a row`;
      const what = `it did not come out as expected${times} within ${Math.round(retry.within / 1000)} s`;
      throw new ActionFailed(what, { output: output(), faults: thrown.reasons });
    }
  }

  private async hold({ command, until, taken }: HoldAction, signal: AbortSignal | undefined): Promise<void> {
    const { transport } = this.adapters;
    const result = await transport.hold(command, signal ? { signal } : {});
    if (isHeld(result)) {
      this.held.push({ what: result, until });
      return;
    }
    signal?.throwIfAborted();
    if (taken === undefined || result.code !== taken.exit) {
      const how = unmet(result) ?? 'ended before it said that it holds';
      throw new ActionFailed(`${command.argv[0]} ${how}`, { output: transcript(command, result) });
    }
    const by = (await transport.run(taken.by)).stdout.trim();
    throw new ActionFailed(`another run holds it: ${by || 'one that is just starting'}`, {
      exitCode: ExitCode.locked,
    });
  }

  /** Never hides how the step ended: what goes wrong here is a note. */
  private async cleanUp({ id, name, cleanUp = [] }: Step): Promise<void> {
    const problem = await this.allOf(cleanUp);
    if (problem === undefined) return;
    this.adapters.progress.note(`after "${name}", cleaning up failed: ${problem}`);
    this.adapters.observe({ kind: 'step-problem', step: id, problem: `cleaning up failed: ${problem}` });
  }

  /** Runs all of them, whatever becomes of each, for as long as what is held is held. @returns what went wrong */
  private async allOf(commands: readonly RemoteCommand[]): Promise<string | undefined> {
    const problems: string[] = [];
    for (const command of commands) {
      if (!this.holds()) {
        problems.push(lockLost);
        break;
      }
      const problem = await this.adapters.transport.run(command).then(
        (output) => unmet(output),
        (thrown: unknown) => firstLine(messageOf(thrown)),
      );
      if (problem !== undefined) problems.push(`"${displayedCommandLine(command.argv)}" ${problem}`);
    }
    return problems.length === 0 ? undefined : this.adapters.redact(problems.join('; '));
  }

  private async failure(step: Step, thrown: unknown): Promise<Failure> {
    const { redact, signal, transport } = this.adapters;
    const cancelled = signal?.aborted === true && thrown === signal.reason;
    const outOfReach = thrown instanceof ConnectionLost;
    const why = thrown instanceof Failure || thrown instanceof ActionFailed ? thrown : undefined;
    const reason = cancelled ? 'cancelled' : (why?.what ?? messageOf(thrown));
    this.adapters.observe({ kind: 'step-failed', step: step.id, why: redact(reason) });
    const diagnosis = cancelled ? '' : await this.diagnosis(step, thrown);
    const taking = await this.takeBack(outOfReach);
    const what = cancelled
      ? `cancelled at "${step.name}"`
      : `could not ${step.name} (${transport.describe()}): ${reason}`;
    return new Failure({
      what: redact(`${this.plan.title}: ${what}`),
      faults: (why?.faults ?? []).map(redact),
      output: redact([why?.output, diagnosis].filter(Boolean).join('\n')),
      state: redact(outOfReach ? this.stateUnknown(taking) : this.stateLeft(step, taking)),
      next: step.next,
      exitCode: taking instanceof Error ? ExitCode.degraded : (why?.exitCode ?? ExitCode.failed),
      cause: thrown,
    });
  }

  /** What is to be shown when a step fails, where the host can still be asked. */
  private async diagnosis({ diagnose = [] }: Step, thrown: unknown): Promise<string> {
    if (thrown instanceof ConnectionLost || !this.holds()) return '';
    const texts: string[] = [];
    for (const command of diagnose) {
      const output = await this.adapters.transport.run(command).catch(() => undefined);
      if (output) texts.push(transcript(command, output));
    }
    return texts.join('\n');
  }

  private async takeBack(outOfReach: boolean): Promise<TakenBack> {
    const steps = [...this.begun].reverse().filter(({ undo = [] }) => undo.length > 0);
    if (steps.length === 0) return 'nothing to do';
    if (outOfReach) return new Error('the host is out of reach, so nothing was taken back');
    if (!this.holds()) return new Error(`${lockLost}, so nothing was taken back`);
    const problems: string[] = [];
    for (const { id, undo } of steps) {
      const problem = await this.allOf(undo ?? []);
      this.adapters.observe({
        kind: 'step-taken-back',
        step: id,
        ...(problem === undefined ? {} : { problem }),
      });
      if (problem !== undefined) problems.push(problem);
      // What is left undone is told by the next step, where there is one.
      if (problem !== undefined && !this.holds()) break;
    }
    return problems.length === 0 ? 'done' : new Error(problems.join('; '));
  }

  private stateLeft({ leaves }: Step, taking: TakenBack): string {
    if (taking instanceof Error)
      return `${leaves} - but taking back what was begun failed: ${taking.message}${this.maybe()}`;
    return taking === 'done' ? `${leaves} (what was begun was taken back)` : leaves;
  }

  /** Nobody knows whether the last command was carried out. */
  private stateUnknown(taking: TakenBack): string {
    const what =
      taking instanceof Error ? taking.message : 'the host is out of reach; there was nothing to take back';
    return `${what}${this.maybe()}; the same command again converges from whatever is there`;
  }

  /** What may be so as nothing, or not all, was taken back: of the steps that were begun. */
  private maybe(): string {
    const told = this.begun.flatMap(({ unlessTakenBack }) => unlessTakenBack ?? []);
    return told.length === 0 ? '' : `: ${told.join('; ')}`;
  }
}

type TakenBack = 'nothing to do' | 'done' | Error;

/** A command and the end of what it printed. */
const transcript = ({ argv }: RemoteCommand, { stdout, stderr }: Output): string =>
  [`$ ${displayedCommandLine(argv)}`, lastLines(stdout), lastLines(stderr)].filter(Boolean).join('\n');

const lastLines = (text: string): string => text.trim().split('\n').slice(-shownLines).join('\n');

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';
