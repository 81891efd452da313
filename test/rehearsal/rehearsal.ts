import type { ActionDouble } from './actions';
import { commitOf, type RepositoryEvent } from './event';
import type { PlayedJob, Result } from './job';
import { PlayedWorkflow } from './played-workflow';
import type { Origin } from './repository';
import { Turns } from './turns';
import { readWorkflowFile, type FileJob, type WorkflowFile } from './workflow-file';

/** A GitHub environment, with what protects it. */
export interface GithubEnvironment {
  /** Branches whose runs may belong to it. */
  readonly branches: readonly string[];
  /** What its reviewers say, before a job of it starts. @default - nobody is asked */
  readonly review?: (job: string) => boolean | Promise<boolean>;
}

export interface RehearsalProps {
  /** Where machines of jobs are made. */
  readonly folder: string;
  /** `owner/name` */
  readonly repository: string;
  readonly origin: Origin;
  readonly actor: string;
  readonly apiUrl: string;
  /** What GitHub keeps, by `<environment>/<name>` or `repository/<name>`. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly variables: ReadonlyMap<string, string>;
  readonly environments: Readonly<Record<string, GithubEnvironment>>;
  /** Token of a job with these rights. */
  readonly tokenWith: (permissions: FileJob['permissions']) => string;
  /** Variables of a new machine; `root` is its folder. */
  readonly machine: (root: string) => Readonly<Record<string, string>>;
  readonly actions: Readonly<Record<string, ActionDouble>>;
  readonly pins: Readonly<Record<string, { readonly commit: string }>>;
  readonly standIns: Readonly<Record<string, string>>;
  /** How many machines there are. */
  readonly machines: number;
}

/** A run of a workflow, from its beginning. */
export interface Run {
  readonly id: number;
  readonly file: string;
  readonly ended: Promise<PlayedRun>;
  /** As somebody who presses the button: what runs is ended, what has not begun does not begin. */
  readonly cancel: () => void;
}

export interface PlayedRun {
  readonly id: number;
  readonly file: string;
  readonly result: Result;
  readonly jobs: Readonly<Record<string, PlayedJob>>;
}

/** Plays the workflows of a repository on this machine, from the files of the very commit that they run for. */
export class Rehearsal {
  private readonly turns: Turns;
  private runs = 0;

  constructor(private readonly props: RehearsalProps) {
    this.turns = new Turns(props.machines);
  }

  /** What began and ended, in order: `begin deploy-production.yml#4 deploy`. */
  get chronicle(): readonly string[] {
    return this.turns.chronicle;
  }

  /**
   * Starts every workflow that an event starts.
   *
   * @param only names of files: the others are left out. @default - all
   * @throws Error for a workflow that is not known here, or inputs that GitHub would not take
   */
  async start(event: RepositoryEvent, only?: readonly string[]): Promise<readonly Run[]> {
    const commit = commitOf(event);
    const files = await this.props.origin.filesIn(commit, '.github/workflows');
    const changed = event.kind === 'push' ? await this.props.origin.changed(event.before, event.after) : [];
    const started: Run[] = [];
    for (const file of files) {
      if (only !== undefined && !only.includes(file)) continue;
      const text = (await this.props.origin.fileOf(commit, `.github/workflows/${file}`)) ?? '';
      const workflow = readWorkflowFile(file, text);
      if (startsBy(workflow, file, event, changed)) started.push(this.begin(file, workflow, event));
    }
    return started;
  }

  /** Starts them and waits for their ends. */
  async play(event: RepositoryEvent, only?: readonly string[]): Promise<Readonly<Record<string, PlayedRun>>> {
    const runs = await this.start(event, only);
    const ended = await Promise.all(runs.map((run) => run.ended));
    return Object.fromEntries(ended.map((run) => [run.file, run]));
  }

  private begin(file: string, workflow: WorkflowFile, event: RepositoryEvent): Run {
    const id = (this.runs += 1);
    const cancelled = new AbortController();
    const cancel = (): void => cancelled.abort();
    const ended = new PlayedWorkflow(
      this.props,
      { id, file, workflow, event, cancelled },
      this.turns,
    ).whole();
    // Whoever waits for it is told; nobody may be waiting yet.
    ended.catch(() => undefined);
    return { id, file, cancel, ended };
  }
}

/** Whether a file is one that a workflow wants to be changed. */
const fits = (path: string, pattern: string): boolean =>
  pattern.endsWith('/**') ? path.startsWith(pattern.slice(0, -2)) : path === pattern;

/** Whether a workflow runs for an event; `changed` are the files of a push. @throws Error for inputs that GitHub would not take */
function startsBy(
  { on }: WorkflowFile,
  file: string,
  event: RepositoryEvent,
  changed: readonly string[],
): boolean {
  switch (event.kind) {
    case 'push':
      if (!on.push?.branches.includes(event.branch)) return false;
      return on.push.paths?.some((pattern) => changed.some((path) => fits(path, pattern))) ?? true;
    case 'pull_request':
      return on.pull_request?.branches.includes(event.base) ?? false;
    case 'schedule':
      return on.schedule !== undefined;
    case 'workflow_dispatch': {
      if (event.file !== file) return false;
      if (on.workflow_dispatch === undefined) throw new Error(`${file} cannot be started by hand`);
      const declared = on.workflow_dispatch.inputs;
      const unknown = Object.keys(event.inputs).filter((name) => !Object.hasOwn(declared, name));
      if (unknown.length > 0) throw new Error(`Unexpected inputs provided: ${unknown.join(', ')}`);
      for (const [name, { required, options }] of Object.entries(declared)) {
        const value = event.inputs[name] ?? '';
        if (required && value === '') throw new Error(`Required input '${name}' not provided`);
        if (options && value !== '' && !options.includes(value))
          throw new Error(`Provided value '${value}' for input '${name}' not in the list of allowed values`);
      }
      return true;
    }
  }
}
