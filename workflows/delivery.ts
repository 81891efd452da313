import { workflowValues } from '../services';
import { expression, type CogniStep, type Job, type Step, type Variable, type Workflow } from './model';
import {
  agentSocket,
  gated,
  keepTimeline,
  oneAtATime,
  prepared,
  registryLogin,
  releaseStep,
  sshAgent,
  sourcesJob,
  withTimeline,
} from './steps';
import { deployValues, type TargetEnvironment } from './target';

/** An environment that workflows deliver to. */
export type Delivered = TargetEnvironment & { readonly delivery: NonNullable<TargetEnvironment['delivery']> };

const pushedCommit: Variable = {
  variable: 'GITHUB_SHA',
  example: '0123456789012345678901234567890123456789',
};

const unlessThere = "steps.promote.outputs.there != 'true'";

/**
 * Images for a commit: those that were tested for the same tree, under another tag; only where there are none, new ones.
 * Everything in one job, since what was built is on its machine.
 */
function imagesJob({ name }: Delivered): Job {
  const artifact = (
    title: string,
    words: CogniStep['cogni'],
    more: Pick<CogniStep, 'env' | 'id' | 'when'> = {},
  ): CogniStep => ({
    name: title,
    ...more,
    cogni: ['artifact', ...words, name, '--commit', pushedCommit],
  });
  const built = { when: unlessThere };
  return {
    role: 'build',
    name: 'Images',
    permissions: { contents: 'read', packages: 'write' },
    timeout: 60,
    outputs: { 'built-from': expression('steps.promote.outputs.built-from || github.sha') },
    steps: [
      ...prepared(),
      artifact('Take the images that were tested for the same tree', ['promote'], {
        id: 'promote',
        env: registryLogin,
      }),
      {
        name: 'Say that there are none',
        ...built,
        run: ['echo "::warning::no images were tested for the tree of $GITHUB_SHA: they are built now"'],
      },
      artifact('Build', ['build'], built),
      artifact('The application starts, and says which commit it is', ['check'], built),
      artifact('Push, unless the tag means something else', ['push'], { ...built, env: registryLogin }),
    ],
  };
}

/** Deploy steps of an environment; the checkout is at the commit of the image. */
export const deploySteps = (
  { name, imageTagPrefix }: TargetEnvironment,
  commit: Variable,
  commitEnv: Readonly<Record<string, string>> = {},
): readonly Step[] => [
  {
    name: 'The settings are complete',
    env: deployValues(),
    // All that this job has: what rents the host, and SourceCred's token, are other jobs' and other people's.
    cogni: ['settings', 'check', name, '--for', 'deploy', '--from', 'environment'],
  },
  sshAgent,
  {
    name: `Deploy to ${name}`,
    env: { ...commitEnv, ...agentSocket, ...deployValues() },
    cogni: ['deploy', name, '--image-tag', { ...commit, prefix: `${imageTagPrefix}-` }, ...withTimeline],
  },
  keepTimeline(name),
];

/** Push to the branch of a testing environment: build, deploy, test from outside, mark as tested. */
export function testDelivery(environment: Delivered): Workflow {
  const { name, delivery } = environment;
  const commit = 'COMMIT';
  return {
    file: `${delivery.branch}-${name}.yml`,
    name: `${delivery.branch} to ${name}`,
    about: [
      `A push to ${delivery.branch}: images, a deploy to ${name}, a test from outside. Then the images count as tested for`,
      'this tree of files, and are what a branch with the same tree serves. Runs of it wait for each other and are never',
      'cancelled: a migration may be under way.',
    ],
    on: { push: { branches: [delivery.branch] } },
    // The whole way, so that the test from outside meets the release of its own run.
    concurrency: { group: `${delivery.branch}-${name}`, cancelInProgress: false },
    jobs: gated(`${delivery.branch} to ${name}: all of it`, {
      sources: sourcesJob,
      images: { ...imagesJob(environment), needs: ['sources'] },
      deploy: {
        role: 'deploy',
        name: 'Deploy',
        needs: ['images'],
        environment: name,
        permissions: { contents: 'read' },
        concurrency: oneAtATime(name),
        timeout: 45,
        steps: [...prepared(), ...deploySteps(environment, pushedCommit)],
      },
      'end-to-end': {
        role: 'check',
        name: 'End to end',
        needs: ['images', 'deploy'],
        permissions: { contents: 'read' },
        timeout: 15,
        steps: [
          ...prepared(),
          {
            name: 'The site is ready, and is this build',
            env: { [commit]: expression('needs.images.outputs.built-from') },
            cogni: ['verify', name, '--build', { variable: commit, example: pushedCommit.example }],
          },
        ],
      },
      tested: {
        role: 'build',
        name: 'Tested',
        needs: ['end-to-end'],
        permissions: { contents: 'read', packages: 'write' },
        timeout: 15,
        steps: [
          ...prepared(),
          {
            name: 'Mark the images as tested for this tree',
            env: registryLogin,
            cogni: ['artifact', 'approve', name, '--commit', pushedCommit],
          },
        ],
      },
    }),
  };
}

/** Push to the branch of a serving environment: its tag for the tested images, then the deploy, a workflow of its own. */
export function serveDelivery(environment: Delivered): Workflow {
  const { name, delivery, imageTagPrefix, manual } = environment;
  const base = imagesJob(environment);
  const release: Job = {
    role: 'check',
    name: 'Release checklist',
    permissions: { contents: 'read' },
    timeout: 15,
    steps: [...prepared({ history: true }), releaseStep(expression('github.event.before'))],
  };
  const images: Job = {
    ...base,
    needs: ['release'],
    steps: [
      ...base.steps,
      {
        name: 'Give them the tag of the version, which must be new',
        env: registryLogin,
        cogni: ['artifact', 'promote', name, '--commit', pushedCommit, '--versioned'],
      },
    ],
  };
  // Beside the deploy: a chat that is out of order delays none, and the run has failed all the same.
  const announce: Job = {
    role: 'announce',
    name: 'Tell the team',
    needs: ['images'],
    permissions: { contents: 'read' },
    timeout: 15,
    steps: [
      ...prepared(),
      {
        name: 'Post the changelog of this version',
        env: workflowValues(['TEAM_WEBHOOK_URL']),
        cogni: ['announce', name],
      },
    ],
  };
  const start: Job = {
    role: 'start',
    name: 'Start the deploy',
    needs: ['images'],
    permissions: { actions: 'write' },
    timeout: 5,
    steps: [
      {
        name: `Start deploy-${name}.yml for this commit`,
        env: {
          GH_TOKEN: expression('github.token'),
          GH_REPO: expression('github.repository'),
          BRANCH: expression('github.ref_name'),
        },
        run: [`gh workflow run deploy-${name}.yml --ref "$BRANCH" --field "commit=$GITHUB_SHA"`],
      },
    ],
  };
  return {
    file: `build-${imageTagPrefix}.yml`,
    name: `Images for ${name}`,
    about: [
      `A push to ${delivery.branch}: the images that were tested for the same tree of files get the tag ${imageTagPrefix}-<commit>.`,
      'Where there are none, they are built here, and the run says so in a warning. Before that the release checklist must be',
      'done; after it, the team is told.',
      manual
        ? `Nothing is deployed: a person starts deploy-${name}.yml.`
        : `Then it starts deploy-${name}.yml for this commit.`,
    ],
    on: { push: { branches: [delivery.branch] } },
    concurrency: { group: `build-${imageTagPrefix}`, cancelInProgress: false },
    jobs: gated(`Images for ${name}: all of it`, {
      release,
      images,
      ...(delivery.announce === false ? {} : { announce }),
      ...(manual ? {} : { start }),
    }),
  };
}
