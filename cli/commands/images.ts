import { join } from 'node:path';
import type { Command } from 'commander';
import { checkout } from '../context';
import { outputOptions } from '../output-options';

export function registerImages(program: Command): void {
  const images = program
    .command('images')
    .description(
      "third-party images: which digest stands for which tag; and the database's, which is made from one of them",
    )
    .addHelpText('after', '\nExample:\n  ./cogni images lock --dry-run\n');
  registerImagesLock(images);
  registerImagesRelease(images);
}

function registerImagesLock(images: Command): void {
  images
    .command('lock')
    .description('ask the registries which digests the tags mean today, and write services/images.lock.json')
    .option('--dry-run', 'ask the registries, say which digests would change, and write nothing')
    .addHelpText(
      'after',
      '\nExample:\n  ./cogni images lock --dry-run\n  ./cogni images lock && git diff services/images.lock.json\n',
    )
    .action(async ({ dryRun = false }: { dryRun?: boolean }, command: Command) => {
      const { committedImageLock, resolveImages } = await import('../../services/index.js');
      const { writeAtomically } = await import('../../foundation/files.js');
      const { lockImages } = await import('../lock-images.js');
      const { printResult } = await import('../output.js');
      const before = committedImageLock();
      const after = await resolveImages(before, fetch);
      const file = join('services', 'images.lock.json');
      const { document, text } = lockImages({
        before,
        after,
        file,
        dryRun,
        write: (content) => writeAtomically(join(checkout, file), content),
      });
      printResult(outputOptions(command), document, text);
    });
}

interface ReleaseGiven {
  readonly tag?: string;
  readonly since?: string;
  readonly summary?: string;
  readonly dryRun?: boolean;
}

function registerImagesRelease(images: Command): void {
  images
    .command('release')
    .description('build, try and push the image of a database that is archived: PostgreSQL with pgBackRest')
    .option(
      '--tag <tag>',
      '<major>-pgbackrest<version>-<date>, with .2 behind it for another one of that day (otherwise the one of today)',
    )
    .option('--since <commit>', 'only where something of what it is made of is otherwise than in this commit')
    .option(
      '--summary <file>',
      "also append its digest to this file: $GITHUB_STEP_SUMMARY of a workflow's step",
    )
    .option('--dry-run', 'print the steps with every command, and change nothing')
    .addHelpText(
      'after',
      [
        '',
        'Nothing that runs gets it by that: hosts run the digest that their record names (docs/backup.md, "The image").',
        '',
        'Example:',
        '  docker login ghcr.io && ./cogni images release --tag 15-pgbackrest2.45-20261123',
        '',
        'Exit codes: 0 released, or nothing has changed since, 1 failed, 2 the tag is not true, 3 docker is not logged in, the tag is taken, or the official image has no digest yet.',
        '',
      ].join('\n'),
    )
    .action(async (given: ReleaseGiven, command: Command) => {
      const { databaseBuild, databaseImageChanged, releaseDatabaseImage } =
        await import('../database-image.js');
      const { printResult, progressOn } = await import('../output.js');
      const options = outputOptions(command);
      if (given.since !== undefined && !(await databaseImageChanged(given.since))) {
        printResult(
          options,
          { unchangedSince: given.since },
          `nothing that the image is made of has changed since ${given.since}: nothing was released`,
        );
        return;
      }
      const build = databaseBuild(given.tag);
      if (given.dryRun) {
        const { planJson, planText } = await import('../../deploy/index.js');
        const { databaseRelease } = await import('../../deploy/image-release/database.js');
        const { planImageRelease } = await import('../../deploy/image-release/plan.js');
        const plan = planImageRelease(databaseRelease(build));
        printResult(options, planJson(plan), planText(plan));
        return;
      }
      const { cancelledBySignals } = await import('../cancel.js');
      const { keepSummary } = await import('../step-summary.js');
      const adapters = { progress: progressOn(options), signal: cancelledBySignals() };
      const { released, text } = await releaseDatabaseImage(build, adapters);
      keepSummary(given.summary, 'Image of the database', text);
      printResult(options, released, text);
    });
}
