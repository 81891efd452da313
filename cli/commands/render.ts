import { join } from 'node:path';
import type { Command } from 'commander';
import { outputOptions } from '../output-options';

interface Given {
  readonly out?: string;
  readonly enroll?: boolean;
  readonly diff?: boolean;
  readonly against?: string;
  readonly exitCode?: boolean;
}

/** With `--exit-code`: it differs. None of the codes of a failure, so that the two are never mistaken. */
const differs = 10;

export function registerRender(program: Command): void {
  program
    .command('render')
    .description('every file that would reach the host, and a manifest with hashes')
    .argument('<env>', 'environment')
    .option('--out <folder>', 'where to write it (otherwise ./rendered/<env>)')
    .option(
      '--enroll',
      'also write .cogni/<env>/user-data.yaml, for one new machine: with the token that proves its key',
    )
    .option('--diff', 'write nothing: compare it with what the host has and runs, secrets masked')
    .option('--against <folder>', 'with --diff: compare with an earlier render instead of the host')
    .option('--exit-code', `with --diff: end with ${differs} where it differs (0: the same)`)
    .addHelpText(
      'after',
      [
        '',
        'Examples:',
        '  ./cogni render preview --out /tmp/preview',
        '  ./cogni render preview --enroll',
        '  ./cogni render preview --diff --exit-code',
        '  ./cogni render preview --diff --against /tmp/preview',
        '',
      ].join('\n'),
    )
    .action(async (name: string, given: Given, command: Command) => {
      const { diffEnvironment, renderTo, requireFitting } = await import('../render-flow.js');
      const { printResult } = await import('../output.js');
      const options = outputOptions(command);
      requireFitting(given);
      if (!given.diff) {
        const { result, text } = await renderTo(name, given.out ?? join('rendered', name), given);
        printResult(options, result, text);
        return;
      }
      const { result, text } = await diffEnvironment(name, given.against);
      printResult(options, result, text);
      if (given.exitCode && !result.same) process.exitCode = differs;
    });
}
