import type { Command } from 'commander';
import { checkout } from '../context';
import { outputOptions } from '../output-options';

export function registerProviders(program: Command): void {
  const providers = program
    .command('providers')
    .description("the lock of Terraform's providers: which hashes their packages must have")
    .addHelpText('after', '\nExample:\n  ./cogni providers lock\n');

  providers
    .command('lock')
    .description(
      'ask the registry for the hashes on every platform, and write infra/locks/providers.lock.hcl',
    )
    .addHelpText('after', '\nExample:\n  ./cogni providers lock && git diff infra/locks\n')
    .action(async (_options: object, command: Command) => {
      const { lockProviders } = await import('../../infra/provider-lock.js');
      const { printResult } = await import('../output.js');
      const file = await lockProviders({ checkout });
      printResult(outputOptions(command), { file }, `wrote ${file}: review and commit it`);
    });
}
