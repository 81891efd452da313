import type { Command } from 'commander';
import { outputOptions } from '../output-options';

export function registerSourcecred(program: Command): void {
  const sourcecred = program
    .command('sourcecred')
    .description('SourceCred: the image that it runs in')
    .addHelpText('after', '\nExample:\n  ./cogni sourcecred release --dry-run\n');

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
      const { planRunnerRelease } = await import('../../deploy/runner-release/plan.js');
      const { recordedRelease, runnerBuild } = await import('../runner-release.js');
      const { printResult, progressOn } = await import('../output.js');
      const { cancelledBySignals } = await import('../cancel.js');
      const options = outputOptions(command);
      const build = await runnerBuild(tag);
      if (given.dryRun) {
        const plan = planRunnerRelease(build);
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
