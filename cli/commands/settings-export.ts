import type { Command } from 'commander';
import type { ExportAsked } from '../export-settings';
import type { ImportAsked } from '../import-settings';
import { outputOptions } from '../output-options';

export function registerExport(settings: Command): void {
  settings
    .command('export')
    .description('everything of an environment that is in no repository and no backup, in one encrypted file')
    .argument('<env>', 'environment')
    .requiredOption(
      '--to <recipient...>',
      'recipients of age (age1…): only their private halves open the file',
    )
    .option('--out <file>', 'where it is written, mode 0600, or - for standard output', undefined)
    .option('--deploy-key <file>', 'private half of the deploy key, to put into it as well')
    .option('--incomplete', 'export it although something is missing that a rebuild needs')
    .option('--dry-run', 'say what would be in it, and write nothing')
    .addHelpText(
      'after',
      [
        '',
        'Otherwise it is written to .cogni/<env>/settings.age: put it elsewhere, away from the key that opens it.',
        '',
        'Example:',
        '  ./cogni settings export preview --to age1… --deploy-key ~/.ssh/cogni_preview_deploy --out preview.age',
        '',
      ].join('\n'),
    )
    .action(async (name: string, given: ExportAsked, command: Command) => {
      const { exportSettings, exportText } = await import('../export-settings.js');
      const { printResult } = await import('../output.js');
      const { result, sealed } = await exportSettings(name, given, new Date());
      const toStandardOutput = given.out === '-' && sealed !== undefined;
      printResult(
        outputOptions(command),
        toStandardOutput ? { ...result, age: sealed } : result,
        toStandardOutput ? sealed : exportText(name, result),
      );
    });
}

export function registerImport(settings: Command): void {
  settings
    .command('import')
    .description('bring an export into this checkout; what is here already stays, and no value is printed')
    .argument('<env>', 'environment that it is of')
    .argument('<file>', 'the export, or - for standard input')
    .requiredOption('--identity <file>', 'key file of age that opens it, or - for standard input')
    .option('--replace', 'put its values in the place of others that are here; a state is never replaced')
    .option('--dry-run', 'say by name what would change, and change nothing')
    .addHelpText(
      'after',
      '\nExample:\n  ./cogni settings import preview preview.age --identity key.txt --dry-run\n',
    )
    .action(async (name: string, file: string, given: ImportAsked, command: Command) => {
      const { importSettings, importText } = await import('../import-settings.js');
      const { printResult } = await import('../output.js');
      const result = await importSettings(name, file, given);
      printResult(outputOptions(command), result, importText(name, result, given.dryRun ?? false));
    });
}
