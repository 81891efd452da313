import type { Command } from 'commander';
import { outputOptions } from '../output-options';

interface Given {
  readonly to?: string;
  readonly ask?: string;
  readonly image?: string;
  readonly network?: string;
  readonly settings?: string;
  readonly dryRun?: boolean;
}

export function registerDrill(program: Command): void {
  program
    .command('drill')
    .description('prove the backups: restore the newest one from off the host, here, and compare it')
    .argument('<env>', 'environment')
    .option('--to <moment>', 'a moment with its zone, or a restore point, instead of the newest moment')
    .option('--ask <sql>', 'what to ask the copy then, reading only: whether it is the moment that is sought')
    .option(
      '--image <image>',
      'PostgreSQL with pgBackRest, as Docker here knows it (default: that of the record)',
    )
    .option('--network <name>', 'network of Docker by which the storage is reached (default: that of Docker)')
    .option('--settings <file>', 'settings file, - for standard input, or "environment"')
    .option('--dry-run', 'ask the archive, print the steps, and make nothing')
    .addHelpText(
      'after',
      "\nExamples:\n  ./cogni drill production\n  ./cogni drill production --to 2026-11-21T12:00:00Z --ask 'SELECT count(*) FROM notes'\n\nIt needs Docker on this machine, and neither the host nor a way to it. Exit codes: 0 the copy is what was backed up, 1 it is not, or could not be made, 3 no archive, or no good backup leads there, 4 another drill runs here.\n",
    )
    .action(async (name: string, given: Given, command: Command) => {
      const { carryOutDrill } = await import('../drill.js');
      await carryOutDrill(name, given, outputOptions(command));
    });
}
