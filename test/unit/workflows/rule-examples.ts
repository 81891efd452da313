import type { Job, Step, Workflow } from '../../../workflows';
import { job, workflow } from './example';

const withStep = (step: Step, change: Partial<Job> = {}): Workflow =>
  workflow(job({ ...change, steps: [step] }));
const pinnedCheckout = 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1';
const pinnedUpload = 'actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f';
const oneAtATime = { group: 'deploy-preview', cancelInProgress: false };
const byHand = { on: { dispatch: { inputs: {} } } };
const gateOf = (change: Partial<Job>): Partial<Workflow> => ({
  jobs: { work: job(), gate: { ...(workflow().jobs['gate'] as Job), ...change } },
});

/** Code, what is done wrong, and a part of what is said about it. */
export const examples: readonly (readonly [code: string, what: string, bad: Workflow, says: RegExp])[] = [
  [
    'W01',
    'an action by its tag',
    withStep({ name: 'x', uses: 'actions/setup-node@v7' }),
    /actions\/setup-node@v7 is not an action of/,
  ],
  [
    'W01',
    'a commit that nobody has looked up',
    withStep({ name: 'x', uses: `actions/setup-node@${'0'.repeat(40)}` }),
    /not an action/,
  ],
  [
    'W01',
    'a name that every object has',
    withStep({ name: 'x', uses: 'constructor@undefined' }),
    /not an action/,
  ],
  [
    'W02',
    'a check that writes',
    workflow(job({ permissions: { contents: 'write' } })),
    /contents: write is more than a job for "check" may have \(contents: read\)/,
  ],
  [
    'W02',
    'a deploy that pushes packages',
    workflow(
      job({
        role: 'deploy',
        environment: 'preview',
        permissions: { packages: 'write' },
        concurrency: oneAtATime,
      }),
      byHand,
    ),
    /packages: write is more .* \(nothing of it\)/,
  ],
  [
    'W03',
    'a build with a secret',
    withStep({ name: 'x', env: { KEY: '${{ secrets.AUTH_SECRET }}' }, run: ['echo'] }, { role: 'build' }),
    /reads AUTH_SECRET, and a job for "build"/,
  ],
  [
    'W03',
    'a secret in brackets',
    withStep({ name: 'x', env: { KEY: "${{ secrets['AUTH_SECRET'] }}" }, run: ['echo'] }),
    /reads AUTH_SECRET/,
  ],
  [
    'W03',
    'a notice with a secret that is none of its business',
    withStep(
      { name: 'x', env: { KEY: '${{ secrets.AUTH_SECRET }}' }, cogni: ['announce', 'production'] },
      { role: 'announce' },
    ),
    /reads AUTH_SECRET, and a job for "announce" has no use for secrets but TEAM_WEBHOOK_URL/,
  ],
  [
    'W03',
    'a look with more than the way to the host',
    withStep(
      { name: 'x', env: { KEY: '${{ secrets.AUTH_SECRET }}' }, cogni: ['drift', 'preview'] },
      { role: 'look', environment: 'preview-look' },
    ),
    /reads AUTH_SECRET, and a job for "look" has no use for secrets but SSH_DEPLOY_KEY/,
  ],
  [
    'W04',
    'code of strangers with rights',
    workflow(job(), { on: { other: ['pull_request_target'] } }),
    /pull_request_target runs with the secrets/,
  ],
  [
    'W04',
    'files of the default branch',
    workflow(job(), { on: { other: ['workflow_run'] } }),
    /workflow_run runs with the files of the default branch/,
  ],
  [
    'W05',
    'a plan for forks',
    workflow(
      job({
        role: 'plan',
        steps: [{ name: 'x', env: { T: '${{ secrets.CHERRY_AUTH_TOKEN }}' }, run: ['echo'] }],
      }),
      { on: { pullRequest: { branches: ['main'] } } },
    ),
    /does not look where they come from/,
  ],
  [
    'W06',
    'a title in a script',
    withStep({ name: 'x', run: ['echo "${{ github.event.pull_request.title }}"'] }),
    /holds \$\{\{ … \}\}/,
  ],
  [
    'W07',
    'a checkout of whatever',
    withStep({ name: 'x', uses: pinnedCheckout, with: { 'persist-credentials': false } }),
    /ref is undefined/,
  ],
  [
    'W07',
    'a checkout of a branch',
    withStep({ name: 'x', uses: pinnedCheckout, with: { ref: 'main', 'persist-credentials': false } }),
    /ref is main, not the expression of a commit/,
  ],
  [
    'W07',
    'a token that stays',
    withStep({ name: 'x', uses: pinnedCheckout, with: { ref: '${{ github.sha }}' } }),
    /persist-credentials is not false/,
  ],
  ['W08', 'a job without an end', workflow(job({ timeout: 360 })), /time limit is 360/],
  ['W08', 'a limit that is none', workflow(job({ timeout: Number.NaN })), /time limit is NaN/],
  [
    'W08',
    'an apply that ends before Terraform does',
    workflow(job({ role: 'apply', environment: 'preview', concurrency: oneAtATime, timeout: 90 }), byHand),
    /time limit is 90, not 170 minutes/,
  ],
  ['W09', 'no gate', workflow(job(), { jobs: { work: job() } }), /has 0 gates, not one/],
  ['W09', 'a gate that does not wait', workflow(job(), gateOf({ needs: [] })), /does not wait for work/],
  [
    'W09',
    'a gate that is skipped',
    workflow(job(), gateOf({ when: 'success()' })),
    /is skipped itself when another fails/,
  ],
  [
    'W09',
    'a gate that looks at nothing',
    workflow(job(), gateOf({ steps: [{ name: 'x', run: ['true'] }] })),
    /does not look at the results/,
  ],
  [
    'W20',
    'a build that deploys',
    withStep(
      { name: 'x', cogni: ['deploy', 'preview', '--image-tag', 'preview-abcdef0'] },
      { role: 'build' },
    ),
    /runs \.\/cogni deploy, and a job for "build" may run artifact/,
  ],
  [
    'W21',
    'a build in an environment',
    workflow(job({ role: 'build', environment: 'production' })),
    /belongs to the environment production/,
  ],
  [
    'W21',
    'a look with the rights of a deploy',
    workflow(job({ role: 'look', environment: 'production' })),
    /belongs to the environment production, and is a job for "look"/,
  ],
  [
    'W21',
    'a deploy that no reviewer is asked about',
    workflow(
      job({
        role: 'deploy',
        environment: 'preview-look',
        concurrency: { ...oneAtATime, group: 'deploy-preview-look' },
      }),
      byHand,
    ),
    /belongs to the environment preview-look, and is a job for "deploy"/,
  ],
  [
    'W22',
    'a moved tag that is accepted',
    withStep({ name: 'x', cogni: ['artifact', 'push', '--accept-moved-tag'] }, { role: 'build' }),
    /accepts a tag that has moved/,
  ],
  [
    'W22',
    'a push past the look',
    withStep({ name: 'x', run: ['docker push ghcr.io/cogni-dao/cogni'] }, { role: 'build' }),
    /pushes or renames an image by itself/,
  ],
  ['W22', 'the latest', withStep({ name: 'x', run: ['docker pull image:latest'] }), /names the tag latest/],
  [
    'W23',
    'a report that is kept once',
    withStep({ name: 'x', uses: pinnedUpload, with: { name: 'report', path: 'report' } }),
    /overwrite is undefined, not true/,
  ],
  [
    'W40',
    'a push that deploys where a person should',
    workflow(
      job({
        role: 'deploy',
        environment: 'lab',
        concurrency: { group: 'deploy-lab', cancelInProgress: false },
      }),
    ),
    /reaches lab by push/,
  ],
  [
    'W40',
    'the same by way of another workflow',
    withStep(
      { name: 'x', run: ['gh workflow run deploy-lab.yml --ref main'] },
      { role: 'start', permissions: { actions: 'write' } },
    ),
    /reaches lab by push/,
  ],
  [
    'W40',
    'any environment, on a schedule',
    workflow(
      job({
        role: 'apply',
        timeout: 170,
        environment: '${{ inputs.environment }}',
        concurrency: { group: 'deploy-${{ inputs.environment }}', cancelInProgress: false },
      }),
      { on: { schedule: '0 0 * * *' } },
    ),
    /reaches lab by schedule/,
  ],
  [
    'W41',
    'two deploys at once',
    workflow(job({ role: 'deploy', environment: 'preview' })),
    /its concurrency group is none, not deploy-preview/,
  ],
  [
    'W41',
    'a deploy that is cancelled',
    workflow(
      job({
        role: 'deploy',
        environment: 'preview',
        concurrency: { group: 'deploy-preview', cancelInProgress: true },
      }),
    ),
    /may be cancelled by the run after it/,
  ],
  [
    'W41',
    'a workflow that is cancelled with its deploy',
    workflow(job({ role: 'deploy', environment: 'preview', concurrency: oneAtATime }), {
      concurrency: { group: 'x', cancelInProgress: true },
    }),
    /cancelled as a whole/,
  ],
  [
    'W42',
    'the image of one commit with the files of another',
    withStep(
      {
        name: 'x',
        env: { COMMIT: '${{ inputs.commit }}' },
        cogni: ['deploy', 'preview', '--image-tag', { variable: 'COMMIT', example: 'abc' }],
      },
      { role: 'deploy', environment: 'preview', concurrency: oneAtATime },
    ),
    /deploys the commit that was asked for, and does not go to it/,
  ],
];
