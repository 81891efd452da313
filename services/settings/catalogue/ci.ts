import * as formats from '../formats';
import type { Setting } from '../setting';

/**
 * What GitHub Actions says of the run (GitHub documentation, "Variables reference", "Default environment variables").
 */
export const ciSettings = {
  GITHUB_ACTIONS: {
    description: 'Whether this is a job of GitHub Actions, where an unset secret is an empty string',
    kind: 'plain',
    required: false,
    scope: 'ci',
    format: formats.oneOf('true', 'false'),
    consumers: ['cli'],
  },
  GITHUB_ACTOR: {
    description: 'Account that started the run: who deployed',
    kind: 'plain',
    required: false,
    scope: 'ci',
    format: formats.line,
    consumers: ['cli'],
  },
  GITHUB_RUN_ID: {
    description: 'Number of the run: where it was deployed from',
    kind: 'plain',
    required: false,
    scope: 'ci',
    format: formats.identifyingNumber,
    consumers: ['cli'],
  },
  GITHUB_REPOSITORY: {
    description: 'Owner and name of the repository; set it yourself where no workflow runs',
    kind: 'plain',
    required: false,
    scope: 'ci',
    format: formats.line,
    consumers: ['cli'],
  },
  GITHUB_SERVER_URL: {
    description: 'Address of GitHub itself: where a run can be read',
    kind: 'plain',
    required: false,
    scope: 'ci',
    format: formats.webUrl,
    consumers: ['cli'],
  },
  GITHUB_API_URL: {
    description: "Address of GitHub's API, where it is another one than api.github.com",
    kind: 'plain',
    required: false,
    scope: 'ci',
    format: formats.webUrl,
    consumers: ['cli'],
  },
  GITHUB_OUTPUT: {
    description: 'File that a step writes its results to, for the steps and jobs after it',
    kind: 'plain',
    required: false,
    scope: 'ci',
    format: formats.path,
    consumers: ['cli'],
  },
} as const satisfies Readonly<Record<string, Setting>>;
