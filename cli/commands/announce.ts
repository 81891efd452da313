import type { Command } from 'commander';
import { outputOptions } from '../output-options';

export function registerAnnounce(program: Command): void {
  program
    .command('announce')
    .description("tell the team of the release that is checked out: its changelog, to the chat's webhook")
    .argument('<env>', 'environment that it is for')
    .option('--dry-run', 'post nothing: print what would be posted')
    .addHelpText(
      'after',
      [
        '',
        'The address of the webhook is the secret TEAM_WEBHOOK_URL.',
        '',
        'Example:',
        '  ./cogni announce production --dry-run',
        '',
      ].join('\n'),
    )
    .action(async (name: string, given: { readonly dryRun?: boolean }, command: Command) => {
      const { announceRelease } = await import('../announce-release.js');
      const { printResult } = await import('../output.js');
      const announced = await announceRelease(name, given);
      const { version, body, tries } = announced;
      printResult(
        outputOptions(command),
        announced,
        tries === 0 ? body : `the team was told of ${version} (tries: ${tries})`,
      );
    });
}
