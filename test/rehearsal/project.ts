import { join } from 'node:path';
import lock from '../../workflows/actions.lock.json';
import type { GithubDouble } from '../unit/workflows/github/double';
import { Artifacts, checkoutDouble } from './actions';
import type { RepositoryEvent } from './event';
import type { PlayedJob } from './job';
import { Rehearsal, type PlayedRun, type Run } from './rehearsal';
import { Origin } from './repository';
import { GhDouble, NodeDouble, terraformDouble, type Dispatched } from './tools';

type PullRequest = Extract<RepositoryEvent, { kind: 'pull_request' }>;

export interface ProjectProps {
  /** Everything of it lies there. */
  readonly folder: string;
  /** The project is what lies here, with its packages. */
  readonly checkout: string;
  readonly github: GithubDouble;
  readonly actor: string;
  /** What the registry takes from a job that may push. */
  readonly registryToken: string;
  /** Variables of a job's machine, PATH apart. */
  readonly machine: (root: string) => Readonly<Record<string, string>>;
  /** What the team has written down for itself: texts by path, made from those of the checkout. */
  readonly own: Readonly<Record<string, (text: string) => string>>;
}

/** Scripts that are not run once more inside of a test. */
const standIns = Object.fromEntries(
  ['static unit', 'contract tool', 'e2e'].map((tiers) => [
    `./cogni test ${tiers}`,
    'the tests are what plays this',
  ]),
);

/** This project in a team's repository at GitHub, with branches `staging` and `main` and an environment for each. */
export class Project {
  readonly repository = 'cogni-dao/cogni-infra';
  readonly rehearsal: Rehearsal;
  readonly artifacts: Artifacts;
  /** Every run that has ended. */
  readonly played: PlayedRun[] = [];
  /** Environments whose reviewers were asked, in order. */
  readonly asked: string[] = [];
  private readonly gh: GhDouble;
  private pulls = 0;

  private constructor(
    props: ProjectProps,
    readonly origin: Origin,
  ) {
    const { folder, github, actor, registryToken } = props;
    this.artifacts = new Artifacts(join(folder, 'artifacts'));
    const starter = 'ghs_may-start-workflows';
    this.gh = new GhDouble(Project.programs(folder), starter, this.repository);
    this.rehearsal = new Rehearsal({
      folder: join(folder, 'machines'),
      repository: this.repository,
      origin,
      actor,
      apiUrl: github.url,
      secrets: github.secrets,
      variables: github.variables,
      environments: {
        preview: { branches: ['staging'] },
        production: { branches: ['main'], review: () => this.asked.push('production') > 0 },
        // What looks at night runs on the default branch, and nobody is asked.
        'preview-look': { branches: ['main'] },
        'production-look': { branches: ['main'] },
      },
      // A token is good for what its job may do, and for nothing else.
      tokenWith: (permissions) => {
        if (permissions['packages'] === 'write') return registryToken;
        if (permissions['pull-requests'] === 'write' || permissions['issues'] === 'write')
          return github.token;
        return permissions['actions'] === 'write' ? starter : 'ghs_may-read';
      },
      machine: (root) => ({
        ...props.machine(root),
        PATH: `${Project.programs(folder)}:${process.env['PATH'] ?? ''}`,
      }),
      actions: {
        'actions/checkout': checkoutDouble(origin.folder),
        'actions/setup-node': new NodeDouble(props.checkout, join(folder, 'compiled')),
        'actions/upload-artifact': this.artifacts.upload,
        'actions/download-artifact': this.artifacts.download,
        'hashicorp/setup-terraform': terraformDouble,
      },
      pins: lock,
      standIns,
      machines: 2,
    });
  }

  /** Where programs stand in front of those of the machine. */
  static programs = (folder: string): string => join(folder, 'programs');

  static async make(props: ProjectProps): Promise<Project> {
    const origin = await Origin.make(join(props.folder, 'origin.git'));
    const snapshot = await origin.commitFolder(props.checkout, 'The project');
    const own: Record<string, string> = {};
    for (const [path, change] of Object.entries(props.own))
      own[path] = change((await origin.fileOf(snapshot, path)) ?? '');
    const first = await origin.commit(snapshot, own, "What is the team's own");
    for (const branch of ['main', 'staging']) await origin.setBranch(branch, first);
    return new Project(props, origin);
  }

  /** A commit on top of a branch in which files differ: by path, from their texts. The branch does not move. */
  async change(branch: string, files: Readonly<Record<string, (text: string) => string>>): Promise<string> {
    const base = await this.origin.headOf(branch);
    const texts: Record<string, string> = {};
    for (const [path, change] of Object.entries(files)) {
      const before = (await this.origin.fileOf(base, path)) ?? '';
      texts[path] = change(before);
      if (texts[path] === before) throw new Error(`${path} was not changed`);
    }
    return this.origin.commit(base, texts, `Change ${Object.keys(files).join(', ')}`);
  }

  /** @param from full name of the repository of its branch. @default this one */
  async pullRequest(base: string, head: string, from = this.repository): Promise<PullRequest> {
    this.pulls += 1;
    const merge = await this.origin.mergeCommit(
      await this.origin.headOf(base),
      head,
      `Merge ${head} into ${base}`,
    );
    await this.origin.git('update-ref', `refs/pull/${this.pulls}/merge`, merge);
    const branch = { branch: 'change', commit: head };
    return { kind: 'pull_request', number: this.pulls, base, from, head: branch, merge };
  }

  /** Merges it. @returns the push that this is */
  async merge({ base, merge }: PullRequest): Promise<RepositoryEvent> {
    const before = await this.origin.headOf(base);
    await this.origin.setBranch(base, merge);
    return { kind: 'push', branch: base, before, after: merge };
  }

  /** Plays a workflow that starts at an hour, on the default branch. */
  async atNight(file: string): Promise<PlayedRun> {
    return this.play({ kind: 'schedule', branch: 'main', commit: await this.origin.headOf('main') }, file);
  }

  /** Starts a workflow by hand. */
  async dispatch(file: string, branch: string, inputs: Readonly<Record<string, string>>): Promise<Run> {
    const commit = await this.origin.headOf(branch);
    const [run] = await this.rehearsal.start({ kind: 'workflow_dispatch', file, branch, commit, inputs });
    if (run === undefined) throw new Error(`there is no ${file} on ${branch}`);
    return run;
  }

  /** Waits for its end. */
  async end(run: Run): Promise<PlayedRun> {
    const played = await run.ended;
    this.played.push(played);
    return played;
  }

  async byHand(file: string, branch: string, inputs: Readonly<Record<string, string>>): Promise<PlayedRun> {
    return this.end(await this.dispatch(file, branch, inputs));
  }

  /** Plays one of the workflows that an event starts. */
  async play(event: RepositoryEvent, file: string): Promise<PlayedRun> {
    const [run] = await this.rehearsal.start(event, [file]);
    if (run === undefined) throw new Error(`${event.kind} does not start ${file}`);
    return this.end(run);
  }

  /** What jobs have started since this was asked last. */
  started = (): readonly Dispatched[] => this.gh.taken();
}

/** All that a run has said, job by job, for whoever reads a failing test. */
export const storyOf = ({ file, jobs }: PlayedRun): string =>
  Object.entries(jobs)
    .map(([id, { result, log }]) => `── ${file} ${id}: ${result}\n${log.slice(-4_000)}`)
    .join('\n');

/** The run, which has succeeded as a whole. @throws Error with all that it has said otherwise */
export function green(run: PlayedRun): PlayedRun {
  if (run.result === 'success') return run;
  throw new Error(`${run.file} ended with ${run.result}\n${storyOf(run)}`);
}

/** A job of a run. @throws Error when there is none */
export function jobOf(run: PlayedRun, id: string): PlayedJob {
  const job = run.jobs[id];
  if (job === undefined) throw new Error(`${run.file} has no job ${id}`);
  return job;
}
