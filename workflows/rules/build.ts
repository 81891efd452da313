import type { Role } from '../model';
import { lookEnvironmentOf } from '../target';
import { commandsOf, eachJob, eachStep, textsOf, type WorkflowRule } from './rule';

/** First words of the commands that each role may run. */
const commandsOfRole: Readonly<Record<Role, readonly string[]>> = {
  check: ['test', 'verify', 'change'],
  build: ['artifact', 'images'],
  plan: ['plan', 'review'],
  apply: ['apply'],
  look: ['drift'],
  deploy: ['settings', 'deploy', 'rollback'],
  report: ['comment', 'drift-issue'],
  announce: ['announce'],
  start: [],
  gate: [],
};

const movingTag = /(?:^|[:@/"'\s])latest(?:$|["'\s])/;

/** About what is built, and what may be done with it. */
export const buildRules: readonly WorkflowRule[] = [
  {
    code: 'W20',
    title: 'A job runs only the commands of its role',
    why: 'dreichor-deployment-model, "Continuous Integration": what builds must not deploy',
    check: eachJob((job) =>
      commandsOf(job)
        .filter((command) => !commandsOfRole[job.role].includes(command))
        .map(
          (command) =>
            `runs ./cogni ${command}, and a job for "${job.role}" may run ${commandsOfRole[job.role].join(', ') || 'none of our commands'}`,
        ),
    ),
  },
  {
    code: 'W21',
    title:
      'Only jobs that apply or deploy belong to a GitHub environment; those that look, to one of their own',
    why: 'an environment gives its secrets to every job that belongs to it, and asks its reviewers first',
    check: eachJob(({ environment, role }, _, { environments }) => {
      if (environment === undefined) return [];
      const toLook = environments.some(({ name }) => lookEnvironmentOf(name) === environment);
      const fits = toLook ? role === 'look' : role === 'apply' || role === 'deploy';
      return fits ? [] : [`belongs to the environment ${environment}, and is a job for "${role}"`];
    }),
  },
  {
    code: 'W22',
    title: 'Tags are immutable',
    why: 'dreichor-deployment-model, "Artifact Tagging"; ./cogni artifact and ./cogni images release look before they push',
    check: eachStep((step) => [
      ...('cogni' in step && step.cogni.includes('--accept-moved-tag')
        ? ['accepts a tag that has moved, which only a person may']
        : []),
      ...('run' in step && step.run.some((line) => /\bdocker\s+(?:image\s+)?(?:push|tag)\b/.test(line))
        ? [
            'pushes or renames an image by itself: ./cogni artifact and ./cogni images release stop at a tag that is there',
          ]
        : []),
      ...([...textsOf(step), ...('cogni' in step ? step.cogni : [])].some(
        (text) => typeof text === 'string' && movingTag.test(text),
      )
        ? ['names the tag latest, which means another build tomorrow']
        : []),
    ]),
  },
  {
    code: 'W23',
    title: 'A job that is run again writes over what it has kept',
    why: 'the name is taken by the first attempt: the step fails, and what was kept stays that of before',
    check: eachStep((step) =>
      !('uses' in step) ||
      !step.uses.startsWith('actions/upload-artifact@') ||
      step.with?.['overwrite'] === true
        ? []
        : [`overwrite is ${String(step.with?.['overwrite'])}, not true`],
    ),
  },
];
