import type { Plan } from '../deploy/step';
import { leaves } from '../recovery/rebuild/gate';
import type { RebuildPlan } from '../recovery/rebuild/plan';
import { verdicts } from '../recovery/identity/verdicts';
import { declarationOf, type SettingName } from '../services';

/** Options of a rebuild as runbooks have them. */
export const identity = '--identity key.txt';
export const replace = '--replace <host>@<server>';

/** A line of what to do: a command of ours, or something that only a person can do. */
export interface Errand {
  /** As it is typed: `./cogni …` (a test holds it against the command line) or the shell's own; or undefined for what a person does. */
  readonly command?: string;
  /** What comes of it, or what to do; a sentence without its stop. */
  readonly says: string;
}

/** Something that happens to all of it, and the way back. */
export interface Disaster {
  readonly title: string;
  /** Relative to the checkout. */
  readonly file: string;
  /** What has happened, and what is left; sentences. */
  readonly about: string;
  /** By which verdicts of `./cogni host check` it is seen. @default - not by them */
  readonly verdicts?: readonly string[];
  readonly errands: readonly Errand[];
  /** What the command in the middle goes through, and the runbook that tells all of it. */
  readonly goesThrough?: {
    readonly command: string;
    readonly runbook: string;
    readonly plan: Plan | RebuildPlan<string>;
  };
  /** Secrets that it is about: what each is for, and what to do when it is lost. */
  readonly keys?: readonly LostKey[];
}

/** A secret that nobody has any more, or somebody who should not. */
export interface LostKey {
  /** One of the catalogue, whose words are taken from there; or a name of its own with what it opens. */
  readonly key: SettingName | { readonly name: string; readonly opens: string };
  /** What goes on without it, and what does not. */
  readonly without: string;
  readonly errands: readonly Errand[];
}

/**
 * The runbook of a disaster: how it shows, what to do, and what the command in the middle goes through, from the same data as that.
 *
 * @returns Markdown
 */
export function renderDisaster({
  title,
  about,
  verdicts: ids,
  errands,
  goesThrough,
  keys,
}: Disaster): string {
  return (
    [
      '<!-- Generated from the verdicts, stages and steps that the commands work with; do not edit. Make it again: npm run runbooks -->',
      `# Runbook: ${title}`,
      about,
      ...(ids === undefined ? [] : [shows(ids)]),
      `## What to do\n\n${errandList(errands)}`,
      ...(keys ?? []).map(keyText),
      ...(goesThrough === undefined ? [] : [partsText(goesThrough)]),
    ].join('\n\n') + '\n'
  );
}

function shows(ids: readonly string[]): string {
  const rows = ids.map((id) => {
    const verdict = verdicts.find((each) => each.id === id);
    if (verdict === undefined) throw new Error(`there is no verdict ${id}`);
    const leave = leaves[id];
    const word =
      leave === 'lost'
        ? '`--replace`'
        : leave === 'unsure'
          ? '`--replace` and `--lost <host>@' + id + '`'
          : 'is refused';
    return `| \`${id}\` | ${cell(verdict.means)} | ${word} |`;
  });
  return [
    '## How it shows',
    'What `./cogni host check <env>` says, and the words that a rebuild asks for then:',
    ['| verdict | what it is | a rebuild |', '| --- | --- | --- |', ...rows].join('\n'),
  ].join('\n\n');
}

const errandList = (errands: readonly Errand[]): string =>
  errands
    .map(({ command, says }, index) => {
      const text =
        command === undefined ? `${says.charAt(0).toUpperCase()}${says.slice(1)}` : `\`${command}\`: ${says}`;
      return `${index + 1}. ${text}.`;
    })
    .join('\n');

function keyText({ key, without, errands }: LostKey): string {
  const [name, opens] =
    typeof key === 'string' ? [`\`${key}\``, declarationOf(key).description] : [key.name, key.opens];
  return [
    `## ${name}`,
    [`- **What it is for**: ${opens}`, `- **Without it**: ${without}`].join('\n'),
    errandList(errands),
  ].join('\n\n');
}

function partsText({ command, runbook, plan }: NonNullable<Disaster['goesThrough']>): string {
  const parts = 'groups' in plan ? plan.groups.flat() : plan.steps;
  return [
    `## What \`${command}\` goes through`,
    `In short; all of it is in [its runbook](${runbook}). Names, numbers and moments are examples.`,
    [
      '| part | | what is left when it fails |',
      '| --- | --- | --- |',
      ...parts.map(({ id, name, leaves: left }) => `| \`${id}\` | ${cell(name)} | ${cell(left)} |`),
    ].join('\n'),
  ].join('\n\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
