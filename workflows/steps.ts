import { workflowValues } from '../services';
import { pinned } from './actions';
import {
  expression,
  type ActionStep,
  type CogniStep,
  type Job,
  type ShellStep,
  type Step,
  type Variable,
} from './model';

/** Node.js of every job: the newest that package.json allows. */
const nodeVersion = '22';

/** The checkout of a commit, and `./cogni` ready to run: with Node.js, its packages, and compiled. */
export const prepared = (checkout: CheckoutProps = {}): readonly Step[] => [
  checkoutStep(checkout),
  {
    name: 'Node.js',
    uses: pinned('actions/setup-node'),
    // No cache of packages: what one job left there, another with more rights would run.
    with: { 'node-version': nodeVersion, 'package-manager-cache': false },
  },
  ...(checkout.asked ? [goToAskedCommit] : []),
  installed,
];

export interface CheckoutProps {
  /** Expression of the commit. @default - the one that the workflow runs for */
  readonly commit?: string;
  /** The whole history, for comparing commits. @default false */
  readonly history?: boolean;
  /** Goes from there to the {@link askedCommit}. @default false */
  readonly asked?: boolean;
}

/**
 * `./cogni` installs and compiles by itself when it is first run. Here that is a step that has no secret: scripts of packages run in
 * it, and would see what the command is given.
 */
const installed: ShellStep = { name: 'Install the packages, and compile', run: ['./cogni --version'] };

/** Without the token: no later step can push with it. */
const checkoutStep = ({
  commit = 'github.sha',
  asked = false,
  history = asked,
}: CheckoutProps): ActionStep => ({
  name: 'Check out the commit',
  uses: pinned('actions/checkout'),
  with: { ref: expression(commit), 'persist-credentials': false, ...(history ? { 'fetch-depth': 0 } : {}) },
});

/** The commit that a person, or another workflow, has asked for. */
export const askedCommit: Variable = {
  variable: 'COMMIT',
  example: '0123456789012345678901234567890123456789',
};

/**
 * Goes to the commit that was asked for, if it has been merged: only what was reviewed runs with the secrets of an
 * environment, and what a job uses comes from the commit of the image.
 */
export const goToAskedCommit: ShellStep = {
  name: 'Go to the commit, which must have been merged',
  env: { COMMIT: expression('inputs.commit') },
  run: [
    'if ! [[ "$COMMIT" =~ ^[0-9a-f]{40}$ ]]; then echo "::error::not a full commit SHA"; exit 2; fi',
    'git merge-base --is-ancestor "$COMMIT" HEAD || { echo "::error::$COMMIT is not part of $GITHUB_REF_NAME"; exit 3; }',
    'git checkout --quiet --detach "$COMMIT"',
  ],
};

/** Where the agent listens; `SSH_AUTH_SOCK` of the steps after it. */
export const agentSocket = { SSH_AUTH_SOCK: expression("format('{0}/agent.sock', runner.temp)") };

/** The deploy key goes from the secret into the agent, through a pipe: into no file, and into no argument. */
export const sshAgent: ShellStep = {
  name: 'Hand the deploy key to an SSH agent',
  env: { ...agentSocket, ...workflowValues(['SSH_DEPLOY_KEY']) },
  run: ['ssh-agent -a "$SSH_AUTH_SOCK" > "$RUNNER_TEMP/agent.env"', 'printenv SSH_DEPLOY_KEY | ssh-add -q -'],
};

/** The registry, as the workflow itself. */
export const registryLogin = {
  REGISTRY_USERNAME: expression('github.actor'),
  REGISTRY_TOKEN: expression('github.token'),
};

/** The jobs, and the gate over them: it fails unless each has succeeded, and a job that was skipped has not. */
export const gated = (title: string, jobs: Readonly<Record<string, Job>>): Readonly<Record<string, Job>> => ({
  ...jobs,
  gate: {
    role: 'gate',
    // Required checks are told apart by name alone.
    name: title,
    needs: Object.keys(jobs),
    when: 'always()',
    permissions: {},
    timeout: 5,
    steps: [
      {
        name: 'Every job has succeeded, and none was skipped',
        env: { RESULTS: expression('toJSON(needs.*.result)') },
        run: [`jq --exit-status 'length > 0 and all(. == "success")' <<< "$RESULTS"`],
      },
    ],
  },
});

/** One run at a time for an environment: the next one waits, and none is ever cancelled. */
export const oneAtATime = (environment: string): NonNullable<Job['concurrency']> => ({
  group: `deploy-${environment}`,
  cancelInProgress: false,
});

/** File of the step's summary, which is shown on the page of the run. */
export const summary = ['--summary', { variable: 'GITHUB_STEP_SUMMARY', example: 'summary.md' }] as const;

/** Where the picture of a run's time goes. In .gitignore: a release records whether its checkout was touched. */
const timelineFile = 'timeline/run.svg';
export const withTimeline = ['--timeline', timelineFile] as const;

/** What a run keeps. */
interface KeptProps {
  /** Name of the step. */
  readonly step: string;
  /** Name of the artifact. */
  readonly name: string;
  /** A file, or a folder. */
  readonly path: string;
  /** What becomes of the step where there is none. */
  readonly missing: 'error' | 'ignore';
  readonly days: number;
}

/** Keeps it, of a job that failed too. */
export const keep = ({ step, name, path, missing, days }: KeptProps): ActionStep => ({
  name: step,
  when: '!cancelled()',
  uses: pinned('actions/upload-artifact'),
  with: {
    name,
    path,
    'if-no-files-found': missing,
    'retention-days': days,
    // A run that is run again has one of that name already.
    overwrite: true,
  },
});

/**
 * Keeps that picture. The page of the run cannot show it: GitHub's Markdown takes `svg` elements and `data:` addresses out; the
 * job's summary and the log have the same as text.
 */
export const keepTimeline = (environment: string): ActionStep =>
  keep({
    step: 'Keep the picture of where the time went',
    name: `timeline-${environment}`,
    path: timelineFile,
    missing: 'ignore',
    days: 30,
  });

/** The release checklist of the checkout, against the commit that the variable of its `env` names. */
export const releaseStep = (base: string): CogniStep => ({
  name: 'The release checklist is done',
  env: { BASE: base },
  cogni: ['change', 'release', '--base', { variable: 'BASE', example: askedCommit.example }, ...summary],
});

/** What needs nothing but the sources. */
export const sourcesJob: Job = {
  role: 'check',
  name: 'Sources',
  permissions: { contents: 'read' },
  timeout: 30,
  steps: [...prepared(), { name: 'Types, lint, format and unit tests', cogni: ['test', 'static', 'unit'] }],
};
