import type { Job, Step, Workflow } from '../model';
import type { TargetEnvironment } from '../target';

export interface RuleContext {
  readonly environments: readonly TargetEnvironment[];
}

/** What is wrong, and where in a workflow. */
export interface Found {
  readonly job?: string;
  readonly step?: string;
  /** With the value, and what is allowed. */
  readonly problem: string;
}

export interface WorkflowFault extends Found {
  readonly code: string;
  readonly file: string;
}

export interface WorkflowRule {
  /** Stays the same for ever. */
  readonly code: string;
  /** What must hold. */
  readonly title: string;
  /** Where it comes from, or what happens without it. */
  readonly why: string;
  readonly check: (workflow: Workflow, context: RuleContext) => readonly Found[];
}

/** A rule that looks at one job at a time. */
export const eachJob =
  (check: (job: Job, workflow: Workflow, context: RuleContext) => readonly string[]): WorkflowRule['check'] =>
  (workflow, context) =>
    Object.entries(workflow.jobs).flatMap(([id, job]) =>
      check(job, workflow, context).map((problem) => ({ job: id, problem })),
    );

/** A rule that looks at one step at a time. */
export const eachStep =
  (check: (step: Step, job: Job, workflow: Workflow) => readonly string[]): WorkflowRule['check'] =>
  (workflow) =>
    Object.entries(workflow.jobs).flatMap(([id, job]) =>
      job.steps.flatMap((step) =>
        check(step, job, workflow).map((problem) => ({ job: id, step: step.name, problem })),
      ),
    );

/** Every text of a step that GitHub evaluates. */
export const textsOf = (step: Step): readonly string[] => [
  ...Object.values(step.env ?? {}),
  ...('uses' in step ? Object.values(step.with ?? {}).map(String) : []),
  ...('run' in step ? step.run : []),
  ...(step.when === undefined ? [] : [step.when]),
];

/** Names of the secrets that a job reads. */
export const secretsOf = (job: Job): readonly string[] => [
  ...new Set(
    job.steps.flatMap((step) =>
      textsOf(step).flatMap((text) =>
        [...text.matchAll(/\bsecrets(?:\.|\[')([A-Za-z0-9_]+)/g)].map(([, name]) => name ?? ''),
      ),
    ),
  ),
];

/** First words of the commands of ours that a job runs. */
export const commandsOf = (job: Job): readonly string[] =>
  job.steps.flatMap((step) => ('cogni' in step && typeof step.cogni[0] === 'string' ? [step.cogni[0]] : []));
