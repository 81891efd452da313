import type { Command } from 'commander';
import { outputOptions } from '../output-options';

export function registerVerify(program: Command): void {
  program
    .command('verify')
    .description('look at the site from outside, as anybody can: ready, rendered, and which build')
    .argument('<env>', 'environment')
    .option('--build <sha>', 'commit that the application must say it was built from')
    .addHelpText(
      'after',
      '\nExample:\n  ./cogni verify production --build 1a2b3c4\n\nExit codes: 0 all of it, 5 visitors do not get what they should.\n',
    )
    .action(async (name: string, given: { build?: string }, command: Command) => {
      const { verifySite } = await import('../../deploy/verify.js');
      const { registryAdapters } = await import('../artifact-request.js');
      const { cancelledBySignals } = await import('../cancel.js');
      const { printResult } = await import('../output.js');
      const { findRecord } = await import('../../stacks/here.js');
      const { domain } = findRecord(name);
      const props = {
        environment: name,
        domain,
        ...(given.build === undefined ? {} : { build: given.build }),
      };
      const asked = await verifySite(props, { ...registryAdapters(), signal: cancelledBySignals() });
      printResult(outputOptions(command), { asked }, `these answer as they should:\n${asked.join('\n')}`);
    });
}
