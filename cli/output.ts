import { isatty } from 'node:tty';
import { createColors } from 'picocolors';
import { ExitCode, Failure, messageOf, type FailureProps } from '../foundation/failure';
import { progressTo, type Progress, type ProgressEvent } from '../foundation/progress';

/** On a terminal only: a log of CI is read as text (https://no-color.org for NO_COLOR). */
const colours = createColors(isatty(2) && !process.env['NO_COLOR']);

/** What every command needs to speak: `--json` asks for one document on standard output and JSON lines elsewhere. */
export interface OutputOptions {
  readonly json: boolean;
}

/** Progress on standard error: a live view on a terminal, plain lines elsewhere, JSON lines with `--json`. */
export function progressOn(options: OutputOptions, stream: NodeJS.WriteStream = process.stderr): Progress {
  if (options.json) return progressTo((event) => void stream.write(`${JSON.stringify(event)}\n`));
  return progressTo(stream.isTTY ? liveView(stream) : (event) => void stream.write(`${lineOf(event)}\n`));
}

/** Prints a command's result: the document with `--json`, its text otherwise. */
export function printResult(options: OutputOptions, document: unknown, text: string): void {
  process.stdout.write(options.json ? `${JSON.stringify(document, undefined, 2)}\n` : `${text.trimEnd()}\n`);
}

/**
 * Prints what was thrown and gives the exit code for it. Anything but a {@link Failure}, or what the machine refuses, is a fault
 * of ours.
 */
export function reportThrown(raised: unknown, options: OutputOptions): number {
  const thrown = ofTheMachine(raised) ?? raised;
  if (!(thrown instanceof Failure)) {
    const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    const what = `cogni has a fault of its own (please report this text)`;
    const state = 'unknown; look with ./cogni sandbox status or ./cogni host check <env>';
    if (options.json)
      printFailure({
        what,
        state,
        next: 'run the command again',
        faults: [],
        output: stack,
        exitCode: ExitCode.failed,
      });
    else
      process.stderr.write(`${colours.red(what)}\n${stack}\nstate: ${state}\nnext:  run the command again\n`);
    return ExitCode.failed;
  }
  if (options.json) {
    const { what, state, next, faults, output, exitCode } = thrown;
    printFailure({ what, state, next, faults, output, exitCode });
    return thrown.exitCode;
  }
  const [first, ...rest] = thrown.message.split('\n');
  const label = thrown.exitCode === ExitCode.refused ? colours.yellow('refused') : colours.red('failed');
  process.stderr.write(
    `${label}: ${first ?? ''}\n${rest.map((line) => line.replace(/^(state|next): /, (word) => colours.bold(word))).join('\n')}\n`,
  );
  return thrown.exitCode;
}

/** What is to be done about an error of a file, by its code: no fault of ours, and mended on the machine. */
const remedies: Readonly<Record<string, string>> = {
  ENOSPC: 'make room there',
  EDQUOT: 'make room there',
  EMFILE: 'raise the limit of open files (ulimit -n)',
  EACCES: 'mend the permissions there',
  EPERM: 'mend the permissions there',
  EROFS: 'make it writable',
  ENOTDIR: 'move away what is there in the place of a folder',
  EEXIST: 'move away what is there',
};
/** Of these, an error without a path is one of the machine too. */
const amounts = ['ENOSPC', 'EDQUOT', 'EMFILE'];

/** The failure behind an error of the file system, or undefined for any other. */
function ofTheMachine(thrown: unknown): Failure | undefined {
  if (thrown instanceof Failure || typeof thrown !== 'object' || thrown === null) return undefined;
  const { code = '', path } = thrown as NodeJS.ErrnoException;
  const remedy = remedies[code];
  if (remedy === undefined || (path === undefined && !amounts.includes(code))) return undefined;
  const message = messageOf(thrown);
  return new Failure({
    what: path === undefined || message.includes(path) ? message : `${message} (${path})`,
    state: 'what was done before it stays; look with ./cogni sandbox status or ./cogni host check <env>',
    next: `${remedy}, or set XDG_CACHE_HOME to another folder where it lies in the cache, then run the command again`,
    cause: thrown,
  });
}

/** The one document on standard output of a command that failed. */
const printFailure = (failed: Required<Omit<FailureProps, 'cause'>>): void =>
  void process.stdout.write(`${JSON.stringify({ failed }, undefined, 2)}\n`);

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

function lineOf(event: ProgressEvent): string {
  switch (event.kind) {
    case 'step':
      return event.why ? `▸ ${event.name}: ${event.why}` : `▸ ${event.name}`;
    case 'note':
      return `  ${event.text}`;
    case 'done':
      return `${colours.green('✓')} ${event.name} ${colours.dim(`(${seconds(event.milliseconds)})`)}${event.result ? ` ${event.result}` : ''}`;
    case 'failed':
      return `${colours.red('✗')} ${event.name} ${colours.dim(`(${seconds(event.milliseconds)})`)}`;
  }
}

/** Finished steps scroll up; the ones under way stay in the last lines. */
function liveView(stream: NodeJS.WriteStream): (event: ProgressEvent) => void {
  const underWay: string[] = [];
  let drawn = 0;
  return (event) => {
    let output = drawn > 0 ? `\x1b[${drawn}A\x1b[0J` : '';
    if (event.kind === 'step') underWay.push(event.name);
    else if (event.kind !== 'note') underWay.splice(underWay.indexOf(event.name), 1);
    if (event.kind !== 'step') output += `${lineOf(event)}\n`;
    else if (event.why) output += `${colours.dim(`  ${event.name}: ${event.why}`)}\n`;
    const width = (stream.columns || 80) - 4;
    output += underWay.map((name) => `${colours.cyan('▸')} ${name.slice(0, width)}\n`).join('');
    drawn = underWay.length;
    stream.write(output);
  };
}
