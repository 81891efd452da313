import { workflowValues } from '../services';
import { pinned } from './actions';
import { planFile, provisioning, signing } from './infra';
import { expression, type Job, type Workflow } from './model';
import { agentSocket, gated, keep, prepared, sshAgent } from './steps';
import { lookEnvironmentOf, provisionValues, stacksOf, type TargetEnvironment } from './target';

/** Where a look leaves its report, and the job that keeps the issue finds those of all. */
const reports = 'drift';

/** What begins the name of each kept report. */
const kept = 'drift-of-';

type Named = readonly (readonly [string, Job])[];

/** Whether what is there is still what was written down: hosts by Terraform, what runs on them, and the sites. */
export function drift(environments: readonly TargetEnvironment[]): Workflow {
  const provisioned = environments.filter((environment) => environment.provisioned);
  const looks = Object.fromEntries([
    ...plansOf(provisioned),
    ...hostsOf(environments),
    ...sitesOf(environments),
  ]);
  return {
    file: 'drift.yml',
    name: 'Drift',
    about: [
      'Every night: whether the hosts are still what was written down, run what was rendered for them and nothing else, and whether',
      'the sites still answer. One issue is open for as long as anything of that does not hold.',
    ],
    on: { schedule: '17 3 * * *', dispatch: { inputs: {} } },
    concurrency: { group: 'drift', cancelInProgress: false },
    jobs: gated('No drift', { ...looks, issue: issueJob(Object.keys(looks)) }),
  };
}

const plansOf = (environments: readonly TargetEnvironment[]): Named =>
  environments.flatMap((environment) =>
    stacksOf(environment).map((stack): Named[number] => [
      `plan-${stack}`,
      {
        role: 'plan',
        name: `Infrastructure of ${stack}`,
        permissions: { contents: 'read' },
        timeout: 30,
        steps: [
          ...provisioning(),
          {
            name: `Nothing has changed under ${stack}`,
            env: { ...provisionValues(environment), ...signing },
            cogni: ['plan', stack, '--out', planFile],
          },
        ],
      },
    ]),
  );

/** A deploy that is under way is no drift: the command ends with 4 then, and its report says so. */
const underWay = 4;

/** Also of those that somebody else made: what runs there is ours, and strangers are strangers. */
const hostsOf = (environments: readonly TargetEnvironment[]): Named =>
  environments.map(({ name }) => [
    `host-${name}`,
    {
      role: 'look',
      name: `Host of ${name}`,
      environment: lookEnvironmentOf(name),
      permissions: { contents: 'read' },
      timeout: 15,
      steps: [
        ...prepared(),
        sshAgent,
        {
          name: `What runs on ${name} is what was rendered for it`,
          env: { ...agentSocket, ...workflowValues(['VM_HOST', 'VM_HOST_KEY']) },
          cogni: ['drift', name, '--report', `${reports}/${name}.json`],
          alsoGood: [underWay],
        },
        keep({
          step: 'Keep what was found',
          name: `${kept}${name}`,
          path: reports,
          missing: 'ignore',
          days: 5,
        }),
      ],
    },
  ]);

const sitesOf = (environments: readonly TargetEnvironment[]): Named =>
  environments.map(({ name }) => [
    `site-${name}`,
    {
      role: 'check',
      name: `Site of ${name}`,
      permissions: { contents: 'read' },
      timeout: 15,
      steps: [...prepared(), { name: 'The site answers as it should', cogni: ['verify', name] }],
    },
  ]);

/** Without a secret: it has the reports, and how the jobs have ended. */
const issueJob = (looks: readonly string[]): Job => ({
  role: 'report',
  name: 'Issue about drift',
  needs: looks,
  when: '!cancelled()',
  permissions: { contents: 'read', issues: 'write' },
  timeout: 15,
  steps: [
    ...prepared(),
    {
      name: 'Fetch what was found',
      uses: pinned('actions/download-artifact'),
      with: { pattern: `${kept}*`, path: reports, 'merge-multiple': true },
    },
    {
      name: 'Keep the issue: open while something differs',
      env: { GITHUB_TOKEN: expression('github.token'), RESULTS: expression('toJSON(needs)') },
      cogni: [
        'drift-issue',
        reports,
        '--results',
        { variable: 'RESULTS', example: '{"host-preview":{"result":"success"}}' },
      ],
    },
  ],
});
