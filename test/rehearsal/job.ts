import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, messageOf } from '../../foundation/failure';
import { run } from '../../foundation/process';
import { processesWith } from '../processes';
import { StepFailed, type ActionDouble } from './actions';
import { annotationsIn, parseCommandFile, type Annotation } from './command-files';
import { Open, type Members, type Value } from './expressions/evaluate';
import { fillIn, holds } from './expressions/template';
import type { FileJob, FileStep } from './workflow-file';

export type Result = 'success' | 'failure' | 'cancelled' | 'skipped';

export interface PlayedStep {
  readonly name: string;
  readonly result: Result;
  /** Why something else was done in its place, where that was so. */
  readonly standIn?: string;
}

export interface PlayedJob {
  readonly result: Result;
  readonly outputs: Readonly<Record<string, string>>;
  readonly steps: readonly PlayedStep[];
  /** All that its steps have printed; nothing is masked. */
  readonly log: string;
  readonly annotations: readonly Annotation[];
  /** What its steps have put on the page of the run. */
  readonly summary: string;
}

/** The machine that a job gets: a new one each time, and gone afterwards. */
export interface JobProps {
  readonly job: FileJob;
  /** Folder of its own; it is removed in the end. */
  readonly root: string;
  /** Contexts that all its steps have; `github` with the token among them. */
  readonly contexts: Members;
  /** Variables of the machine and of the run: nothing else of this process is handed on. */
  readonly variables: Readonly<Record<string, string>>;
  readonly run: number;
  readonly token: string;
  /** By name without its commit: `actions/checkout`. */
  readonly actions: Readonly<Record<string, ActionDouble>>;
  /** Commit of each action: another one is another action. */
  readonly pins: Readonly<Record<string, { readonly commit: string }>>;
  /** Scripts that are not run, and why. */
  readonly standIns: Readonly<Record<string, string>>;
  /** Ends it in the middle. */
  readonly signal: AbortSignal;
}

const nothing: PlayedJob = {
  result: 'skipped',
  outputs: {},
  steps: [],
  log: '',
  annotations: [],
  summary: '',
};

/** A job that did not get as far as its steps. */
export const notPlayed = (result: Result, log = ''): PlayedJob => ({ ...nothing, result, log });

/**
 * Runs the steps of a job as GitHub's runner does (GitHub documentation, "Workflow syntax", `jobs.<job_id>.steps`).
 *
 * @throws Error for an action, input or expression that is not known here: that is no failure of the step
 */
export async function playJob(props: JobProps): Promise<PlayedJob> {
  const machine = new JobMachine(props);
  try {
    for (const [index, step] of props.job.steps.entries()) await machine.play(step, index);
    return machine.finish();
  } finally {
    machine.remove();
  }
}

class JobMachine {
  private readonly steps: (PlayedStep & { readonly id: string | undefined; readonly outputs: Open })[] = [];
  private readonly tracking = randomUUID();
  private readonly deadline: number;
  private log = '';
  private kept: Readonly<Record<string, string>> = {};

  constructor(private readonly props: JobProps) {
    this.deadline = performance.now() + props.job['timeout-minutes'] * 60_000;
    for (const folder of ['work', 'temp', 'home', 'files']) mkdirSync(this.path(folder), { recursive: true });
    writeFileSync(this.path('files', 'summary'), '');
  }

  async play(step: FileStep, index: number): Promise<void> {
    const { contexts, signal } = this.props;
    const failed = this.steps.some(({ result }) => result === 'failure');
    const here = { ...contexts, steps: this.stepsContext(), runner: { temp: this.path('temp') } };
    const withoutSecrets = Object.fromEntries(Object.entries(here).filter(([name]) => name !== 'secrets'));
    const status = {
      always: () => true,
      cancelled: () => signal.aborted,
      failure: () => failed,
      success: () => !failed && !signal.aborted,
    };
    const { name, id } = step;
    const end = (result: Result, outputs = {}, more = {}): void =>
      void this.steps.push({ name, id, result, outputs: new Open(outputs), ...more });
    if (!holds(step.if, withoutSecrets, status)) return end('skipped');
    const standIn = step.run === undefined ? undefined : this.props.standIns[step.run];
    if (standIn !== undefined) return end('success', {}, { standIn });
    this.log += `# ${name}\n`;
    const filled = (texts: Readonly<Record<string, unknown>>): Record<string, string> =>
      Object.fromEntries(
        Object.entries(texts).map(([key, text]) => [key, fillIn(String(text), { contexts: here })]),
      );
    const outputs = this.path('files', `output-${index}`);
    const variables = {
      ...this.variables(index, outputs),
      ...this.kept,
      ...filled(step.env),
    };
    writeFileSync(outputs, '');
    writeFileSync(this.path('files', `env-${index}`), '');
    const good =
      step.uses === undefined
        ? await this.script(step.run ?? '', index, variables)
        : await this.action(step.uses, filled(step.with));
    this.kept = { ...this.kept, ...parseCommandFile(this.text(`env-${index}`)) };
    end(
      good ? 'success' : signal.aborted ? 'cancelled' : 'failure',
      parseCommandFile(this.text(`output-${index}`)),
    );
  }

  finish(): PlayedJob {
    const { contexts, job, signal } = this.props;
    const here = { ...contexts, steps: this.stepsContext() };
    const outputs = Object.entries(job.outputs).map(
      ([name, text]) => [name, fillIn(text, { contexts: here })] as const,
    );
    const failed = this.steps.some(({ result }) => result === 'failure');
    return {
      result: failed ? 'failure' : signal.aborted ? 'cancelled' : 'success',
      outputs: Object.fromEntries(outputs),
      steps: this.steps.map(({ name, result, standIn }) => ({
        name,
        result,
        ...(standIn === undefined ? {} : { standIn }),
      })),
      log: this.log,
      annotations: annotationsIn(this.log),
      summary: this.text('summary'),
    };
  }

  /** Ends what the steps have left running, as the runner does, and throws the machine away. */
  remove(): void {
    for (const { id } of processesWith(`RUNNER_TRACKING_ID=${this.tracking}`)) {
      try {
        process.kill(id);
      } catch {
        // It has ended meanwhile.
      }
    }
    rmSync(this.props.root, { recursive: true, force: true });
  }

  private async script(
    script: string,
    index: number,
    variables: Readonly<Record<string, string>>,
  ): Promise<boolean> {
    const file = this.path('temp', `${index}.sh`);
    writeFileSync(file, `${script}\n`);
    // Nothing of this process is handed on that is not said.
    const own = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
    const output = await run(
      {
        argv: ['bash', '--noprofile', '--norc', '-eo', 'pipefail', file],
        cwd: this.path('work'),
        env: { ...own, ...variables },
        deadline: Math.max(1, this.deadline - performance.now()),
      },
      // What runs after a cancellation all the same (`always()`) is not cut.
      {
        onOutput: (chunk) => void (this.log += chunk),
        ...(this.props.signal.aborted ? {} : { signal: this.props.signal }),
      },
    );
    if (output.code === 0) return true;
    this.log += `Error: ${output.timedOut ? 'the time limit of the job was reached' : `exit code ${output.code}`}\n`;
    return false;
  }

  private async action(uses: string, given: Readonly<Record<string, string>>): Promise<boolean> {
    const { actions, pins, job, run: number, token } = this.props;
    const [name = '', commit] = uses.split('@');
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (action === undefined || pins[name]?.commit !== commit)
      throw new Error(`nobody plays the action ${uses} here`);
    const unknown = Object.keys(given).filter((input) => !action.inputs.includes(input));
    if (unknown.length > 0) throw new Error(`${name} is not played with ${unknown.join(', ')}`);
    try {
      const { permissions } = job;
      await action.run({ with: given, workspace: this.path('work'), permissions, token, run: number });
      return true;
    } catch (thrown) {
      if (!(thrown instanceof StepFailed) && !(thrown instanceof Failure)) throw thrown;
      this.log += `Error: ${messageOf(thrown)}\n`;
      return false;
    }
  }

  private variables(index: number, outputs: string): Readonly<Record<string, string>> {
    return {
      ...this.props.variables,
      HOME: this.path('home'),
      RUNNER_TEMP: this.path('temp'),
      RUNNER_TRACKING_ID: this.tracking,
      GITHUB_WORKSPACE: this.path('work'),
      GITHUB_OUTPUT: outputs,
      GITHUB_ENV: this.path('files', `env-${index}`),
      GITHUB_STEP_SUMMARY: this.path('files', 'summary'),
    };
  }

  private stepsContext(): Members {
    return Object.fromEntries(
      this.steps.flatMap(({ id, outputs, result }): (readonly [string, Value])[] =>
        id === undefined ? [] : [[id, { outputs, outcome: result, conclusion: result }]],
      ),
    );
  }

  private path = (...parts: readonly string[]): string => join(this.props.root, ...parts);
  private text = (file: string): string => readFileSync(this.path('files', file), 'utf8');
}
