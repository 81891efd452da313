import { databaseImage } from '../services/database/image-version';
import { expression, type ShellStep, type Workflow } from './model';
import { askedCommit, gated, prepared, registryLogin, summary } from './steps';
import { branchOf, type TargetEnvironment } from './target';

/** The one that a job's own token is good for. */
const registry = 'ghcr.io';

/** With the job's own token, which ends with it; through a pipe, so that no argument has it. */
const dockerLogin: ShellStep = {
  name: `Log docker in to ${registry}`,
  env: registryLogin,
  run: [
    `printenv REGISTRY_TOKEN | docker login ${registry} --username "$REGISTRY_USERNAME" --password-stdin`,
  ],
};

/** The image of a database that is archived: by itself when what it is made of has changed, and by hand. */
export function databaseImageWorkflow(environments: readonly TargetEnvironment[]): Workflow {
  const serving = environments.filter(({ delivery }) => delivery?.kind === 'serve').map(branchOf);
  const branches = serving.length === 0 ? ['main'] : [...new Set(serving)];
  return {
    file: 'database-image.yml',
    name: 'Image of the database',
    about: [
      'PostgreSQL with pgBackRest: a push that changes what the image is made of builds it, tries it and pushes it under a new',
      'tag; by hand, with another tag where the one of today is taken. Nothing that runs gets it by that: its digest, which the',
      "summary of the run has, goes into an environment's record as archive.image. The lock has other images too: where only",
      'those have changed, the run ends well and releases nothing.',
    ],
    on: {
      push: { branches, paths: [`${databaseImage.context}/**`, 'services/images.lock.json'] },
      dispatch: {
        inputs: {
          tag: {
            description: 'Tag of the release; left out, the one of today. A second one of a day ends with .2',
            required: false,
          },
        },
      },
    },
    // A tag is looked for and then pushed: two runs at once could both find it free.
    concurrency: { group: 'database-image', cancelInProgress: false },
    jobs: gated('Image of the database: all of it', {
      release: {
        role: 'build',
        name: 'Release',
        // Also by hand only what was merged.
        when: branches.map((branch) => `github.ref == 'refs/heads/${branch}'`).join(' || '),
        permissions: { contents: 'read', packages: 'write' },
        timeout: 60,
        steps: [
          ...prepared({ history: true }),
          dockerLogin,
          {
            name: 'Build it, try it, push it',
            // Empty in a run that a person has started: `before` is of a push.
            env: { TAG: expression('inputs.tag'), BEFORE: expression('github.event.before') },
            cogni: [
              'images',
              'release',
              { variable: 'TAG', option: '--tag', example: '15-pgbackrest2.45-20261123' },
              { variable: 'BEFORE', option: '--since', example: askedCommit.example },
              ...summary,
            ],
          },
        ],
      },
    }),
  };
}
