import type { Command } from 'commander';
import { outputOptions } from '../output-options';

export function registerSettings(program: Command): void {
  const settings = program
    .command('settings')
    .description('the settings catalogue: what there is, what is missing')
    .addHelpText('after', '\nExample:\n  ./cogni settings check preview\n');

  settings
    .command('list')
    .description('every setting, with its kind, scope and meaning')
    .addHelpText('after', '\nExample:\n  ./cogni settings list --json\n')
    .action(async (_options: object, command: Command) => {
      const { declarationOf, settingNames } = await import('../../services/index.js');
      const { printResult } = await import('../output.js');
      const rows = settingNames.map((name) => {
        const { kind, required, scope, description, consumers } = declarationOf(name);
        return { name, kind, required, scope, description, consumers };
      });
      const width = Math.max(...rows.map(({ name }) => name.length));
      printResult(
        outputOptions(command),
        rows,
        rows
          .map(
            (row) =>
              `${row.name.padEnd(width)}  ${row.kind.padEnd(6)}  ${row.required ? 'required' : 'optional'}  ${row.description}`,
          )
          .join('\n'),
      );
    });

  settings
    .command('check')
    .description('say everything that is missing, empty or malformed, without printing a value')
    .argument('<env>', 'environment')
    .option('--settings <file>', 'file with settings, - for standard input')
    .addHelpText('after', '\nExample:\n  ./cogni settings check preview --settings preview.env\n')
    .action(async (name: string, given: { settings?: string }, command: Command) => {
      const { readSettings } = await import('../../services/index.js');
      const { findEnvironment } = await import('../../stacks/here.js');
      const { settingsSource } = await import('../settings-source.js');
      const { printResult } = await import('../output.js');
      const { domain } = findEnvironment(name);
      const read = readSettings({ ...settingsSource(name, given.settings), DOMAIN: domain }, 'deploy');
      const names = read.entries().map(([each]) => each);
      printResult(
        outputOptions(command),
        { complete: names },
        `the settings of ${name} are complete: ${names.join(', ')}`,
      );
    });

  settings
    .command('generate')
    .description(
      'make what can be made (passwords, keys) in .cogni/<env>/settings.env; never replaces a value',
    )
    .argument('<env>', 'environment')
    .addHelpText('after', '\nExample:\n  ./cogni settings generate preview\n')
    .action(async (name: string, _options: object, command: Command) => {
      const { generateMissing } = await import('../generate-settings.js');
      const { printResult } = await import('../output.js');
      const { file, made } = generateMissing(name);
      printResult(
        outputOptions(command),
        { file, made },
        made.length > 0 ? `made ${made.join(', ')} in ${file}` : `nothing to make: ${file} has all of it`,
      );
    });
}
