import type { Command } from 'commander';
import { outputOptions } from '../output-options';

export function registerLock(program: Command): void {
  const lock = program
    .command('lock')
    .description('the deploy lock of a host: who holds it, and how to be rid of a run that must not go on')
    .addHelpText('after', '\nExample:\n  ./cogni lock status preview\n');

  lock
    .command('status')
    .description('who holds the deploy lock, since when and what for, as the kernel of the host says')
    .argument('<env>', 'environment')
    .addHelpText(
      'after',
      '\nExample:\n  ./cogni lock status preview\n\nExit codes: 0 held or free, 1 the host does not answer.\n',
    )
    .action(async (name: string, _given: object, command: Command) => {
      const { readLock } = await import('../../deploy/lock/status.js');
      const { readComposeAtWork } = await import('../../deploy/lock/of-host.js');
      const { onHost } = await import('../on-host.js');
      const { printResult } = await import('../output.js');
      const { lockText } = await import('../lock-text.js');
      const { state, compose } = await onHost(name, async (transport) => ({
        state: await readLock(transport, name),
        compose: await readComposeAtWork(transport, name),
      }));
      printResult(outputOptions(command), { ...state, compose }, lockText(state, compose));
    });

  lock
    .command('release')
    .description('say what a held lock waits for; ends the run that holds it only when that run is named')
    .argument('<env>', 'environment')
    .option('--end-the-run <holder>', 'end exactly this holder, as "lock status" names it')
    .addHelpText(
      'after',
      '\nExample:\n  ./cogni lock release preview --end-the-run 1234-567890\n\nExit codes: 0 free now, 1 the holder could not be ended, 3 refused: it is held, and its holder was not named.\n',
    )
    .action(async (name: string, given: { endTheRun?: string }, command: Command) => {
      const { releaseLock } = await import('../../deploy/lock/release.js');
      const { onHost } = await import('../on-host.js');
      const { printResult } = await import('../output.js');
      const { lockReleaseText } = await import('../lock-text.js');
      const result = await onHost(name, (transport) => releaseLock(transport, name, given.endTheRun));
      printResult(outputOptions(command), result, lockReleaseText(result));
    });
}
