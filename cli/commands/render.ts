import type { Command } from 'commander';
import { outputOptions } from '../output-options';

export function registerRender(program: Command): void {
  program
    .command('render')
    .description('every file that would reach the host, and a manifest with hashes')
    .argument('<env>', 'environment')
    .option('--out <folder>', 'where to write it', 'rendered')
    .addHelpText('after', '\nExample:\n  ./cogni render preview --out /tmp/preview\n')
    .action(async (name: string, given: { out: string }, command: Command) => {
      const { renderEnvironment, writeRendered } = await import('../render-environment.js');
      const { findEnvironment } = await import('../../stacks/here.js');
      const { printResult } = await import('../output.js');
      const files = renderEnvironment(findEnvironment(name));
      const manifest = writeRendered(given.out, files);
      printResult(
        outputOptions(command),
        manifest,
        manifest.files
          .map(({ path, sha256, bytes }) => `${sha256.slice(0, 12)}  ${String(bytes).padStart(6)}  ${path}`)
          .join('\n'),
      );
    });
}
