import { InvalidArgumentError, type Command } from 'commander';
import { outputOptions } from '../output-options';

interface Given {
  readonly pullRequest: number;
  readonly repository?: string;
  readonly author?: string;
}

/** @throws InvalidArgumentError */
function number(text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`"${text}" is not the number of a pull request.`);
}

export function registerComment(program: Command): void {
  program
    .command('comment')
    .description('keep one comment of ours on a pull request: the report of a plan, renewed with each commit')
    .argument('<file>', 'what ./cogni plan --comment has written; its first line tells which comment it is')
    .requiredOption('--pull-request <number>', 'pull request that gets it', number)
    .option('--repository <owner/name>', 'repository at GitHub (otherwise GITHUB_REPOSITORY)')
    .option('--author <login>', 'account whose comment is renewed (otherwise github-actions[bot])')
    .addHelpText('after', '\nExample:\n  ./cogni comment comment.md --pull-request 12\n')
    .action(async (file: string, given: Given, command: Command) => {
      const { Failure } = await import('../../foundation/failure.js');
      const { tryReadFile } = await import('../../foundation/files.js');
      const { githubHere } = await import('../github-here.js');
      const { keepComment } = await import('../../workflows/index.js');
      const { printResult } = await import('../output.js');
      const body = tryReadFile(file);
      if (body === undefined) {
        throw new Failure({ what: `there is no file ${file}`, next: './cogni plan <env> --comment <file>' });
      }
      const comment = await keepComment(await githubHere(given.repository), {
        pull: given.pullRequest,
        body,
        ...(given.author === undefined ? {} : { author: given.author }),
      });
      printResult(
        outputOptions(command),
        { comment },
        `the comment was ${comment === 'same' ? 'the same' : comment}`,
      );
    });
}
