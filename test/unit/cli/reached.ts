import type { Command } from 'commander';
import { cogniProgram } from '../../../cli/program';

/**
 * The command line as it is, whose commands do nothing but say that they were reached.
 *
 * @returns the words of the command
 * @throws what the command line throws for words that it does not understand
 */
export function reached(words: readonly string[]): string {
  let found = '';
  const program = cogniProgram();
  const silence = (command: Command, path: string): void => {
    command.configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
    if (command.commands.length === 0) command.action(() => void (found = path));
    for (const child of command.commands) silence(child, `${path} ${child.name()}`.trim());
  };
  silence(program, '');
  program.parse([...words], { from: 'user' });
  return found;
}
