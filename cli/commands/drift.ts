import type { Command } from 'commander';
import { outputOptions } from '../output-options';

interface Given {
  readonly report?: string;
}

export function registerDrift(program: Command): void {
  program
    .command('drift')
    .description('whether a host has and runs what was rendered for it, and nothing else: changes nothing')
    .argument('<env>', 'environment')
    .option('--report <file>', 'write what was found there as well, for ./cogni drift-issue')
    .addHelpText(
      'after',
      '\nExample:\n  ./cogni drift preview --json\n\nExit codes: 0 no drift, 10 something differs, 4 somebody is at work, so that nothing can be said, 1 the host could not be looked at.\n',
    )
    .action(async (name: string, given: Given, command: Command) => {
      const { exitCodeOfDrift } = await import('../../deploy/drift/drift.js');
      const { driftText } = await import('../../deploy/drift/text.js');
      const { lookForDrift } = await import('../drift.js');
      const { printResult } = await import('../output.js');
      const options = outputOptions(command);
      const report = await lookForDrift(name, given.report, options);
      printResult(options, report, driftText(report));
      process.exitCode = exitCodeOfDrift(report);
    });
}
