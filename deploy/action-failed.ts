import { ExitCode } from '../foundation/failure';
import type { Output } from '../foundation/process';
import { displayedCommandLine } from './quote';
import type { RemoteCommand } from './transport';

/** Why an action of a step did not come out as expected. Its texts are not redacted yet. */
export class ActionFailed extends Error {
  override readonly name = 'ActionFailed';
  /** Of the program, where one was run. */
  readonly output: string;
  readonly faults: readonly string[];
  readonly exitCode: ExitCode;
  /** Another run kept it from doing anything: what state there is then. Undefined where it may have done something. */
  readonly notBegun: string | undefined;

  constructor(
    readonly what: string,
    more: {
      output?: string;
      faults?: readonly string[];
      exitCode?: ExitCode;
      notBegun?: string | undefined;
    } = {},
  ) {
    super(what);
    this.output = more.output ?? '';
    this.faults = more.faults ?? [];
    this.exitCode = more.exitCode ?? ExitCode.failed;
    this.notBegun = more.notBegun;
  }
}

/** Lines shown of each program's output. */
const shownLines = 40;

/** A command and the end of what it printed. */
export const transcript = ({ argv }: RemoteCommand, { stdout, stderr }: Output): string =>
  [`$ ${displayedCommandLine(argv)}`, lastLines(stdout), lastLines(stderr)].filter(Boolean).join('\n');

const lastLines = (text: string): string => text.trim().split('\n').slice(-shownLines).join('\n');

/** Enough to say in one line what went wrong. */
export const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';
