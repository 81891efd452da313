import { Command, CommanderError } from 'commander';
import { ExitCode } from '../foundation/failure';
import { registerDeploy } from './commands/deploy';
import { registerHost } from './commands/host';
import { registerImages } from './commands/images';
import { registerProviders } from './commands/providers';
import { registerRender } from './commands/render';
import { registerSandbox } from './commands/sandbox';
import { registerSettings } from './commands/settings';
import { registerTest } from './commands/test';
import { reportThrown } from './output';

/**
 * The `cogni` command. Every command's file only declares its words and loads the code behind them when it runs, so
 * that `--help` answers at once.
 */
async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('cogni')
    .description('Provision, bootstrap, deploy and recover a small AI application on rented VMs.')
    .option('--json', 'one JSON document on standard output, progress as JSON lines on standard error')
    .configureHelp({ showGlobalOptions: true })
    .helpCommand(false)
    .showHelpAfterError('(run it with --help to see what is allowed)')
    .exitOverride()
    .addHelpText('after', '\nTry it on this machine, without any account:\n  ./cogni sandbox demo\n');
  for (const register of [
    registerSandbox,
    registerTest,
    registerRender,
    registerSettings,
    registerHost,
    registerDeploy,
    registerImages,
    registerProviders,
  ]) {
    register(program);
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return Number(process.exitCode ?? ExitCode.done);
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? ExitCode.done : ExitCode.usage;
    return reportThrown(thrown, { json: program.opts<{ json?: boolean }>().json ?? false });
  }
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
