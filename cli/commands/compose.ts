import type { Command } from 'commander';
import { outputOptions } from '../output-options';

export function registerCompose(program: Command): void {
  const compose = program
    .command('compose')
    .description('existing compose files: what they say, and what the compose library says of them')
    .addHelpText('after', '\nExample:\n  ./cogni compose check compose.yaml\n');

  compose
    .command('check')
    .description(
      'read compose files as Compose does: their faults, the rules they break, what constructs could not write',
    )
    .argument('<file...>', 'compose files, in the order of docker compose -f')
    .option(
      '--out <file>',
      'write them as one file in one form, beside the first one or by a path of its own',
    )
    .addHelpText(
      'after',
      [
        '\nExits with 0 when no rule is broken, 1 when one is or a file has faults, 2 when there is no such file.',
        '\nExample:',
        '  ./cogni compose check compose.yaml compose.override.yaml\n',
      ].join('\n'),
    )
    .action(async (files: string[], given: { out?: string }, command: Command) => {
      const { checkComposeFiles } = await import('../check-compose-files.js');
      const { printResult } = await import('../output.js');
      const { document, text, exitCode } = checkComposeFiles(files, given.out);
      printResult(outputOptions(command), document, text);
      process.exitCode = exitCode;
    });
}
