import { goToAskedCommit } from '../steps';
import type { Job, Workflow } from '../model';
import { eachJob, type RuleContext, type WorkflowRule } from './rule';

/** Environments that a job may touch: the one that it names; any, where the name is an expression. */
function touched({ environment }: Job, { environments }: RuleContext): readonly string[] {
  if (environment === undefined) return [];
  return environment.includes('${{') ? environments.map(({ name }) => name) : [environment];
}

const startsByItself = ({ on }: Workflow): readonly string[] => [
  ...(on.pullRequest ? ['pull_request'] : []),
  ...(on.push ? ['push'] : []),
  ...(on.schedule === undefined ? [] : ['schedule']),
  ...(on.other ?? []),
];

const changesSomething = ({ role }: Job): boolean => role === 'deploy' || role === 'apply';

/** About what reaches an environment, and when. */
export const deployRules: readonly WorkflowRule[] = [
  {
    code: 'W40',
    title: 'An environment with policies.manual is reached only when a person starts it',
    why: 'dreichor-deployment-model, "Deployment Process (Manual)": no auto-deploy',
    check: eachJob((job, workflow, context) => {
      const events = startsByItself(workflow);
      if (events.length === 0) return [];
      const manual = context.environments.filter(({ manual: isManual }) => isManual).map(({ name }) => name);
      const reached = changesSomething(job) ? touched(job, context) : started(job);
      return reached
        .filter((name) => manual.includes(name))
        .map((name) => `reaches ${name} by ${events.join(', ')}, and its policy wants a person to start it`);
    }),
  },
  {
    code: 'W41',
    title: 'What changes an environment runs one at a time, and is never cancelled',
    why: 'a cancelled run may have been in the middle of a migration',
    check: (workflow) => [
      ...Object.entries(workflow.jobs).flatMap(([id, job]) => {
        if (!changesSomething(job)) return [];
        const wanted = `deploy-${job.environment ?? ''}`;
        const { group, cancelInProgress } = job.concurrency ?? {};
        return [
          ...(group === wanted
            ? []
            : [{ job: id, problem: `its concurrency group is ${group ?? 'none'}, not ${wanted}` }]),
          ...(cancelInProgress === false
            ? []
            : [{ job: id, problem: 'may be cancelled by the run after it' }]),
        ];
      }),
      ...(workflow.concurrency?.cancelInProgress && Object.values(workflow.jobs).some(changesSomething)
        ? [{ problem: 'is cancelled as a whole by the run after it, its deploy included' }]
        : []),
    ],
  },
  {
    code: 'W42',
    title: 'What a job uses comes from the commit of the image that it deploys',
    why: 'production once got the image of one branch with the files of another',
    check: eachJob((job) => {
      if (job.role !== 'deploy') return [];
      const asks = job.steps.some(({ env }) => Object.values(env ?? {}).includes('${{ inputs.commit }}'));
      return !asks || job.steps.includes(goToAskedCommit)
        ? []
        : ['deploys the commit that was asked for, and does not go to it'];
    }),
  },
];

/** Environments whose deploy a job starts by way of another workflow. */
const started = ({ steps }: Job): readonly string[] =>
  steps.flatMap((step) =>
    'run' in step
      ? step.run.flatMap((line) =>
          [...line.matchAll(/gh workflow run deploy-([a-z0-9-]+)\.yml/g)].map(([, name]) => name ?? ''),
        )
      : [],
  );
