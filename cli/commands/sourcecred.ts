import type { Command } from 'commander';
import { outputOptions } from '../output-options';

interface ApplyGiven {
  readonly settings?: string;
  readonly dryRun?: boolean;
}

export function registerSourcecred(program: Command): void {
  const sourcecred = program
    .command('sourcecred')
    .description('SourceCred, a project beside the application: bring it to a host, release its image')
    .addHelpText('after', '\nExample:\n  ./cogni sourcecred apply preview --dry-run\n');

  sourcecred
    .command('apply')
    .description(
      "bring SourceCred to the environment's host as rendered; deploys neither wait for it nor hold it up",
    )
    .argument('<env>', 'environment')
    .option(
      '--settings <file>',
      'file with settings, - for standard input (otherwise .cogni/<env>/settings.env and the environment)',
    )
    .option('--dry-run', 'print the steps with every remote command, and change nothing')
    .addHelpText(
      'after',
      '\nExample:\n  ./cogni sourcecred apply preview --dry-run\n\nExit codes: 0 it is what is rendered (or was before), 1 failed and taken back, 3 the record has none, no runner was released or the host has no folder for it, 4 another change of it is under way, 5 failed and could not be taken back.\n',
    )
    .action(async (name: string, given: ApplyGiven, command: Command) => {
      const { applySourcecred, planSourcecredChange } = await import('../../deploy/sourcecred/apply.js');
      const { planJson, planText } = await import('../../deploy/index.js');
      const { cancelledBySignals } = await import('../cancel.js');
      const { printResult, progressOn } = await import('../output.js');
      const { sourcecredRequest, sourcecredText } = await import('../sourcecred-request.js');
      const options = outputOptions(command);
      const adapters = { progress: progressOn(options), signal: cancelledBySignals() };
      const { request, host } = await sourcecredRequest(name, given.settings);
      if (given.dryRun) {
        const plan = await planSourcecredChange(request, host, adapters);
        printResult(options, planJson(plan), planText(plan));
        return;
      }
      const result = await applySourcecred(request, host, adapters);
      printResult(options, result, sourcecredText(name, result));
    });

  sourcecred
    .command('release')
    .description("build, try and push the runner's image, and write its digest into the lock")
    .argument('[tag]', 'sc<version>-node<major>-<date> (otherwise the one of today)')
    .option('--dry-run', 'print the steps with every command, and change nothing')
    .addHelpText(
      'after',
      '\nExample:\n  docker login ghcr.io && ./cogni sourcecred release sc0.11.2-node18-2026-11-21\n',
    )
    .action(async (tag: string | undefined, given: { dryRun?: boolean }, command: Command) => {
      const { planJson, planText } = await import('../../deploy/index.js');
      const { planImageRelease } = await import('../../deploy/image-release/plan.js');
      const { runnerRelease } = await import('../../deploy/image-release/runner.js');
      const { recordedRelease, runnerBuild } = await import('../runner-release.js');
      const { printResult, progressOn } = await import('../output.js');
      const { cancelledBySignals } = await import('../cancel.js');
      const options = outputOptions(command);
      const build = runnerBuild(tag);
      if (given.dryRun) {
        const plan = planImageRelease(runnerRelease(build));
        printResult(options, planJson(plan), planText(plan));
        return;
      }
      const adapters = { progress: progressOn(options), signal: cancelledBySignals() };
      const { lock, file } = await recordedRelease(build, adapters);
      printResult(
        options,
        lock,
        `released ${build.repository}:${build.tag}\nwrote ${file}: review and commit it`,
      );
    });
}
