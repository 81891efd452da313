import { writeFileSync } from 'node:fs';
import type { ImageDigest } from '../compose';
import type { ReleaseImages, ResolvedImage } from '../deploy/registry';
import { releaseFiles } from '../deploy/rolling/files';
import { planRolling, type PlanProps } from '../deploy/rolling/plan';
import type { DeployRequest } from '../deploy/rolling/request';
import type { HostFacts } from '../deploy/rolling/survey';
import type { Plan, Step } from '../deploy/step';
import { Secret } from '../foundation/secret';
import { declarationOf, Settings, settingNames } from '../services';

/** The runbooks, relative to the checkout. */
export const runbooks = {
  deploy: 'docs/reference/runbook-deploy.md',
  rollback: 'docs/reference/runbook-rollback.md',
} as const;

const introductions: Readonly<Record<keyof typeof runbooks, string>> = {
  deploy:
    'What `./cogni deploy <env> --image-tag <tag>` does, step by step: why, what is left when a step fails, and what to run then. The steps are those of a deploy over a release that serves, with everything that an environment can have.',
  rollback:
    'What `./cogni rollback <env> --to <release>` does, step by step: why, what is left when a step fails, and what to run then. It runs no migration: the old code meets the database as it is.',
};

/**
 * The runbook of a deploy or a rollback, made from its plan: it says what the plan says. Example names stand for the
 * environment and its releases.
 *
 * @returns Markdown
 */
export function renderRunbook(which: keyof typeof runbooks): string {
  const plan = planRolling(which === 'rollback' ? { ...props, backTo: serving } : props);
  return (
    [
      '<!-- Generated from the plans in deploy/rolling/; do not edit. Make it again: npm run runbooks -->',
      `# Runbook: ${which}`,
      introductions[which],
      `The commands of each step, with what is sent to them, are printed by \`./cogni ${which} <env> … --dry-run\`. A step whose work is there already is skipped. When a step fails, its own work and that of the steps before it is taken back, the last first. A run that was cut off at any point is mended by the same command again.`,
      ...plan.steps.map(stepText),
      afterwards(plan),
    ].join('\n\n') + '\n'
  );
}

function stepText(step: Step, index: number): string {
  const limit = longest(step);
  return [
    `## ${index + 1}. ${step.name} (\`${step.id}\`)`,
    sentence(step.why),
    [
      `- **When it fails**: ${step.leaves}`,
      `- **Then**: ${step.next}`,
      `- **Taken back**: ${takenBack(step)}`,
      ...(step.diagnose ? ['- **Shown when it fails**: the state and the log of what it started'] : []),
      `- **When the run is cancelled**: ${step.interruptible ? 'it ends at once' : 'the command that runs ends by itself first'}`,
      ...(limit === 0 ? [] : [`- **Longest command**: ${duration(limit)}`]),
    ].join('\n'),
  ].join('\n\n');
}

function takenBack({ undo = [], settles }: Step): string {
  if (settles) return 'only while it fails itself; once it is done, nothing is taken back any more';
  return undo.length === 0 ? 'nothing of it' : 'yes, when it or a later step fails';
}

/** Milliseconds that its longest command, or its longest wait, may take. */
const longest = ({ actions }: Step): number =>
  Math.max(
    0,
    ...actions.map((action) => {
      if (action.do === 'run') return Math.max(action.command.deadline, action.retry?.within ?? 0);
      if (action.do === 'gate') return action.retry.within;
      return 'command' in action ? action.command.deadline : 60_000;
    }),
  );

const duration = (milliseconds: number): string =>
  milliseconds < 120_000
    ? `${milliseconds / 1000} s`
    : `${(milliseconds / 60_000).toFixed(1).replace('.0', '')} min`;

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function afterwards({ steps }: Plan): string {
  const settled = steps.findIndex(({ settles }) => settles);
  const last = steps.slice(settled + 1).map(({ id }) => `\`${id}\``);
  return `## Afterwards\n\nFrom ${last[0] ?? 'here'} on (${last.join(', ')}) the release serves and is recorded: what goes wrong there is only noted. \`./cogni journal <env>\` tells what a run did, \`./cogni releases <env>\` what can be gone back to, \`./cogni lock status <env>\` whether a run is still under way.`;
}

const reference = (name: string, character: string): ImageDigest =>
  `registry.example.org/${name}@sha256:${character.repeat(64)}`;

const image = (tag: string, character: string): ResolvedImage => {
  const digest = reference('example/app', character);
  return {
    tag,
    digest: digest.slice(digest.indexOf('@') + 1),
    reference: digest,
    layers: [],
    platforms: [],
  };
};

const imagesOf = (tag: string, app: string, migrator: string): ReleaseImages => ({
  app: image(tag, app),
  migrator: image(`${tag}-migrate`, migrator),
});

const settings = new Settings(
  new Map(
    settingNames.map((name) => [
      name,
      declarationOf(name).kind === 'secret' ? Secret.of(name, 'example') : 'example',
    ]),
  ),
);

const request: DeployRequest = {
  environment: 'preview',
  domain: 'preview.example.org',
  tagPrefix: 'preview',
  host: {
    environment: 'preview',
    address: '203.0.113.7',
    user: 'deploy',
    knownHosts: 'known_hosts',
    hostKeyAlias: 'cogni-preview',
  },
  repository: 'registry.example.org/example/app',
  tag: 'preview-2222222',
  runtime: {
    images: { postgres: reference('postgres', 'c') },
    litellm: { image: reference('litellm', 'd'), database: true },
    alloy: { image: reference('alloy', 'e'), environment: 'preview' },
  },
  settings: {},
  by: { who: 'ada', from: 'laptop' },
};

const emptyHost: HostFacts = {
  bootstrapped: true,
  edge: 'healthy',
  platform: 'linux/amd64',
  freeBytes: 0,
  upstream: 'none',
  release: undefined,
  files: {},
  leftovers: false,
  images: [],
  layers: [],
  containers: [],
  clockAhead: 0,
  freeInodes: 0,
  unwritable: [],
  imagesReadOnly: false,
  strangers: [],
  settingsEdited: false,
  recorded: [],
  newer: [],
};

const older = { ...request, tag: 'preview-1111111' };
const olderImages = imagesOf(older.tag, 'a', 'b');
const { release: serving } = planRolling({
  request: older,
  settings,
  images: olderImages,
  facts: emptyHost,
  at: new Date('2026-01-01T08:00:00Z'),
});

/** A deploy over a release that serves: the settings differ, and one file of a folder is not there yet. */
const props: PlanProps = {
  request,
  settings,
  images: imagesOf(request.tag, 'e', 'f'),
  at: new Date('2026-01-02T08:00:00Z'),
  facts: {
    ...emptyHost,
    upstream: 'cogni-app-a',
    release: serving,
    files: Object.fromEntries(
      releaseFiles(request.runtime, settings, olderImages, 'a')
        .filter(({ path }) => !path.startsWith('litellm/'))
        .map(({ path, mode }) => [path, { mode, hash: '' }]),
    ),
    images: [`${request.repository}@sha256:${'0'.repeat(64)}`],
    containers: [{ service: 'app-a', state: 'running', health: 'healthy', image: serving.images.app }],
  },
};

if (require.main === module) {
  for (const which of ['deploy', 'rollback'] as const) writeFileSync(runbooks[which], renderRunbook(which));
}
