import { deploySteps } from './delivery';
import { expression, type Job, type Triggers, type Workflow } from './model';
import {
  agentSocket,
  askedCommit,
  gated,
  keepTimeline,
  oneAtATime,
  prepared,
  sshAgent,
  withTimeline,
} from './steps';
import { branchOf, deployValues, type TargetEnvironment } from './target';

const asked = { COMMIT: expression('inputs.commit') };

const dispatch = (description: string): NonNullable<Triggers['dispatch']> => ({
  inputs: { commit: { description, required: true } },
});

/** The job that a deploy and a rollback have in common: it runs from the branch, then from the commit of the image. */
const hostJob = (
  { name }: TargetEnvironment,
  job: Pick<Job, 'name' | 'steps'>,
): Readonly<Record<string, Job>> => ({
  deploy: {
    role: 'deploy',
    environment: name,
    permissions: { contents: 'read' },
    concurrency: oneAtATime(name),
    timeout: 45,
    ...job,
    steps: [...prepared({ asked: true }), ...job.steps],
  },
  verify: {
    role: 'check',
    name: 'End to end',
    needs: ['deploy'],
    permissions: { contents: 'read' },
    timeout: 15,
    steps: [...prepared(), { name: 'The site answers as it should', cogni: ['verify', name] }],
  },
});

/** A deploy by hand, or started by the workflow that has the images. */
export function deployWorkflow(environment: TargetEnvironment): Workflow {
  const { name, imageTagPrefix, manual } = environment;
  return {
    file: `deploy-${name}.yml`,
    name: `Deploy to ${name}`,
    about: [
      `Brings the images ${imageTagPrefix}-<commit> to ${name}, with everything else taken from that commit too. Start it from`,
      `${branchOf(environment)}, which the commit must be part of.`,
      ...(manual ? [`A person starts it: nothing else deploys to ${name}.`] : []),
    ],
    on: { dispatch: dispatch('Full SHA of the commit to deploy') },
    concurrency: { group: `deploy-${name}.yml`, cancelInProgress: false },
    jobs: gated(
      `Deploy to ${name}: all of it`,
      hostJob(environment, { name: 'Deploy', steps: deploySteps(environment, askedCommit, asked) }),
    ),
  };
}

/** The way back, by hand. */
export function rollbackWorkflow(environment: TargetEnvironment): Workflow {
  const { name, imageTagPrefix } = environment;
  return {
    file: `rollback-${name}.yml`,
    name: `Roll ${name} back`,
    about: [
      `Goes back to a release that the host of ${name} has recorded, by digest and in one switch. No migration is taken back.`,
      `./cogni releases ${name} lists what can be gone back to.`,
    ],
    on: { dispatch: dispatch('Full SHA of the commit whose release is to serve again') },
    concurrency: { group: `rollback-${name}.yml`, cancelInProgress: false },
    jobs: gated(
      `Roll ${name} back: all of it`,
      hostJob(environment, {
        name: 'Roll back',
        steps: [
          sshAgent,
          {
            name: `Roll ${name} back`,
            env: { ...asked, ...agentSocket, ...deployValues() },
            cogni: [
              'rollback',
              name,
              '--to',
              { ...askedCommit, prefix: `${imageTagPrefix}-` },
              ...withTimeline,
            ],
          },
          keepTimeline(name),
        ],
      }),
    ),
  };
}
