import { ExitCode } from '../foundation/failure';
import { masked } from '../foundation/secret';
import { ActionFailed, transcript } from './action-failed';
import { writeCommands } from './archive';
import { Attempts, keepTrying } from './attempts';
import { unmet } from './expectation';
import { gateAttempt } from './gate';
import type { Holding } from './holding';
import { endOf, programOf } from './behind-a-lock';
import type { PlanAdapters, StepResult } from './plan-adapters';
import type { Action, HoldAction, JudgeAction, Retry, RunAction, WriteAction } from './step';
import { isHeld } from './transport';

/** From here on exit codes are of timeout(1) and of shells, for a command that could not be run or was ended. */
const neverRan = 124;

/** Does the actions of steps, one at a time. What it is told to hold goes to `holding`. */
export class Actions {
  /** @param results of the steps that are done, as they grow: some files tell how long each took */
  constructor(
    private readonly adapters: PlanAdapters,
    private readonly holding: Holding,
    private readonly results: readonly StepResult[],
  ) {}

  /**
   * @param signal aborted: what is being done is ended
   * @throws ActionFailed when it did not come out as expected; ConnectionLost; the reason of the signal
   */
  async act(action: Action, signal: AbortSignal | undefined): Promise<void> {
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
    { command, expect, retry, refusal = [], overtaken, taken }: RunAction,
    signal?: AbortSignal,
  ): Promise<void> {
    const last: { output: string; code: number | null; timedOut: boolean } = {
      ...{ output: '', code: null, timedOut: false },
    };
    const attempt = async (left: () => number): Promise<string | undefined> => {
      const bounded = { ...command, deadline: Math.min(command.deadline, left()) };
      const ended = endOf(command, await this.adapters.transport.run(bounded, signal ? { signal } : {}));
      signal?.throwIfAborted();
      last.output = transcript(command, ended);
      last.code = ended.code;
      last.timedOut = ended.timedOut;
      const reason = unmet(ended, expect);
      return reason && `${programOf(command)} ${reason}`;
    };
    if (retry) return this.trying(attempt, retry, signal, () => last.output);
    const reason = await attempt(() => command.deadline);
    if (reason === undefined) return;
    const { output, code } = last;
    // A command that was not begun, or did not come to its end, says nothing of another run.
    const ended = code !== null && code < neverRan && !last.timedOut;
    if (ended && taken?.exit === code)
      throw new ActionFailed(taken.says, { output, exitCode: ExitCode.locked, notBegun: taken.leaves });
    if (ended && overtaken !== undefined)
      throw new ActionFailed(overtaken, { faults: [reason], exitCode: ExitCode.locked });
    const refused = code !== null && refusal.includes(code);
    throw new ActionFailed(reason, { output, ...(refused ? { exitCode: ExitCode.refused } : {}) });
  }

  private async judge({ command, judge, accepted }: JudgeAction, signal?: AbortSignal): Promise<void> {
    const { transport, judges, progress, redact } = this.adapters;
    const ended = await transport.run(command, signal ? { signal } : {});
    signal?.throwIfAborted();
    if (judges === undefined) throw new ActionFailed(`nobody judges ${judge}`);
    const reason = unmet(ended);
    const said = ended.stderr.trim().split('\n').at(-1) ?? '';
    // A judge says itself what it makes of no answer.
    const { faults, notes } = judges[judge](
      reason === undefined
        ? { printed: ended.stdout }
        : { failed: `${command.argv[0]} ${reason}${said && `: ${said}`}` },
    );
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
      this.holding.add(result, until);
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
}
