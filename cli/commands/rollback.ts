import type { Command } from 'commander';
import type { Timeline } from '../../deploy';
import { outputOptions } from '../output-options';

interface Given {
  readonly to?: string;
  readonly settings?: string;
  readonly timeline?: string;
  readonly dryRun?: boolean;
  readonly allowBreakingMigration?: boolean;
}

export function registerRollback(program: Command): void {
  program
    .command('rollback')
    .description('go back to a release that the host has recorded, in one switch; runs no migration')
    .argument('<env>', 'environment')
    .option('--to <release>', 'its id or tag, as "releases" lists them (otherwise the one before)')
    .option(
      '--settings <file>',
      'file with settings, - for standard input (otherwise .cogni/<env>/settings.env and the environment)',
    )
    .option(
      '--allow-breaking-migration',
      'go back although a migration has run since that the version before could not survive',
    )
    .option('--timeline <file>', 'write a picture (SVG) of where the time went, also when it fails')
    .option('--dry-run', 'print the steps, with every remote command, and change nothing')
    .addHelpText('after', '\nExample:\n  ./cogni rollback preview --dry-run\n')
    .action(async (name: string, given: Given, command: Command) => {
      const { planJson, planRollback, planText, rollBack } = await import('../../deploy/index.js');
      const { releaseRequest } = await import('../deploy-request.js');
      const { printResult, progressOn } = await import('../output.js');
      const { deployedText } = await import('../deployed-text.js');
      const { betweenHooks, hooksText } = await import('../../deploy/hooks.js');
      const { findEnvironment } = await import('../../stacks/here.js');
      const { showTimeline } = await import('../show-timeline.js');
      const { cancelledBySignals } = await import('../cancel.js');
      const options = outputOptions(command);
      const { hooks = {} } = findEnvironment(name);
      const progress = progressOn(options);
      const adapters = {
        progress,
        signal: cancelledBySignals(),
        onTimeline: (timeline: Timeline) => showTimeline(timeline, options, progress, given.timeline),
      };
      const request = {
        ...(await releaseRequest(name, given.settings)),
        ...(given.to === undefined ? {} : { to: given.to }),
        accept: { breakingMigration: given.allowBreakingMigration ?? false },
      };
      if (given.dryRun) {
        const plan = await planRollback(request, adapters);
        printResult(options, { ...Object(planJson(plan)), hooks }, planText(plan) + hooksText(hooks));
        return;
      }
      const { environment, domain, by } = request;
      const asked = given.to;
      const facts = {
        command: 'rollback',
        environment,
        domain,
        by,
        ...(asked === undefined ? {} : { asked }),
      } as const;
      const result = await betweenHooks(hooks, facts, adapters, (onPlanned) =>
        rollBack(request, { ...adapters, onPlanned }),
      );
      printResult(options, result, deployedText(result));
    });

  program
    .command('releases')
    .description('what was deployed to a host, and what can be gone back to')
    .argument('<env>', 'environment')
    .addHelpText('after', '\nExample:\n  ./cogni releases preview\n')
    .action(async (name: string, _given: object, command: Command) => {
      const { readReleases } = await import('../../deploy/index.js');
      const { connect } = await import('../../deploy/ssh.js');
      const { findEnvironment } = await import('../../stacks/here.js');
      const { findHost } = await import('../host-access.js');
      const { printResult } = await import('../output.js');
      const { releasesText } = await import('../releases-text.js');
      const transport = await connect(await findHost(findEnvironment(name)));
      try {
        const releases = await readReleases(transport, name);
        printResult(outputOptions(command), { releases }, releasesText(releases, name));
      } finally {
        await transport.close();
      }
    });
}
