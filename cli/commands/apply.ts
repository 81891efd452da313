import type { Command } from 'commander';
import { wordsIn } from '../../infra/plan/words';
import type { ApplyRequest } from '../apply-plan';
import { outputOptions } from '../output-options';

const again = (each: string, all: readonly string[]): readonly string[] => [...all, ...wordsIn(each)];

export function registerApply(program: Command): void {
  program
    .command('apply')
    .description('apply a kept plan, those very bytes, or refuse with every reason')
    .argument('<env>', 'environment, or <env>-address for its floating address')
    .argument('<plan>', 'file that cogni plan kept')
    .option(
      '--wipe <name@hash>',
      'that host may be wiped, replaced or destroyed by this very plan; several with spaces between, or given again',
      again,
      [],
    )
    .option('--reviewed <hash>', 'this very plan was looked at, where it needs a review')
    .option(
      '--without-backup <host>',
      'lose it although no backup of it was verified; several with spaces between, or given again',
      again,
      [],
    )
    .option(
      '--settings <file>',
      'file with settings, - for standard input (otherwise .cogni/<env>/settings.env and the environment)',
    )
    .option('--dry-run', 'look at everything that could speak against it, apply nothing')
    .addHelpText(
      'after',
      [
        '',
        'Examples:',
        '  ./cogni apply preview .cogni/preview/plans/preview-1a2b3c4d.plan',
        '  ./cogni apply preview wipe.plan --wipe preview-cogni@1a2b3c4d --without-backup preview-cogni',
        '',
      ].join('\n'),
    )
    .action(async (name: string, file: string, given: ApplyRequest, command: Command) => {
      const { applyKept } = await import('../apply-plan.js');
      const { printResult, progressOn } = await import('../output.js');
      const options = outputOptions(command);
      const { document, text } = await applyKept(name, file, given, progressOn(options));
      printResult(options, document, text);
    });
}
