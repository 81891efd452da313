import { dump } from 'js-yaml';
import { pinOf } from './actions';
import { expression, type Concurrency, type Job, type Step, type Triggers, type Workflow } from './model';
import { scriptOf } from './shell';

/** Where the files lie, relative to the checkout. */
export const workflowsFolder = '.github/workflows';

/** The text of a workflow's file: the same on every run. */
export function renderWorkflow(workflow: Workflow): string {
  const { name, about, on, concurrency, jobs } = workflow;
  const document = {
    name,
    on: triggersOf(on),
    // Nobody has a right that its job does not name.
    permissions: {},
    ...(concurrency ? { concurrency: concurrencyOf(concurrency) } : {}),
    defaults: { run: { shell: 'bash' } },
    jobs: Object.fromEntries(Object.entries(jobs).map(([id, job]) => [id, jobOf(job)])),
  };
  const header = [
    'Generated from workflows/ and stacks/environments.ts; do not edit. Make it again: npm run workflows',
    '',
    ...about,
  ].map((line) => (line === '' ? '#' : `# ${line}`));
  const text = dump(document, { lineWidth: -1, noRefs: true, quotingType: "'" });
  return `${header.join('\n')}\n\n${withReasons(withVersions(text))}`;
}

/** `uses: actions/checkout@<sha> # v7.0.1`, as update tools read it. */
const withVersions = (text: string): string =>
  text.replaceAll(/^( *(?:- )?uses: )(\S+)$/gm, (line, start: string, uses: string) => {
    const pin = pinOf(uses);
    return pin === undefined ? line : `${start}${uses} # ${pin.version}`;
  });

/** What each right is for that is more than reading the sources. */
const reasons: Readonly<Record<string, string>> = {
  'packages: write': 'pushes images, and gives them tags',
  'actions: read': 'fetches what another run has kept',
  'actions: write': 'starts another workflow',
  'pull-requests: read': 'reads what a pull request changes',
  'pull-requests: write': 'writes its comment',
  'issues: write': 'opens, renews and closes the issue',
};

const withReasons = (text: string): string =>
  text.replaceAll(
    /^ +((?:packages|actions|pull-requests|issues): (?:read|write))$/gm,
    (line, right: string) => (reasons[right] === undefined ? line : `${line} # ${reasons[right]}`),
  );

function triggersOf({ pullRequest, push, schedule, dispatch, other = [] }: Triggers): object {
  return {
    ...(pullRequest ? { pull_request: { branches: [...pullRequest.branches] } } : {}),
    ...(push
      ? { push: { branches: [...push.branches], ...(push.paths ? { paths: [...push.paths] } : {}) } }
      : {}),
    ...(schedule === undefined ? {} : { schedule: [{ cron: schedule }] }),
    ...(dispatch ? { workflow_dispatch: inputsOf(dispatch.inputs) } : {}),
    ...Object.fromEntries(other.map((event) => [event, {}])),
  };
}

const inputsOf = (inputs: NonNullable<Triggers['dispatch']>['inputs']): object => ({
  ...(Object.keys(inputs).length === 0
    ? {}
    : {
        inputs: Object.fromEntries(
          Object.entries(inputs).map(([name, { description, required, options }]) => [
            name,
            {
              description,
              required,
              ...(options ? { type: 'choice', options: [...options] } : { type: 'string' }),
            },
          ]),
        ),
      }),
});

const concurrencyOf = ({ group, cancelInProgress }: Concurrency): object => ({
  group,
  'cancel-in-progress': cancelInProgress,
});

function jobOf(job: Job): object {
  return {
    name: job.name,
    ...(job.needs ? { needs: [...job.needs] } : {}),
    ...(job.when === undefined ? {} : { if: expression(job.when) }),
    'runs-on': 'ubuntu-24.04',
    'timeout-minutes': job.timeout,
    ...(job.environment === undefined ? {} : { environment: job.environment }),
    permissions: { ...job.permissions },
    ...(job.concurrency ? { concurrency: concurrencyOf(job.concurrency) } : {}),
    ...(job.outputs ? { outputs: { ...job.outputs } } : {}),
    steps: job.steps.map(stepOf),
  };
}

function stepOf(step: Step): object {
  const { name, id, when, env } = step;
  return {
    name,
    ...(id === undefined ? {} : { id }),
    ...(when === undefined ? {} : { if: expression(when) }),
    ...('uses' in step ? { uses: step.uses, ...(step.with ? { with: { ...step.with } } : {}) } : {}),
    ...(env && Object.keys(env).length > 0 ? { env: { ...env } } : {}),
    ...('uses' in step ? {} : { run: scriptOf(step) }),
  };
}
