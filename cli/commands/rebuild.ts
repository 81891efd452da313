import type { Command } from 'commander';
import { outputOptions } from '../output-options';
import type { RehearsalOptions } from '../rehearse';

export function registerRebuild(program: Command): void {
  program
    .command('rebuild')
    .description(
      'make a lost host anew, with its data: out of the checkout, the settings, and what is off the host',
    )
    .argument('<env>', 'environment')
    .option('--identity <file>', 'private key of age that opens the portable copies, and the export')
    .option('--export <file>', 'export of the settings, which is imported first (settings import)')
    .option('--replace <host@what>', 'this host is given up: its name, and the number of its server')
    .option(
      '--lost <host@verdict>',
      'a person has looked: it is lost, although that cannot be told from here',
    )
    .option('--to <target>', 'what the database is brought to, as of "restore" (default: newest)')
    .option('--image-tag <tag>', 'deploy this build in the place of the release that served last')
    .option(
      '--without-files',
      'certificates, ledger and records are not brought back (with --image-tag): no copy has them, or nobody its key',
    )
    .option(
      '--without-receiver <host>',
      'what the archive has is enough, of this host: the receiver of its log cannot be asked',
    )
    .option(
      '--without-backup <host>',
      'this host may still live, and is given up although what is off it is old',
    )
    .option(
      '--revoked <key>',
      'the ARCHIVE_KEY of the machine that is given up, which a person has ended at the storage',
    )
    .option(
      '--anew <id>',
      'begin another rebuild in the place of this one, which was begun and cannot come to its end',
    )
    .option(
      '--abandon <id>',
      'only end this one, which was begun and is not wanted any more: its host lives again; nothing is taken back',
    )
    .option(
      '--image <image>',
      'PostgreSQL with pgBackRest, as Docker here knows it (default: that of the record)',
    )
    .option(
      '--network <name>',
      'network of Docker by which the drill reaches the storage (default: that of Docker)',
    )
    .option(
      '--rehearse',
      'beside the living host, on a machine that is ordered for it and removed afterwards; nothing of the living one is touched',
    )
    .option('--keep', 'with --rehearse: leave its machine to be looked at')
    .option('--remove', 'with --rehearse: only remove what a rehearsal has made, however far it got')
    .option('--settings <file>', 'settings file, or "environment"')
    .option('--dry-run', 'look at everything, print what is known, the stages, and what speaks against it')
    .addHelpText(
      'after',
      [
        '',
        'Examples:',
        '  ./cogni rebuild production --identity key.txt --dry-run',
        '  ./cogni rebuild production --identity key.txt --replace production-cogni@811287',
        '  ./cogni rebuild production --identity key.txt --rehearse',
        '',
        'The same command goes on with one that was cut off. A host that is alive and well is refused, whatever is said,',
        'also where it has come back since a rebuild of it was begun.',
        'Exit codes: 0 rebuilt, 1 a stage failed, 3 a word is missing, or something that it needs is not there, 4 another run is under way, 5 a stage failed and the system is degraded.',
        '',
      ].join('\n'),
    )
    .action(async (name: string, given: RehearsalOptions, command: Command) => {
      const options = outputOptions(command);
      if (given.rehearse) {
        const { carryOutRehearsal } = await import('../rehearse.js');
        return carryOutRehearsal(name, given, options);
      }
      const { carryOutRebuild } = await import('../rebuild.js');
      await carryOutRebuild(name, given, options);
    });
}
