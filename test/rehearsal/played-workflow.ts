import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commitOf, githubContext, refNameOf, type RepositoryEvent } from './event';
import { Open, textOf, type Members } from './expressions/evaluate';
import { ExpressionError } from './expressions/syntax';
import { fillIn, holds } from './expressions/template';
import { notPlayed, playJob, type PlayedJob } from './job';
import type { PlayedRun, RehearsalProps } from './rehearsal';
import type { Turns } from './turns';
import type { FileJob, WorkflowFile } from './workflow-file';

/** A run, as it was started. */
export interface Begun {
  readonly id: number;
  readonly file: string;
  readonly workflow: WorkflowFile;
  readonly event: RepositoryEvent;
  readonly cancelled: AbortController;
}

/** The jobs of a run. */
export class PlayedWorkflow {
  private readonly jobs = new Map<string, Promise<PlayedJob>>();

  constructor(
    private readonly props: RehearsalProps,
    private readonly run: Begun,
    private readonly turns: Turns,
  ) {}

  async whole(): Promise<PlayedRun> {
    const { id, file, workflow, cancelled } = this.run;
    const contexts = this.contexts();
    const cancel = (): void => cancelled.abort();
    const jobs = await this.turns.inTurn(workflow.concurrency, contexts, cancel, async () => {
      const ids = Object.keys(workflow.jobs);
      const ended = await Promise.all(ids.map(async (each) => [each, await this.job(each)] as const));
      return Object.fromEntries(ended);
    });
    if (jobs === undefined) return { id, file, result: 'cancelled', jobs: {} };
    const results = Object.values(jobs).map(({ result }) => result);
    const result = (['failure', 'cancelled'] as const).find((each) => results.includes(each)) ?? 'success';
    return { id, file, result, jobs };
  }

  /** A job, played once, however many wait for it. */
  private job(id: string): Promise<PlayedJob> {
    const job = this.run.workflow.jobs[id];
    if (job === undefined) throw new Error(`there is no job ${id}`);
    const begun = this.jobs.get(id) ?? this.play(id, job);
    this.jobs.set(id, begun);
    return begun;
  }

  private async play(id: string, job: FileJob): Promise<PlayedJob> {
    const { event, cancelled } = this.run;
    const before = await this.ended(job);
    const needs = Object.fromEntries(
      job.needs.map((need) => {
        const { result = 'skipped', outputs = {} } = before.get(need) ?? {};
        return [need, { result, outputs: new Open(outputs) }] as const;
      }),
    );
    const contexts = { ...this.contexts(), needs };
    const results = [...before.values()].map(({ result }) => result);
    const status = {
      always: () => true,
      cancelled: () => cancelled.signal.aborted,
      failure: () => results.includes('failure'),
      success: () => !cancelled.signal.aborted && results.every((each) => each === 'success'),
    };
    if (!holds(job.if, contexts, status))
      return notPlayed(cancelled.signal.aborted ? 'cancelled' : 'skipped');
    const environment = job.environment === undefined ? undefined : fillIn(job.environment, { contexts });
    const refusal = environment === undefined ? undefined : await this.refusal(id, environment, event);
    if (refusal !== undefined) return notPlayed('failure', refusal);
    // One that begins although the run was cancelled is not cut.
    const own = cancelled.signal.aborted ? new AbortController() : cancelled;
    const played = await this.turns.inTurn(
      job.concurrency,
      contexts,
      () => own.abort(),
      () =>
        this.turns.onMachine(() => this.onMachine(id, job, { contexts, environment, signal: own.signal })),
    );
    return played ?? notPlayed('cancelled');
  }

  private async onMachine(
    id: string,
    job: FileJob,
    on: {
      readonly contexts: Members;
      readonly environment: string | undefined;
      readonly signal: AbortSignal;
    },
  ): Promise<PlayedJob> {
    const { folder, repository, apiUrl, actor, actions, pins, standIns } = this.props;
    const { id: run, file, event } = this.run;
    const name = `${file}#${run} ${id}`;
    if (on.signal.aborted) return notPlayed('cancelled');
    this.turns.chronicle.push(`begin ${name}`);
    const root = join(folder, `${run}-${id}`);
    mkdirSync(root, { recursive: true });
    const token = this.props.tokenWith(job.permissions);
    const github = on.contexts['github'] as Members;
    const payload = join(root, 'event.json');
    writeFileSync(payload, JSON.stringify(github['event']));
    const variables = {
      ...this.props.machine(root),
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_ACTOR: actor,
      GITHUB_API_URL: apiUrl,
      GITHUB_BASE_REF: textOf(github['base_ref'] ?? null),
      GITHUB_EVENT_NAME: event.kind,
      GITHUB_EVENT_PATH: payload,
      GITHUB_HEAD_REF: textOf(github['head_ref'] ?? null),
      GITHUB_JOB: id,
      GITHUB_REF: textOf(github['ref'] ?? null),
      GITHUB_REF_NAME: refNameOf(event),
      GITHUB_REPOSITORY: repository,
      GITHUB_RUN_ID: String(run),
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_SHA: commitOf(event),
      GITHUB_WORKFLOW: this.run.workflow.name,
    };
    const contexts = {
      ...on.contexts,
      github: { ...github, token },
      secrets: this.secrets(id, on.environment),
      vars: this.held(this.props.variables, id, on.environment),
    };
    try {
      return await playJob({
        ...{ job, root, contexts, variables, run, token, actions, pins, standIns },
        signal: on.signal,
      });
    } finally {
      this.turns.chronicle.push(`end ${name}`);
    }
  }

  /** All the jobs that it waits for, by way of others too, when they have ended. */
  private async ended({ needs }: FileJob): Promise<ReadonlyMap<string, PlayedJob>> {
    const all = new Map<string, PlayedJob>();
    for (const need of needs) {
      all.set(need, await this.job(need));
      const further = this.run.workflow.jobs[need];
      if (further) for (const [id, played] of await this.ended(further)) all.set(id, played);
    }
    return all;
  }

  /** Why a job may not belong to an environment now. @throws Error when there is none: GitHub would make one without protection */
  private async refusal(
    job: string,
    environment: string,
    event: RepositoryEvent,
  ): Promise<string | undefined> {
    const protection = Object.hasOwn(this.props.environments, environment)
      ? this.props.environments[environment]
      : undefined;
    if (protection === undefined) throw new Error(`the repository has no environment "${environment}"`);
    const ref = refNameOf(event);
    if (!protection.branches.includes(ref))
      return `${ref} is not allowed to deploy to ${environment} due to environment protection rules.`;
    if (protection.review && !(await protection.review(job)))
      return `the reviewers of ${environment} have refused`;
    return undefined;
  }

  private contexts(): Members {
    const { repository, actor } = this.props;
    const { id, event, workflow } = this.run;
    const declared = Object.keys(workflow.on.workflow_dispatch?.inputs ?? {});
    const given = event.kind === 'workflow_dispatch' ? event.inputs : {};
    return {
      github: githubContext(event, { repository, actor, id }),
      inputs: Object.fromEntries(declared.map((name) => [name, given[name] ?? ''])),
      vars: this.held(this.props.variables, 'the workflow', undefined),
    };
  }

  private secrets(job: string, environment: string | undefined): Open {
    const { event } = this.run;
    if (event.kind !== 'pull_request' || event.from === this.props.repository)
      return this.held(this.props.secrets, job, environment);
    return new Open({}, (name) => {
      throw new ExpressionError(`${job} reads ${name}, and a pull request from a fork gets no secret`);
    });
  }

  /** What belongs to the repository, and to the environment of a job. What belongs to another one is not asked for. */
  private held(all: ReadonlyMap<string, string>, job: string, environment: string | undefined): Open {
    const own = (place: string): Readonly<Record<string, string>> =>
      Object.fromEntries(
        [...all].flatMap(([key, value]) =>
          key.startsWith(`${place}/`) ? [[key.slice(place.length + 1), value]] : [],
        ),
      );
    const members = { ...own('repository'), ...(environment === undefined ? {} : own(environment)) };
    return new Open(members, (name) => {
      if (Object.hasOwn(members, name)) return;
      const elsewhere = [...all.keys()].find((key) => key.endsWith(`/${name}`));
      if (elsewhere === undefined) return;
      const place = elsewhere.slice(0, elsewhere.indexOf('/'));
      throw new ExpressionError(
        `${job} reads ${name}, which is ${place}'s, and belongs to ${environment ?? 'no environment'}`,
      );
    });
  }
}
