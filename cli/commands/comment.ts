import { InvalidArgumentError, type Command } from 'commander';
import type { ReportPlace } from '../keep-report';
import { outputOptions } from '../output-options';

/** @throws InvalidArgumentError */
function number(text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`"${text}" is not the number of a pull request.`);
}

interface Given extends ReportPlace {
  readonly repository?: string;
}

export function registerComment(program: Command): void {
  program
    .command('comment')
    .description('keep one comment of ours on a pull request: the report of a plan, renewed with each commit')
    .argument('<file>', 'what ./cogni plan --comment has written; its first line tells which comment it is')
    .requiredOption('--pull-request <number>', 'pull request that gets it', number)
    .option('--repository <owner/name>', 'repository at GitHub (otherwise GITHUB_REPOSITORY)')
    .option('--author <login>', 'account whose comment is renewed (otherwise github-actions[bot])')
    .option('--stack <name>', 'where there is no such file: say so in the place of the report of this stack')
    .addHelpText('after', '\nExample:\n  ./cogni comment comment.md --pull-request 12\n')
    .action(async (file: string, given: Given, command: Command) => {
      const { githubHere } = await import('../github-here.js');
      const { keepReport } = await import('../keep-report.js');
      const { printResult } = await import('../output.js');
      const comment = await keepReport(file, given, () => githubHere(given.repository));
      printResult(
        outputOptions(command),
        { comment },
        `the comment was ${comment === 'same' ? 'the same' : comment}`,
      );
    });
}
