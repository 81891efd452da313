import { Command } from 'commander';
import { registerAnnounce } from './commands/announce';
import { registerApply } from './commands/apply';
import { registerArtifact } from './commands/artifact';
import { registerChange } from './commands/change';
import { registerComment } from './commands/comment';
import { registerBackup } from './commands/backup';
import { registerCompose } from './commands/compose';
import { registerDeploy } from './commands/deploy';
import { registerDrift } from './commands/drift';
import { registerDriftIssue } from './commands/drift-issue';
import { registerDrill } from './commands/drill';
import { registerEdge } from './commands/edge';
import { registerHost } from './commands/host';
import { registerImages } from './commands/images';
import { registerJournal } from './commands/journal';
import { registerLock } from './commands/lock';
import { registerLogs } from './commands/logs';
import { registerMaintenance } from './commands/maintenance';
import { registerPlan } from './commands/plan';
import { registerProviders } from './commands/providers';
import { registerReceiver } from './commands/receiver';
import { registerRebuild } from './commands/rebuild';
import { registerRender } from './commands/render';
import { registerRestore } from './commands/restore';
import { registerReview } from './commands/review';
import { registerRollback } from './commands/rollback';
import { registerSandbox } from './commands/sandbox';
import { registerSettings } from './commands/settings';
import { registerSourcecred } from './commands/sourcecred';
import { registerStatus } from './commands/status';
import { registerTest } from './commands/test';
import { registerVerify } from './commands/verify';
import { registerWatch } from './commands/watch';

/**
 * All words of the command line. Every command's file only declares its words and loads the code behind them when it runs, so
 * that `--help` answers at once.
 */
export function cogniProgram(): Command {
  const program = new Command('cogni')
    .description('Provision, bootstrap, deploy and recover a small AI application on rented VMs.')
    .option('--json', 'one JSON document on standard output, progress as JSON lines on standard error')
    .option('--version', 'version of this program, and the commit of its checkout')
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
    registerArtifact,
    registerDeploy,
    registerDrill,
    registerVerify,
    registerRollback,
    registerBackup,
    registerReceiver,
    registerRestore,
    registerRebuild,
    registerStatus,
    registerDrift,
    registerWatch,
    registerLogs,
    registerLock,
    registerJournal,
    registerMaintenance,
    registerEdge,
    registerImages,
    registerSourcecred,
    registerProviders,
    registerCompose,
    registerPlan,
    registerApply,
    registerReview,
    registerComment,
    registerDriftIssue,
    registerChange,
    registerAnnounce,
  ]) {
    register(program);
  }
  // Every command has --help; a second way to it would be a command of its own in each group.
  for (const group of program.commands) group.helpCommand(false);
  return program;
}
