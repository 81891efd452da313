import type { Job, Step, TargetEnvironment, Workflow } from '../../../workflows';

/** One environment of each kind. */
export const environments: readonly TargetEnvironment[] = [
  {
    name: 'preview',
    imageTagPrefix: 'preview',
    manual: false,
    provisioned: true,
    state: 's3',
    delivery: { branch: 'staging', kind: 'test' },
  },
  {
    name: 'production',
    imageTagPrefix: 'prod',
    manual: false,
    provisioned: true,
    floatingAddress: true,
    state: 'pg',
    delivery: { branch: 'main', kind: 'serve' },
  },
  { name: 'lab', imageTagPrefix: 'lab', manual: true, provisioned: false, state: 'local' },
];

const step: Step = { name: 'Say so', run: ['echo done'] };

export const job = (change: Partial<Job> = {}): Job => ({
  role: 'check',
  name: 'Work',
  permissions: { contents: 'read' },
  timeout: 10,
  steps: [step],
  ...change,
});

const gate: Job = {
  role: 'gate',
  name: 'All',
  needs: ['work'],
  when: 'always()',
  permissions: {},
  timeout: 5,
  steps: [{ name: 'Look', env: { RESULTS: '${{ toJSON(needs.*.result) }}' }, run: ['jq . <<< "$RESULTS"'] }],
};

/** A workflow that keeps every rule, but for what is changed. */
export const workflow = (work: Job = job(), change: Partial<Workflow> = {}): Workflow => ({
  file: 'example.yml',
  name: 'Example',
  about: ['An example.'],
  on: { push: { branches: ['main'] } },
  jobs: { work, gate },
  ...change,
});
