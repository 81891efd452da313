import type { Command } from 'commander';
import type { ReleaseOptions } from '../carry-out-release';
import { minutes } from '../minutes';
import { outputOptions } from '../output-options';
import { summaryOption } from '../summary-option';

interface Given extends ReleaseOptions {
  readonly imageTag: string;
  readonly settings?: string;
  readonly acceptMovedTag?: readonly string[];
  readonly allowBreakingMigration?: boolean;
  readonly withoutBackup?: boolean;
  readonly restartDatabase?: boolean;
  readonly anew?: boolean;
  /** Milliseconds. */
  readonly migrationLimit?: number;
}

export function registerDeploy(program: Command): void {
  program
    .command('deploy')
    .description('bring a release to the host by digest, and prove it from outside')
    .argument('<env>', 'environment')
    .requiredOption(
      '--image-tag <tag>',
      'which build: <prefix>-<sha>; its migrator has the same with -migrate',
    )
    .option(
      '--settings <file>',
      'file with settings, - for standard input (otherwise .cogni/<env>/settings.env and the environment)',
    )
    .option(
      '--accept-moved-tag <digest>',
      'let the tag mean this image now, although the host has recorded another one; may be repeated',
      (digest: string, before: readonly string[] | undefined) => [...(before ?? []), digest],
    )
    .option(
      '--allow-breaking-migration',
      'let migrations run that the version that serves cannot survive; a rollback across them asks again',
    )
    .option('--without-backup', 'do so although no fresh backup of the database was verified')
    .option(
      '--restart-database',
      'make the container of the database anew, from the image and configuration of this release; requests to it fail meanwhile',
    )
    .option(
      '--anew',
      'also when the host serves exactly this already: converge the roles of the database, and start the application anew beside what serves',
    )
    .option(
      '--migration-limit <minutes>',
      'how long the migrations may take; then they are ended, and the deploy is taken back (otherwise 15)',
      minutes,
    )
    .option('--timeline <file>', 'write a picture (SVG) of where the time went, also when it fails')
    .addOption(summaryOption())
    .option('--dry-run', 'print the steps, with every remote command, and change nothing')
    .addHelpText('after', '\nExample:\n  ./cogni deploy preview --image-tag preview-1a2b3c4 --dry-run\n')
    .action(async (name: string, given: Given, command: Command) => {
      const { deployRelease, planRelease } = await import('../../deploy/index.js');
      const { carryOutRelease } = await import('../carry-out-release.js');
      const { deployRequest } = await import('../deploy-request.js');
      const request = {
        ...(await deployRequest(name, given.imageTag, given.settings)),
        accept: {
          movedTags: given.acceptMovedTag ?? [],
          breakingMigration: given.allowBreakingMigration ?? false,
          withoutBackup: given.withoutBackup ?? false,
        },
        restartDatabase: given.restartDatabase ?? false,
        anew: given.anew ?? false,
        ...(given.migrationLimit === undefined ? {} : { limits: { migrate: given.migrationLimit } }),
      };
      const asked = given.imageTag;
      await carryOutRelease(
        { command: 'deploy', asked, request, plan: planRelease, carryOut: deployRelease },
        given,
        outputOptions(command),
      );
    });
}
