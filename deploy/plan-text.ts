import { masked } from '../foundation/secret';
import { writeCommands } from './archive';
import { displayedCommandLine } from './quote';
import type { Action, Expectation, GateCheck, Plan, Retry, RunAction, Step, WriteAction } from './step';
import type { RemoteCommand } from './transport';

/**
 * A plan for people: every step with why it is done, every command with what goes to its standard input, how it is
 * judged and for how long it may run. Secrets are shown by name.
 */
export function planText(plan: Plan): string {
  const steps = plan.steps.map((step, index) => stepText(step, index + 1, comesAfter(plan, index)));
  return [`${plan.title}: ${plan.steps.length} steps`, ...steps].join('\n\n') + '\n';
}

/** Whether a step comes after the one that settles its plan: it fails nothing any more, and is done in a cancelled run too. */
export const comesAfter = ({ steps }: Plan, index: number): boolean =>
  steps.slice(0, index).some(({ settles }) => settles);

/** What a cancelled run makes of a step. */
export function whenCancelled({ interruptible }: Step, after: boolean): string {
  if (after) return 'it is done all the same, to its end';
  return interruptible ? 'it ends at once' : 'the command that runs ends by itself first';
}

/** What another run makes of a step. */
export const onAnotherRun = ({ doneWhen }: Step): string =>
  doneWhen === undefined ? 'it is done again' : 'it is skipped where its work is there already';

/**
 * The same as data for programs: `JSON.stringify` shows secrets by name, and this shows texts made of parts too. What is
 * written has the commands that write it.
 */
export function planJson(plan: Plan): unknown {
  const shown = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shown);
    if (value === null || typeof value !== 'object' || value.constructor !== Object) return value;
    const entries = Object.entries(value).map(([key, inner]) => [
      key,
      ['stdin', 'content'].includes(key) ? masked(inner as string) : shown(inner),
    ]);
    const write = 'do' in value && value.do === 'write' ? (value as WriteAction) : undefined;
    const commands = write && writeCommands(write).map(({ argv, deadline }) => ({ argv, deadline }));
    return { ...Object.fromEntries(entries), ...(commands ? { commands } : {}) };
  };
  return JSON.parse(JSON.stringify(shown(plan)));
}

function stepText(step: Step, number: number, after: boolean): string {
  return [
    `${number}. ${step.name}`,
    `   why: ${step.why}`,
    ...section('done already when', step.doneWhen?.flatMap(runText)),
    ...section('does', step.actions.flatMap(actionText)),
    ...section('afterwards, whatever happens', step.cleanUp?.flatMap(commandText)),
    ...section('taken back by', step.undo?.flatMap(commandText)),
    ...section('shown when it fails', step.diagnose?.flatMap(commandText)),
    ...(step.settles ? ['   once it is done, nothing is taken back any more'] : []),
    `   on another run: ${onAnotherRun(step)}`,
    `   when the run is cancelled: ${whenCancelled(step, after)}`,
    ...(after ? ['   when it fails: that is noted, and the steps after it are done'] : []),
    `   leaves: ${step.leaves}`,
    ...(step.unlessTakenBack ? [`   where it cannot be taken back: ${step.unlessTakenBack}`] : []),
    `   then run: ${step.next}`,
  ].join('\n');
}

const section = (title: string, lines: readonly string[] | undefined): string[] =>
  lines === undefined || lines.length === 0
    ? []
    : [`   ${title}:`, ...lines.map((line) => `     ${line}`.trimEnd())];

function actionText(action: Action): string[] {
  switch (action.do) {
    case 'run':
      return runText(action);
    case 'write':
      return writeText(action);
    case 'hold':
      return [
        ...commandText(action.command),
        `  held until the ${action.until}`,
        ...(action.taken
          ? [
              `  exit code ${action.taken.exit}: somebody else has it, and who that is says`,
              ...commandText(action.taken.by),
            ]
          : []),
      ];
    case 'judge':
      return [
        ...commandText(action.command),
        `  what it prints is judged (${action.judge})${action.accepted ? ', and what is wrong is let pass' : ', and what is wrong refuses the run'}`,
      ];
    case 'gate':
      return [...action.checks.map(checkText), `  ${retryText(action.retry)}`];
  }
}

/** The archive on standard input is shown as the files in it. */
function writeText(action: WriteAction): string[] {
  const files = action.files.flatMap(({ path, mode, content, timings }) => [
    `  ${action.folder}/${path} (mode ${mode.toString(8).padStart(4, '0')})`,
    ...inputText(masked(content)),
    ...(timings ? ['  with what each step took until then, as "timings"'] : []),
  ]);
  return writeCommands(action).flatMap(({ argv, stdin, deadline }) => [
    `$ ${displayedCommandLine(argv)}`,
    ...(stdin === undefined ? [] : ['  standard input, an archive of:', ...files]),
    `  at most ${seconds(deadline)}`,
  ]);
}

function runText({ command, expect, retry, refusal, overtaken, taken }: RunAction): string[] {
  return [
    ...commandText(command),
    ...(expect ? [`  expected: ${expectationText(expect)}`] : []),
    ...(refusal ? [`  refuses with exit code ${refusal.join(' or ')}`] : []),
    ...(taken ? [`  with exit code ${taken.exit} ${taken.says}`] : []),
    ...(overtaken ? [`  otherwise ${overtaken}`] : []),
    ...(retry ? [`  ${retryText(retry)}`] : []),
  ];
}

function commandText({ argv, stdin, deadline }: RemoteCommand): string[] {
  return [
    `$ ${displayedCommandLine(argv)}`,
    ...(stdin === undefined ? [] : ['  standard input:', ...inputText(masked(stdin))]),
    `  at most ${seconds(deadline)}`,
  ];
}

/** An archive is padded with zero bytes, which no terminal shows. */
const inputText = (text: string): string[] =>
  text
    .replaceAll(/\0+/g, ' ')
    .replace(/\n? *$/, '')
    .split('\n')
    .map((line) => `  | ${line}`);

function expectationText({ exit, stdout }: Expectation): string {
  const codes = exit && `exit code ${exit.join(' or ')}`;
  return [codes, stdout && outputText(stdout)].filter(Boolean).join(', ');
}

function outputText(stdout: NonNullable<Expectation['stdout']>): string {
  if ('json' in stdout) return JSON.stringify(stdout.json);
  if ('listWithout' in stdout) return `a list without ${JSON.stringify(stdout.listWithout)}`;
  return JSON.stringify(stdout.equals);
}

const checkText = ({ url, status, json, text }: GateCheck): string =>
  `GET ${url} answers ${status}${json || text ? ` with ${JSON.stringify(json ?? text)}` : ''}`;

const retryText = ({ every, within, inARow = 1 }: Retry): string =>
  `tried every ${seconds(every)} for at most ${seconds(within)}, until it is so ${inARow === 1 ? 'once' : `${inARow} times in a row`}`;

const seconds = (milliseconds: number): string => `${milliseconds / 1000} s`;
