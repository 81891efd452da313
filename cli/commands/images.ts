import { join } from 'node:path';
import type { Command } from 'commander';
import { checkout } from '../context';
import { outputOptions } from '../output-options';

export function registerImages(program: Command): void {
  program
    .command('images')
    .description('the lock of third-party images: which digest stands for which tag')
    .command('lock')
    .description('ask the registries which digests the tags mean today, and write services/images.lock.json')
    .addHelpText('after', '\nExample:\n  ./cogni images lock && git diff services/images.lock.json\n')
    .action(async (_options: object, command: Command) => {
      const { committedImageLock, renderImageLock, resolveImages } = await import('../../services/index.js');
      const { writeAtomically } = await import('../../foundation/files.js');
      const { printResult } = await import('../output.js');
      const lock = await resolveImages(committedImageLock(), fetch);
      const file = join('services', 'images.lock.json');
      writeAtomically(join(checkout, file), renderImageLock(lock));
      printResult(outputOptions(command), lock, `wrote ${file}: review and commit it`);
    });
}
