import { accountSteps } from './accounts';
import { environmentSteps, recoverySteps, type SetupEnvironment, type SetupStep } from './steps';

const title = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** Parts of the page in their order: title, and the steps in it. */
const parts = (
  environments: readonly SetupEnvironment[],
): readonly (readonly [title: string, text: string, steps: readonly SetupStep[]])[] => [
  ['Accounts, once', 'What all environments share.', accountSteps(environments)],
  ...environments.map(
    (environment) =>
      [
        title(environment.name),
        `From nothing to a site that serves.`,
        environmentSteps(environment),
      ] as const,
  ),
  ...environments.map(
    (environment) =>
      [
        `Recovery of ${environment.name}`,
        `After the loss of the host, or of the machine that you worked on. ${rowsOf(environment)}`,
        recoverySteps(environment),
      ] as const,
  ),
];

const rowsOf = ({ archived }: SetupEnvironment): string =>
  archived
    ? 'A lost host comes back with its data by one command, `./cogni rebuild` ([recovery.md](recovery.md), "Rebuild"). What follows is the way by hand: it brings back everything but the rows of the database, and those come out of its archive, to any moment ([recovery.md](recovery.md), "Restore").'
    : 'It brings back everything but the rows of the database: this environment has no archive (`archive` in `stacks/environments.ts`, [backup.md](backup.md)), so there is no backup of those.';

/** `docs/setup.md`: from empty accounts to every environment, and back after a loss. */
export function renderSetupPage(environments: readonly SetupEnvironment[]): string {
  const paragraphs = parts(environments).flatMap(([heading, text, steps], index) => [
    `## ${index + 1}. ${heading}`,
    text,
    ...steps.flatMap((step, at) => stepText(`${index + 1}.${at + 1} ${step.title}`, step)),
  ]);
  return `${[
    '<!-- Generated from services/settings/setup; do not edit. Make it again: ./cogni settings docs -->',
    '# Setting up',
    'From empty accounts to every environment, and back after a loss. All commands run in the checkout, in one shell.',
    ...paragraphs,
  ].join('\n\n')}\n`;
}

function stepText(heading: string, { text, commands, after = [] }: SetupStep): readonly string[] {
  const block = commands.length === 0 ? [] : [['```', ...commands, '```'].join('\n')];
  return [`### ${heading}`, ...text, ...block, ...after];
}
