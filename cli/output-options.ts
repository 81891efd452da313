import type { Command, CommanderError } from 'commander';
import { ExitCode, Failure } from '../foundation/failure';
import type { OutputOptions } from './output';

/** The options that every command has, given before or after its name. */
export const outputOptions = (command: Command): OutputOptions => ({
  json: command.optsWithGlobals<{ json?: boolean }>().json ?? false,
});

/** The words of a command line that are ours: those behind `--` are for a program on a host. */
const ownWords = (argv: readonly string[]): readonly string[] =>
  argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;

/** Whether a command line asks for `--json`, also where it could not be read any further. */
export const asksForJson = (argv: readonly string[]): boolean => ownWords(argv).includes('--json');

/** The failure behind a command line that could not be read. */
export function usageFailure({ code, message }: CommanderError, argv: readonly string[]): Failure {
  const words = ownWords(argv).filter((word) => !word.startsWith('-'));
  // Asked for nothing, the parser prints its help, and has no words of its own for that.
  const missing = code === 'commander.help';
  return new Failure({
    what: missing ? `a command is missing after "${['./cogni', ...words].join(' ')}"` : message,
    next: ['./cogni', ...(missing ? words : []), '--help'].join(' '),
    exitCode: ExitCode.usage,
  });
}
