import type { Command } from 'commander';
import type { ChangeAsked } from '../check-change';
import { outputOptions } from '../output-options';

export function registerChange(program: Command): void {
  const change = program
    .command('change')
    .description('what is asked of a change besides its tests: its document, and the release checklist')
    .addHelpText('after', '\nExample:\n  ./cogni change documents --base main\n');
  registerDocuments(change);
  registerRelease(change);
}

const against = (command: Command): Command =>
  command
    .requiredOption('--base <commit>', 'commit that the change is held against')
    .option(
      '--summary <file>',
      "also append the report to this file: $GITHUB_STEP_SUMMARY of a workflow's step",
    );

function registerDocuments(change: Command): void {
  against(
    change
      .command('documents')
      .description('whether a change to how deployments behave changes its page in docs/ too')
      .option('--head <commit>', 'commit that the change ends with', 'HEAD'),
  )
    .addHelpText(
      'after',
      [
        '',
        'Where no page is concerned, a commit of the change says so, and why:',
        '  No-document: edge: only the name of a function',
        '',
        'Exits with 3 when a page is missing.',
        '',
        'Example:',
        '  ./cogni change documents --base main',
        '',
      ].join('\n'),
    )
    .action(async (given: ChangeAsked & { readonly head: string }, command: Command) => {
      const { checkDocuments } = await import('../check-change.js');
      const { printResult } = await import('../output.js');
      const { result, text } = await checkDocuments(given);
      printResult(outputOptions(command), result, text);
    });
}

function registerRelease(change: Command): void {
  against(
    change
      .command('release')
      .description(
        'the release checklist of the commit that is checked out: version, changelog, .env.example',
      ),
  )
    .addHelpText(
      'after',
      '\nExits with 3 when a point is not done.\n\nExample:\n  ./cogni change release --base main\n',
    )
    .action(async (given: ChangeAsked, command: Command) => {
      const { checkRelease } = await import('../check-change.js');
      const { printResult } = await import('../output.js');
      const { result, text } = await checkRelease(given);
      printResult(outputOptions(command), result, text);
    });
}
