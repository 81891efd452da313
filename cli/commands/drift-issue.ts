import type { Command } from 'commander';
import { outputOptions } from '../output-options';

interface Given {
  readonly results: string;
  readonly repository?: string;
  readonly author?: string;
}

export function registerDriftIssue(program: Command): void {
  program
    .command('drift-issue')
    .description(
      'keep one issue about drift: opened, renewed and closed by what the looks of a workflow found',
    )
    .argument('<folder>', 'reports of ./cogni drift --report')
    .requiredOption('--results <json>', 'how the jobs that looked have ended: toJSON(needs) of the workflow')
    .option('--repository <owner/name>', 'repository at GitHub (otherwise GITHUB_REPOSITORY)')
    .option('--author <login>', 'account whose issue is kept (otherwise github-actions[bot])')
    .addHelpText(
      'after',
      `\nExample:\n  ./cogni drift-issue drift --results '{"host-preview":{"result":"success"}}'\n`,
    )
    .action(async (folder: string, given: Given, command: Command) => {
      const { keepDriftIssue } = await import('../drift-issue.js');
      const { printResult } = await import('../output.js');
      const { issue, why } = await keepDriftIssue({ folder, ...given });
      printResult(outputOptions(command), { issue, why }, `the issue: ${issue} (${why})`);
    });
}
