import { expression, type Job, type Workflow } from './model';
import { gated, prepared, releaseStep, sourcesJob, summary } from './steps';
import { branchOf, type TargetEnvironment } from './target';

/** What is asked of every pull request, and of the branches that are delivered. */
export function checks(environments: readonly TargetEnvironment[]): Workflow {
  const branches = [...new Set(environments.map(branchOf))];
  return {
    file: 'checks.yml',
    name: 'Checks',
    about: [
      'What is asked of every pull request: it has no secret and no right but to read, so one from a fork runs like any',
      'other. Require the check "All checks" for the branches; it fails also when a job was skipped.',
    ],
    on: { pullRequest: { branches }, push: { branches } },
    // Nothing of it changes anything: a newer push takes the place of an older one.
    concurrency: { group: `checks-${expression('github.ref')}`, cancelInProgress: true },
    jobs: gated('All checks', {
      sources: sourcesJob,
      change: changeJob(environments),
      programs: {
        role: 'check',
        name: 'Programs',
        permissions: { contents: 'read' },
        timeout: 60,
        steps: [
          ...prepared(),
          {
            name: 'Every generated file passes the program that reads it',
            cogni: ['test', 'contract', 'tool'],
          },
        ],
      },
      sandbox: {
        role: 'check',
        name: 'Sandbox',
        permissions: { contents: 'read' },
        timeout: 60,
        steps: [...prepared(), { name: 'Provision, deploy, break and recover', cogni: ['test', 'e2e'] }],
      },
    }),
  };
}

const onPullRequest = "github.event_name == 'pull_request'";
/** GitHub runs a pull request as its merge: what that adds to the first parent is the change, wherever the branch began. */
const mergedInto = 'HEAD^1';

/** What a pull request has to bring besides code: the page that tells it and, where it becomes a release, the checklist. */
function changeJob(environments: readonly TargetEnvironment[]): Job {
  const releases = environments.flatMap(({ delivery }) =>
    delivery?.kind === 'serve' ? [`github.base_ref == '${delivery.branch}'`] : [],
  );
  return {
    role: 'check',
    name: 'Change',
    permissions: { contents: 'read' },
    timeout: 15,
    steps: [
      ...prepared({ history: true }),
      {
        name: 'What changes how deployments behave changes its document',
        when: onPullRequest,
        env: { BASE: mergedInto },
        cogni: ['change', 'documents', '--base', { variable: 'BASE', example: 'main' }, ...summary],
      },
      ...(releases.length === 0
        ? []
        : [{ ...releaseStep(mergedInto), when: `${onPullRequest} && (${releases.join(' || ')})` }]),
    ],
  };
}
