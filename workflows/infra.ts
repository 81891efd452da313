import { workflowValues } from '../services';
import { pinned } from './actions';
import { applyMinutes, expression, type ActionStep, type Job, type Step, type Workflow } from './model';
import { agentSocket, gated, keep, oneAtATime, prepared, sshAgent, summary } from './steps';
import { addressStackOf, branchOf, provisionValues, stacksOf, type TargetEnvironment } from './target';

/** Terraform of the jobs that provision. */
const terraformVersion = '1.11.4';

/** What a job that runs Terraform begins with. */
export const provisioning = (): readonly Step[] => [
  ...prepared(),
  {
    name: 'Terraform',
    uses: pinned('hashicorp/setup-terraform'),
    // Its wrapper would change what commands print.
    with: { terraform_version: terraformVersion, terraform_wrapper: false },
  },
];

/** In .gitignore: what is applied to a protected environment is applied in a checkout without other files. */
const planFolder = 'plan';
/** The plan, encrypted, with its manifest and signature: one file. */
export const planFile = `${planFolder}/host.plan`;

/** What a plan is signed with, for another machine to believe it; and what it is opened with there (docs/plan.md, "Keys"). */
export const signing = workflowValues(['COGNI_PLAN_SIGNING_KEY']);
const opening = workflowValues(['COGNI_PLAN_IDENTITY']);

/** Beside it: what a pull request is told, in which no secret stands. */
const commentFile = `${planFolder}/comment.md`;

/** Exit codes of `cogni plan` that are a verdict which need not stop anybody: safe, and to be looked at. */
const passing = [10, 11];

/** Who may see secrets: pull requests of this repository's own branches. */
const notFromAFork =
  "github.event_name != 'pull_request' || github.event.pull_request.head.repo.full_name == github.repository";

const keepPlan = (stack: string): ActionStep =>
  keep({
    step: 'Keep the plan, which is encrypted',
    name: `plan-${stack}`,
    path: planFolder,
    missing: 'error',
    days: 5,
  });

/** What a change would do to the hosts: on every pull request, and on what was merged. */
export function infraPlan(environments: readonly TargetEnvironment[]): Workflow {
  const provisioned = environments.filter((environment) => environment.provisioned);
  const branches = [...new Set(provisioned.map(branchOf))];
  return {
    file: 'infra-plan.yml',
    name: 'Infrastructure plan',
    about: [
      'What a change would really do to the hosts. A plan that wipes, replaces or destroys one fails its check: merging it',
      'all the same is a decision, and applying it needs a word that names the host. A pull request from a fork gets no',
      'secret: its jobs are skipped, which is no success, so somebody of the project has to bring its branch in.',
      'A state on a machine of its own (`local`) is out of reach: see `state` in stacks/environments.ts.',
    ],
    on: { pullRequest: { branches }, push: { branches }, dispatch: { inputs: {} } },
    concurrency: { group: `infra-plan-${expression('github.ref')}`, cancelInProgress: false },
    jobs: gated(
      'All plans',
      Object.fromEntries(
        provisioned.flatMap((environment) =>
          stacksOf(environment).flatMap((stack) => planAndComment(environment, stack)),
        ),
      ),
    ),
  };
}

/** The plan of one stack, and the job that says it on the pull request: without a secret, and with the right to write there. */
function planAndComment(environment: TargetEnvironment, name: string): readonly (readonly [string, Job])[] {
  const plan: Job = {
    role: 'plan',
    name: `Plan of ${name}`,
    when: notFromAFork,
    permissions: { contents: 'read' },
    timeout: 30,
    steps: [
      ...provisioning(),
      {
        name: `Plan ${name}`,
        env: { ...provisionValues(environment), ...signing },
        cogni: ['plan', name, '--out', planFile, '--comment', commentFile, ...summary],
        alsoGood: passing,
      },
      keepPlan(name),
    ],
  };
  // A plan that destroys has failed, and that above all is to be said.
  const onPullRequest = `github.event_name == 'pull_request' && needs.plan-${name}.result != 'skipped'`;
  const comment: Job = {
    role: 'report',
    name: `Report on ${name}`,
    needs: [`plan-${name}`],
    when: '!cancelled()',
    permissions: { contents: 'read', 'pull-requests': 'write' },
    timeout: 15,
    steps: [
      ...prepared(),
      {
        name: 'Fetch the report, if there is one',
        when: onPullRequest,
        uses: pinned('actions/download-artifact'),
        // By a pattern, which may find nothing: a name must find something.
        with: { pattern: `plan-${name}`, path: planFolder, 'merge-multiple': true },
      },
      {
        name: 'Keep the comment on the pull request',
        when: onPullRequest,
        env: {
          GITHUB_TOKEN: expression('github.token'),
          PULL_REQUEST: expression('github.event.pull_request.number'),
        },
        cogni: [
          ...['comment', commentFile, '--stack', name],
          ...['--pull-request', { variable: 'PULL_REQUEST', example: '12' }],
        ],
      },
    ],
  };
  return [
    [`plan-${name}`, plan],
    [`report-${name}`, comment],
  ];
}

/** Applies a plan that `infra-plan` has kept: that very file, or nothing. */
export function infraApply(environments: readonly TargetEnvironment[]): Workflow {
  const provisioned = environments.filter((environment) => environment.provisioned);
  const withAddress = provisioned.some(({ floatingAddress }) => floatingAddress);
  return {
    file: 'infra-apply.yml',
    name: 'Infrastructure apply',
    about: [
      'Applies a plan that infra-plan.yml made of what was merged: that very file, or a refusal (another commit or state,',
      'expired, tampered with). Started by hand; the reviewers of the GitHub environment are asked first.',
    ],
    on: {
      dispatch: {
        inputs: {
          environment: {
            description: 'Environment whose plan is applied',
            required: true,
            options: provisioned.map(({ name }) => name),
          },
          ...(withAddress
            ? {
                part: {
                  description: 'Its host, or its floating address: each has a plan of its own',
                  required: false,
                  options: ['host', 'address'],
                },
              }
            : {}),
          'plan-run': { description: 'Number of the run of infra-plan.yml that made it', required: true },
          wipe: {
            description:
              'Where data will be lost: <host>@<plan hash>, as the plan says it; several with spaces between',
            required: false,
          },
          reviewed: {
            description:
              'Where it needs a review, and that has been done: the plan hash, as the plan says it',
            required: false,
          },
          'without-backup': {
            description:
              'Where there is no verified backup, and that is meant: the host; several with spaces between',
            required: false,
          },
        },
      },
    },
    // Of one environment: a run that waits for the reviewers of another holds nothing up.
    concurrency: { group: `infra-apply-${expression('inputs.environment')}`, cancelInProgress: false },
    jobs: gated('All of the apply', { apply: applyJob(provisioned, withAddress) }),
  };
}

function applyJob(environments: readonly TargetEnvironment[], withAddress: boolean): Job {
  // The credentials of every state that there is: GitHub gives each environment its own values.
  const values = Object.assign({}, ...environments.map(provisionValues)) as Readonly<Record<string, string>>;
  const environment = expression('inputs.environment');
  const address = `format('${addressStackOf('{0}')}', inputs.environment)`;
  const stack = withAddress
    ? expression(`inputs.part == 'address' && ${address} || inputs.environment`)
    : environment;
  return {
    role: 'apply',
    name: 'Apply',
    environment,
    permissions: { contents: 'read', actions: 'read' },
    concurrency: oneAtATime(environment),
    timeout: applyMinutes,
    steps: [
      ...provisioning(),
      {
        name: 'Fetch the plan',
        uses: pinned('actions/download-artifact'),
        with: {
          name: `plan-${stack}`,
          path: planFolder,
          'run-id': expression('inputs.plan-run'),
          'github-token': expression('github.token'),
        },
      },
      // A new host has to prove its key and end its bootstrap before the apply does; and the host knows its backups.
      sshAgent,
      {
        name: 'Apply exactly this plan',
        env: {
          ...values,
          ...opening,
          ...agentSocket,
          TARGET: stack,
          WIPE: expression('inputs.wipe'),
          REVIEWED: expression('inputs.reviewed'),
          WITHOUT_BACKUP: expression('inputs.without-backup'),
        },
        cogni: [
          'apply',
          { variable: 'TARGET', example: environments[0]?.name ?? '' },
          planFile,
          { variable: 'WIPE', option: '--wipe', example: 'preview-cogni@0123456789ab' },
          { variable: 'REVIEWED', option: '--reviewed', example: '0123456789ab' },
          { variable: 'WITHOUT_BACKUP', option: '--without-backup', example: 'preview-cogni' },
        ],
      },
    ],
  };
}
