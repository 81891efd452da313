import type { Command } from 'commander';
import { outputOptions } from '../output-options';
import type { ReviewRequest } from '../review-file';

export function registerReview(program: Command): void {
  program
    .command('review')
    .description('what a Terraform plan will really do, worst first: a disk that is wiped in place, too')
    .argument('<plan.json>', 'plan in JSON (terraform show -json <planfile>), - for standard input')
    .option('--diagnostics <file>', "messages of 'terraform plan -json': the only place for its warnings")
    .option('--env <env>', 'environment: names the report, and keeps the secrets out that are known here')
    .option('--commit <sha>', 'commit that was planned')
    .option('--state-serial <number>', 'serial of the state that was planned against')
    .option('--state-lineage <id>', 'lineage of that state')
    .option('--hosts <file>', 'what is known of hosts, as JSON: volumes, databases, newest verified backup')
    .option('--ask-host', 'ask the host of --env what would change on it: containers, images, files, …')
    .option(
      '--provider-version <name=version>',
      'version of a provider that the plan does not state; may be given again',
      (each: string, all: readonly string[]) => [...all, each],
      [],
    )
    .option('--comment <file>', 'also write the comment for a pull request')
    .option(
      '--summary <file>',
      "also append the report to this file: $GITHUB_STEP_SUMMARY of a workflow's step",
    )
    .addHelpText(
      'after',
      [
        '',
        'Exits with 0 when the plan changes nothing, 10 when it is safe, 11 when it needs a review, 12 when it destroys or fails;',
        '1 when the plan cannot be read, 2 when the command is wrong. No code of a failure is one of a verdict.',
        '',
        'Example:',
        '  ./cogni review plan.json --diagnostics messages.jsonl --env production',
        'with files that were made by:',
        '  terraform plan -json -out=plan.bin > messages.jsonl && terraform show -json plan.bin > plan.json',
        '',
      ].join('\n'),
    )
    .action(async (file: string, given: ReviewRequest, command: Command) => {
      const { reviewFile } = await import('../review-file.js');
      const { printResult } = await import('../output.js');
      const runtimes = given.askHost
        ? await (await import('../ask-host.js')).askedRuntimes(given.env)
        : undefined;
      const known =
        given.env === undefined
          ? undefined
          : (await import('../known-secrets.js')).withoutKnownSecrets(given.env, undefined);
      const { document, text, exitCode } = reviewFile(file, given, { known, runtimes });
      const options = outputOptions(command);
      // Each takes its time: only the one that is printed is made.
      printResult(options, options.json ? document() : undefined, options.json ? '' : text());
      process.exitCode = exitCode;
    });
}
