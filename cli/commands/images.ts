import { join } from 'node:path';
import type { Command } from 'commander';
import { checkout } from '../context';
import { outputOptions } from '../output-options';

export function registerImages(program: Command): void {
  const images = program
    .command('images')
    .description('the lock of third-party images: which digest stands for which tag')
    .addHelpText('after', '\nExample:\n  ./cogni images lock --dry-run\n');

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
