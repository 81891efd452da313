import type { Command } from 'commander';
import type { ReleaseOptions } from '../carry-out-release';
import { outputOptions } from '../output-options';
import { summaryOption } from '../summary-option';

interface Given extends ReleaseOptions {
  readonly to?: string;
  readonly settings?: string;
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
    .addOption(summaryOption())
    .option('--dry-run', 'print the steps, with every remote command, and change nothing')
    .addHelpText('after', '\nExample:\n  ./cogni rollback preview --dry-run\n')
    .action(async (name: string, given: Given, command: Command) => {
      const { planRollback, rollBack } = await import('../../deploy/index.js');
      const { carryOutRelease } = await import('../carry-out-release.js');
      const { releaseRequest } = await import('../deploy-request.js');
      const { to } = given;
      const request = {
        ...(await releaseRequest(name, given.settings)),
        ...(to === undefined ? {} : { to }),
        accept: { breakingMigration: given.allowBreakingMigration ?? false },
      };
      const asked = to === undefined ? {} : { asked: to };
      await carryOutRelease(
        { command: 'rollback', ...asked, request, plan: planRollback, carryOut: rollBack },
        given,
        outputOptions(command),
      );
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
        const recorded = await readReleases(transport, name);
        printResult(outputOptions(command), recorded, releasesText(recorded, name));
      } finally {
        await transport.close();
      }
    });
}
