import { writeFileSync } from 'node:fs';
import { comesAfter, onAnotherRun, whenCancelled } from '../deploy/plan-text';
import type { Step } from '../deploy/step';
import type { RebuildPlan, Stage } from '../recovery/rebuild/plan';
import { renderDisaster } from './disaster';
import { disasters } from './disasters';
import { rebuildPlans, runbookPlans } from './runbook-plans';

type Journey = keyof typeof runbookPlans;

interface Runbook {
  /** Relative to the checkout. */
  readonly file: string;
  /** The command with its arguments. */
  readonly command: string;
  /** What it is and is not, after the command was named. */
  readonly about: string;
  /** How the work ends, and where to look afterwards; `last` are the steps after the one that settles it. */
  readonly afterwards: (last: readonly string[]) => string;
}

const released = (last: readonly string[]): string =>
  `From ${last[0] ?? 'here'} on (${last.join(', ')}) the release serves and is recorded: what goes wrong there is only noted. \`./cogni journal <env>\` tells what a run did, \`./cogni releases <env>\` what can be gone back to, \`./cogni lock status <env>\` whether a run is still under way.`;

/** The runbooks, by journey. */
export const runbooks: Readonly<Record<Journey, Runbook>> = {
  deploy: {
    file: 'docs/reference/runbook-deploy.md',
    command: 'deploy <env> --image-tag <tag>',
    about:
      'The steps are those of a deploy over a release that serves, with everything that an environment can have.',
    afterwards: released,
  },
  rollback: {
    file: 'docs/reference/runbook-rollback.md',
    command: 'rollback <env> --to <release>',
    about: 'It runs no migration: the old code meets the database as it is.',
    afterwards: released,
  },
  'edge apply': {
    file: 'docs/reference/runbook-edge-apply.md',
    command: 'edge apply <env>',
    about: `The steps are those for an edge whose files and container all differ (\`--replace-container\`); where only the Caddyfile differs, its container stays, and the steps for it are not there. What it costs visitors: ${runbookPlans['edge apply'].costs.join('; ')}.`,
    afterwards: () =>
      'What the disk holds is what was proven last, at any moment: a host that restarts meanwhile starts from it. `./cogni journal <env>` tells what a run did, `./cogni lock status <env>` whether one is still under way.',
  },
  restore: {
    file: 'docs/reference/runbook-restore.md',
    command: 'restore <env> --to <target> --replace <host>@<target>',
    about:
      'The steps are those for a host that serves. On one without data those are missing that have nothing to stop, to keep or to start. A run that was cut off is known by what lies on the disk: what it has done is left out.',
    afterwards: (last) =>
      `From ${last[0] ?? 'here'} on (${last.join(', ')}) the restored data stay: what goes wrong there is only noted, and \`--undo <id>\` takes the restore back. \`./cogni journal <env>\` tells what a run did, \`./cogni lock status <env>\` whether one is still under way.`,
  },
};

/**
 * The runbook of a journey, made from its plan: it says what the plan says.
 *
 * @returns Markdown
 */
export function renderRunbook(journey: Journey): string {
  const plan = runbookPlans[journey];
  const { steps } = plan;
  const { command, about, afterwards } = runbooks[journey];
  const settled = steps.findIndex(({ settles }) => settles);
  return (
    [
      '<!-- Generated from the plans that the commands carry out; do not edit. Make it again: npm run runbooks -->',
      `# Runbook: ${journey}`,
      `What \`./cogni ${command}\` does, step by step: why, what is left when a step fails, and what to run then. ${about}`,
      `The commands of each step, with what is sent to them, are printed by \`./cogni ${journey} <env> … --dry-run\`. When a step fails, its own work and that of the steps before it is taken back, the last first. A run that was cut off at any point is mended by the same command again.`,
      ...steps.map((step, index) => stepText(step, index, comesAfter(plan, index))),
      `## Afterwards\n\n${afterwards(steps.slice(settled + 1).map(({ id }) => `\`${id}\``))}`,
    ].join('\n\n') + '\n'
  );
}

function stepText(step: Step, index: number, after: boolean): string {
  const limit = longest(step);
  return [
    `## ${index + 1}. ${step.name} (\`${step.id}\`)`,
    sentence(step.why),
    [
      `- **When it fails**: ${after ? 'it is noted, and what comes after it is done; ' : ''}${step.leaves}`,
      `- **Then**: ${step.next}`,
      ...(step.unlessTakenBack ? [`- **Where it cannot be taken back**: ${step.unlessTakenBack}`] : []),
      `- **Taken back**: ${after ? 'nothing: the plan is settled' : takenBack(step)}`,
      `- **On another run**: ${onAnotherRun(step)}`,
      ...(step.diagnose ? ['- **Shown when it fails**: the state and the log of what it started'] : []),
      `- **When the run is cancelled**: ${whenCancelled(step, after)}`,
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

type Rebuild = keyof typeof rebuildPlans;

const rebuilding = 'rebuild <env> --identity <key> --replace <host>@<what>';
const rebuilt =
  'The report (`.cogni/<env>/rebuild/<id>.md`) says what was lost at most, how long it took, and what is left to a person: the server that was given up is still paid for, a watch is started again, the settings are exported anew.';

/** The runbooks of a rebuild, whose stages are journeys of their own. */
export const rebuildRunbooks: Readonly<
  Record<Rebuild, Pick<Runbook, 'file' | 'command' | 'about'> & { readonly afterwards: string }>
> = {
  rebuild: {
    file: 'docs/reference/runbook-rebuild.md',
    command: rebuilding,
    afterwards: rebuilt,
    about:
      'For a host that was lost, or in whose place the provider has put another machine. `./cogni host check <env>` comes first: its verdict decides ([recovery.md](../recovery.md), "Rebuild").',
  },
  'rebuild elsewhere': {
    file: 'docs/reference/runbook-rebuild-elsewhere.md',
    command: rebuilding,
    afterwards: rebuilt,
    about:
      "For a provider's account that is locked, or a region that is lost: the machine is made by you, anywhere, with the user-data of the environment ([bootstrap.md](../bootstrap.md)), and its address is written into the record (`host: { kind: 'existing', … }`) first. The archive has to be with another provider than the host for this to be of use.",
  },
  'rehearsal of a rebuild': {
    file: 'docs/reference/runbook-rehearsal.md',
    command: 'rebuild <env> --identity <key> --rehearse',
    about:
      'The rebuild beside the living host, which is not touched, on a machine that is ordered for it ([recovery.md](../recovery.md), "Rehearsal").',
    afterwards:
      'The report (`.cogni/<env>/rehearsals/<id>.md`) says how long it took until the copy served, and what would have been lost. With `--keep` the machine stands, and is paid for until `./cogni rebuild <env> --rehearse --remove`; the same command removes what a rehearsal that was stopped has left.',
  },
};

/**
 * The runbook of a rebuild, made from its stages.
 *
 * @returns Markdown
 */
export function renderRebuildRunbook(rebuild: Rebuild): string {
  const { groups }: RebuildPlan<string> = rebuildPlans[rebuild];
  const { command, about, afterwards } = rebuildRunbooks[rebuild];
  return (
    [
      '<!-- Generated from the stages that the command goes through; do not edit. Make it again: npm run runbooks -->',
      `# Runbook: ${rebuild}`,
      `What \`./cogni ${command}\` does, stage by stage. ${about}`,
      'Names, numbers and moments are examples: the same command with `--dry-run` prints those of the day. Nothing is taken back; when a stage fails, its failure says what to mend, and the same command goes on from there. So it does after a kill at any point.',
      ...groups.flatMap((group, index) => group.map((stage) => stageText(stage, index, group))),
      `## Afterwards\n\n${afterwards}`,
    ].join('\n\n') + '\n'
  );
}

function stageText(stage: Stage<string>, index: number, group: readonly Stage<string>[]): string {
  const beside = group
    .filter(({ id, after }) => id !== stage.id && id !== stage.after && after !== stage.id)
    .map(({ id }) => `\`${id}\``);
  const first = group.some(({ id }) => id === stage.after) ? stage.after : undefined;
  return [
    `## ${index + 1}. ${stage.name} (\`${stage.id}\`)`,
    sentence(stage.why),
    [
      `- **Done when**: ${stage.doneWhen}`,
      `- **When it fails**: ${stage.leaves}`,
      ...(stage.person === undefined ? [] : [`- **Only a person**: ${stage.person}`]),
      ...(first === undefined ? [] : [`- **Not before**: \`${first}\` is done`]),
      ...(beside.length === 0 ? [] : [`- **At the same time**: ${beside.join(', ')}`]),
    ].join('\n'),
  ].join('\n\n');
}

if (require.main === module) {
  for (const rebuild of Object.keys(rebuildRunbooks) as Rebuild[])
    writeFileSync(rebuildRunbooks[rebuild].file, renderRebuildRunbook(rebuild));
  for (const disaster of Object.values(disasters)) writeFileSync(disaster.file, renderDisaster(disaster));
  for (const journey of Object.keys(runbooks) as Journey[])
    writeFileSync(runbooks[journey].file, renderRunbook(journey));
}
