import {
  allWorkflows,
  workflowFaults,
  workflowFaultText,
  workflowRules,
  type Job,
  type Step,
  type Workflow,
} from '../../../workflows';
import { fillIn } from '../../rehearsal/expressions/template';
import { environments, job, workflow } from './example';

const context = { environments };
const withStep = (step: Step, change: Partial<Job> = {}): Workflow =>
  workflow(job({ ...change, steps: [step] }));
const pinnedCheckout = 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1';
const oneAtATime = { group: 'deploy-preview', cancelInProgress: false };
const byHand = { on: { dispatch: { inputs: {} } } };
const gateOf = (change: Partial<Job>): Partial<Workflow> => ({
  jobs: { work: job(), gate: { ...(workflow().jobs['gate'] as Job), ...change } },
});

/** Code, what is done wrong, and a part of what is said about it. */
const examples: readonly (readonly [code: string, what: string, bad: Workflow, says: RegExp])[] = [
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

describe('the rules of workflows', () => {
  it.each(examples)('%s finds %s, and nothing else does', (code, _what, bad, says) => {
    const faults = workflowFaults([bad], context);
    expect([...new Set(faults.map((fault) => fault.code))]).toEqual([code]);
    expect(faults[0]?.problem).toMatch(says);
  });

  it('have an example of a fault each', () => {
    expect([...new Set(examples.map(([code]) => code))]).toEqual(workflowRules.map(({ code }) => code));
  });

  it('have codes of their own, and say why they are there', () => {
    const codes = workflowRules.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const { code, title, why } of workflowRules) {
      expect(code).toMatch(/^W\d\d$/);
      expect(Math.min(title.length, why.length)).toBeGreaterThan(15);
    }
  });

  it('find nothing in a workflow that keeps them', () => {
    expect(workflowFaults([workflow()], context)).toEqual([]);
  });

  it('find everything at once, with the place', () => {
    const bad = workflow(
      job({ timeout: 0, permissions: { packages: 'write' }, steps: [{ name: 'x', uses: 'a/b@v1' }] }),
    );
    expect(workflowFaults([bad], context).map(workflowFaultText)).toEqual([
      'W01 example.yml, job work, step "x": a/b@v1 is not an action of workflows/actions.lock.json by its full commit',
      'W02 example.yml, job work: packages: write is more than a job for "check" may have (nothing of it)',
      'W08 example.yml, job work: its time limit is 0, not 1 to 120 minutes',
    ]);
  });
});

describe('the workflows', () => {
  const all = allWorkflows(environments);

  it('keep every rule', () => {
    expect(workflowFaults(all, context).map(workflowFaultText)).toEqual([]);
  });

  it('are those that the environments ask for', () => {
    expect(all.map(({ file }) => file)).toEqual([
      'checks.yml',
      'infra-plan.yml',
      'infra-apply.yml',
      'staging-preview.yml',
      'build-prod.yml',
      ...['preview', 'production', 'lab'].flatMap((name) => [`deploy-${name}.yml`, `rollback-${name}.yml`]),
      'drift.yml',
    ]);
  });

  it('start no deploy to an environment that wants a person to', () => {
    const manual = environments.map((each) =>
      each.name === 'production' ? { ...each, manual: true } : each,
    );
    const build = allWorkflows(manual).find(({ file }) => file === 'build-prod.yml');
    expect(Object.keys(build?.jobs ?? {})).toEqual(['release', 'images', 'announce', 'gate']);
    expect(workflowFaults(allWorkflows(manual), { environments: manual })).toEqual([]);
  });

  it('build no image before the release checklist is done, and fail unless the team was told', () => {
    const { jobs = {} } = all.find(({ file }) => file === 'build-prod.yml') ?? {};
    expect(jobs['images']?.needs).toEqual(['release']);
    expect(jobs['announce']?.needs).toEqual(['images']);
    expect(jobs['start']?.needs).toEqual(['images']);
    expect(jobs['gate']?.needs).toEqual(['release', 'images', 'announce', 'start']);
  });

  it('tell nobody where the record wants it so, and check the rest all the same', () => {
    const quiet = environments.map((each) =>
      each.delivery?.kind === 'serve' ? { ...each, delivery: { ...each.delivery, announce: false } } : each,
    );
    const build = allWorkflows(quiet).find(({ file }) => file === 'build-prod.yml');
    expect(Object.keys(build?.jobs ?? {})).toEqual(['release', 'images', 'start', 'gate']);
  });

  it('ask every pull request for its document, and one that becomes a release for the checklist', () => {
    const steps = all.find(({ file }) => file === 'checks.yml')?.jobs['change']?.steps ?? [];
    const ours = steps.flatMap((step) => ('cogni' in step ? [[step.cogni[1], step.when]] : []));
    expect(ours).toEqual([
      ['documents', "github.event_name == 'pull_request'"],
      ['release', "github.event_name == 'pull_request' && (github.base_ref == 'main')"],
    ]);
  });

  it('hand in the credentials of the state that an environment has, and of no other', () => {
    const plan = all.find(({ file }) => file === 'infra-plan.yml');
    const namesIn = (id: string): readonly string[] =>
      (plan?.jobs[id]?.steps ?? []).flatMap(({ env = {} }) => Object.keys(env));
    expect(namesIn('plan-preview')).toEqual(
      expect.arrayContaining(['CHERRY_AUTH_TOKEN', 'AWS_SECRET_ACCESS_KEY']),
    );
    expect(namesIn('plan-preview')).not.toContain('PG_CONN_STR');
    expect(namesIn('plan-production')).toContain('PG_CONN_STR');
  });

  it('plan with secrets and without the right to write, and write to the pull request without secrets', () => {
    const jobs = all.find(({ file }) => file === 'infra-plan.yml')?.jobs ?? {};
    const texts = (id: string): string => JSON.stringify(jobs[id]?.steps);
    expect(jobs['plan-preview']?.permissions).toEqual({ contents: 'read' });
    expect(texts('plan-preview')).toContain('secrets.');
    expect(jobs['report-preview']?.permissions).toEqual({ contents: 'read', 'pull-requests': 'write' });
    expect(texts('report-preview')).not.toContain('secrets.');
    // Also where the plan has failed because it destroys.
    expect(jobs['report-preview']?.when).toBe('!cancelled()');
  });

  it('plan a floating address by itself, before its host, and apply either of the two', () => {
    const idsOf = (file: string): readonly string[] =>
      Object.keys(all.find((each) => each.file === file)?.jobs ?? {}).filter((id) => id.startsWith('plan-'));
    const plans = ['plan-preview', 'plan-production-address', 'plan-production'];
    expect([idsOf('infra-plan.yml'), idsOf('drift.yml')]).toEqual([plans, plans]);
    const apply = all.find(({ file }) => file === 'infra-apply.yml');
    expect(apply?.on.dispatch?.inputs['part']?.options).toEqual(['host', 'address']);
    const { environment, concurrency, steps } = apply?.jobs['apply'] ?? {};
    const target = steps?.at(-1)?.env?.['TARGET'] ?? '';
    const stackOf = (part: string): string =>
      fillIn(target, { contexts: { inputs: { environment: 'production', part } } });
    expect(['host', 'address', ''].map(stackOf)).toEqual(['production', 'production-address', 'production']);
    // Either belongs to the one environment, and waits for what changes its host.
    expect([environment, concurrency?.group]).toEqual([
      '${{ inputs.environment }}',
      'deploy-${{ inputs.environment }}',
    ]);
  });

  it('ask for no part where no environment has a floating address', () => {
    const [apply] = allWorkflows(environments.map((each) => ({ ...each, floatingAddress: false }))).filter(
      ({ file }) => file === 'infra-apply.yml',
    );
    expect(Object.keys(apply?.on.dispatch?.inputs ?? {})).not.toContain('part');
    expect(apply?.jobs['apply']?.steps.at(-1)?.env?.['TARGET']).toBe('${{ inputs.environment }}');
  });

  it('build only what was not tested, and mark it only after the test from outside', () => {
    const jobs = all.find(({ file }) => file === 'staging-preview.yml')?.jobs ?? {};
    expect(Object.entries(jobs).map(([id, { needs }]) => [id, needs])).toEqual([
      ['sources', undefined],
      ['images', ['sources']],
      ['deploy', ['images']],
      ['end-to-end', ['images', 'deploy']],
      ['tested', ['end-to-end']],
      ['gate', ['sources', 'images', 'deploy', 'end-to-end', 'tested']],
    ]);
    const conditional = jobs['images']?.steps.filter(({ when }) => when?.includes("there != 'true'"));
    expect(conditional?.map(({ name }) => name)).toEqual([
      'Say that there are none',
      'Build',
      'The application starts, and says which commit it is',
      'Push, unless the tag means something else',
    ]);
  });
});
