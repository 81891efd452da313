import type { Command } from 'commander';
import { outputOptions } from '../output-options';
import type { RestoreOptions } from '../restore';

export function registerRestore(program: Command): void {
  program
    .command('restore')
    .description('bring the database of a host to another moment, out of the archive; or take that back')
    .argument('<env>', 'environment')
    .option(
      '--to <target>',
      'a moment with its zone, a backup, a restore point, or newest: what archive and receiver have now',
    )
    .option('--undo <id>', 'take a restore back, finished or cut off: the data of before serve again')
    .option('--forget <id>', 'remove the data that a restore keeps; it cannot be taken back any more')
    .option(
      '--replace <host@target>',
      'the data that this host has are replaced; for --undo and --forget, host@id',
    )
    .option(
      '--without-backup <host>',
      'although no backup of its present state can be made: its data stay on its disk alone',
    )
    .option(
      '--without-receiver <host>',
      'to the newest moment that the archive has, although the receiver of the log cannot be asked',
    )
    .option('--settings <file>', 'settings file, - for standard input, or "environment"')
    .option('--dry-run', 'look at host and archive, print the steps, and change nothing')
    .addHelpText(
      'after',
      [
        '',
        'Examples:',
        '  ./cogni restore production --to 2026-11-21T12:00:00Z --dry-run',
        '  ./cogni restore production --to 2026-11-21T12:00:00Z --replace production-cogni@2026-11-21T12:00:00.000Z',
        '  ./cogni restore production --undo 20261121T123000Z --replace production-cogni@20261121T123000Z',
        '',
        'The copy is made and proven beside the database, which serves meanwhile. The same command again goes on with one that was cut off.',
        'Exit codes: 0 restored, 1 failed and taken back, 3 a word is missing, or no good backup leads there, 4 a deploy is under way, 5 the database is restored and the applications do not serve, or it could not be taken back.',
        '',
      ].join('\n'),
    )
    .action(async (name: string, given: RestoreOptions, command: Command) => {
      const { carryOutRestore } = await import('../restore.js');
      await carryOutRestore(name, given, outputOptions(command));
    });
}
